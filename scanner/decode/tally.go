package decode

import (
	"slices"
	"strings"
)

// linesNeeded is how many agreeing lines of bars are believed. One is enough where
// templates gave it with a margin, it is a Code 128, and the caller's rule accepts it. Of
// such a one templates must give every character the lead in any case: near the resolution
// limit what only edges said, on two lines alike, was another valid label once in 500,000
// codes.
const linesNeeded = 2

// tally counts what was seen on one picture and says what is believed.
type tally struct {
	opt  Options
	size Point // of the picture
	seen []sighting
}

type sighting struct {
	Symbol
	starts   [linesLeast]Point // where its first lines start
	accepted bool
	believed bool
}

func (t *tally) reset(opt Options, size Point) {
	t.opt, t.size = opt, size
	t.seen = t.seen[:0]
}

// add counts a reading of one line; one that was read before, by another step, is no
// more evidence. It reports whether
// its text needs no more of them: it is believed, and where everything is asked for
// there is so much evidence that whoever asked need not doubt it.
func (t *tally) add(s Symbol) bool {
	if s.Format == Code39 && t.part(s) {
		return false
	}
	i := t.find(s)
	if i < 0 {
		i = len(t.seen)
		t.seen = append(t.seen, sighting{Symbol: s, starts: [linesLeast]Point{s.Corners[0]}, accepted: t.opt.Accept(s.Text)})
	} else {
		o := &t.seen[i]
		o.count(s.Corners[0])
		o.Margin = max(o.Margin, s.Margin)
		if s.Format != QR {
			o.Corners = stretched(o.Corners, s.Corners)
		}
	}
	o := &t.seen[i]
	switch label := o.accepted && o.Format == Code128; {
	case o.Format == QR, label && o.Margin >= marginLeast:
		o.believed = true
	default:
		o.believed = o.Lines >= linesNeeded && (!label || o.Margin > 0)
	}
	return o.believed && (!t.opt.All || o.Format == QR || o.Lines >= linesLeast && !t.wantsMargin(s))
}

// part reports whether the picture's edge leaves no quiet beside the digits of a Code 39. It
// has no check character, and some of its characters look like its end where they are cut:
// what is left may be the code of another cover.
func (t *tally) part(s Symbol) bool {
	if strings.Trim(s.Text, "0123456789") != "" || IsLabel(s.Text) {
		return false
	}
	a, b := s.Corners[0], s.Corners[1]
	k := quietZone / float64((len(s.Text)+2)*edgesOf39-1)
	dx, dy := k*(b.X-a.X), k*(b.Y-a.Y)
	inside := func(x, y float64) bool { return x >= 0 && y >= 0 && x <= t.size.X && y <= t.size.Y }
	return !inside(a.X-dx, a.Y-dy) || !inside(b.X+dx, b.Y+dy)
}

// otherLine is how far apart in pixels two lines start at least.
const otherLine = 1

// count counts a line that starts at p, unless it is one of the first few again.
func (o *sighting) count(p Point) {
	for _, q := range o.starts[:min(o.Lines, linesLeast)] {
		if distance(p, q) < otherLine {
			return
		}
	}
	if o.Lines < linesLeast {
		o.starts[o.Lines] = p
	}
	o.Lines++
}

func (t *tally) find(s Symbol) int {
	return slices.IndexFunc(t.seen, func(o sighting) bool { return o.Format == s.Format && o.Text == s.Text })
}

// wantsMargin reports whether a margin would tell more of a text: of a Code 128 that
// counts, or where everything is asked for any, which has none yet that suffices.
func (t *tally) wantsMargin(s Symbol) bool {
	if i := t.find(s); s.Format != Code128 || i >= 0 && t.seen[i].Margin >= marginLeast {
		return false
	}
	return t.opt.All || t.opt.Accept(s.Text)
}

// done reports whether what was asked for has been found: never, when all symbols
// were.
func (t *tally) done() bool {
	return !t.opt.All && slices.ContainsFunc(t.seen, func(o sighting) bool {
		return o.believed && (o.accepted || t.opt.Raw)
	})
}

// none reports whether nothing of these formats is believed yet.
func (t *tally) none(formats ...Format) bool {
	return !slices.ContainsFunc(t.seen, func(o sighting) bool {
		return o.believed && slices.Contains(formats, o.Format)
	})
}

// results returns what counts, and what is believed but does not count.
func (t *tally) results(raw bool) (count, foreign []Symbol) {
	for _, o := range t.seen {
		switch {
		case !o.believed:
		case o.accepted || raw:
			count = append(count, o.Symbol)
			if full, ok := fullASCII(o.Text); raw && ok && o.Format == Code39 {
				o.Text = full
				count = append(count, o.Symbol)
			}
		default:
			foreign = append(foreign, o.Symbol)
		}
	}
	return count, foreign
}

// stretched joins two lines across the same bars to the area between them: a keeps
// its side, b replaces the one nearer to it.
func stretched(a, b [4]Point) [4]Point {
	if a == b {
		return a
	}
	// how far b's line lies from a's top line, downwards from a's baseline
	dx, dy := a[1].X-a[0].X, a[1].Y-a[0].Y
	if dx*(b[1].X-b[0].X)+dy*(b[1].Y-b[0].Y) < 0 { // read from the other side
		b = [4]Point{b[2], b[3], b[0], b[1]}
	}
	depth := func(p Point) float64 { return dx*(p.Y-a[0].Y) - dy*(p.X-a[0].X) }
	if depth(b[0]) < 0 {
		a[0], a[1] = b[0], b[1]
	}
	if depth(b[3]) > depth(a[3]) {
		a[3], a[2] = b[3], b[2]
	}
	return a
}
