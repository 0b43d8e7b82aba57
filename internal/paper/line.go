package paper

import (
	"slices"

	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// line is one line of a wrapped paragraph: glyphs from left to right, in units of
// em from the line's left end on its baseline, y down.
type line struct {
	glyphs                 []glyph
	width, ascent, descent float64
	inkLeft, inkRight      float64 // from the left end; may reach over both
	inks                   []ink   // of each glyph
}

// ink is how far a glyph is black, from its line's left end.
type ink struct{ left, right float64 }

// needs is the width the line needs.
func (l line) needs() float64 { return max(l.width, l.inkRight) - min(0, l.inkLeft) }

// Ascent and descent kept for a line, in units of em: more where letters reach
// further, never less, so that the lines of a text are evenly apart.
const (
	latinAscent, latinDescent = 0.95 * em, 0.33 * em
	urduAscent, urduDescent   = 1.30 * em, 0.75 * em
)

// cut drops the glyphs that reach out of width where they are read last. Only signs that no
// word has, one upon another, come to that.
func (l *line) cut(width float64, rightToLeft bool) {
	if l.inkRight-l.inkLeft <= width {
		return
	}
	from, to := l.inkLeft, l.inkLeft+width
	if rightToLeft {
		from, to = l.inkRight-width, l.inkRight
	}
	l.inkLeft, l.inkRight = max(l.inkLeft, from), min(l.inkRight, to)
	kept := l.glyphs[:0]
	for i, g := range l.glyphs {
		if at := l.inks[i]; at.left >= from && at.right <= to {
			kept = append(kept, g)
		}
	}
	l.glyphs, l.inks = kept, nil
}

// wrap breaks a paragraph into lines whose ink is not wider than width units: strokes of
// Urdu letters reach over the ends of their line.
func (s *setter) wrap(p *paragraph, width float64, most int) []line {
	var lines []line
	room := width
	for range 3 {
		lines = s.wrapAdvance(p, room, most)
		over := 0.0
		for _, l := range lines {
			over = max(over, l.needs()-width)
		}
		if over <= 0 {
			break
		}
		room = max(room-over, width/2)
	}
	for i := range lines {
		lines[i].cut(width, p.rightToLeft)
	}
	return lines
}

// wrapAdvance breaks a paragraph into lines not wider than width units; with most above
// zero, into that many at most, the last ended by an ellipsis if text is left over.
func (s *setter) wrapAdvance(p *paragraph, width float64, most int) []line {
	if len(p.runs) == 0 {
		return nil
	}
	// The wrapper takes the width from spaces at line ends in the glyphs given to it.
	runs := slices.Clone(p.runs)
	for i := range runs {
		runs[i].Glyphs = slices.Clone(runs[i].Glyphs)
	}
	wrapped, _ := s.wrapper.WrapParagraph(shaping.WrapConfig{
		Direction: p.direction(), TruncateAfterLines: most, Truncator: p.ellipsis, TextContinues: p.cut,
	}, int(width), p.runes, shaping.NewSliceIterator(runs))
	lines := make([]line, len(wrapped))
	for i, runs := range wrapped {
		lines[i] = s.line(runs, p.urdu)
	}
	return lines
}

// line places the glyphs of a line's runs.
func (s *setter) line(runs shaping.Line, urdu bool) line {
	l := line{ascent: latinAscent, descent: latinDescent}
	if urdu {
		l.ascent, l.descent = urduAscent, urduDescent
	}
	visual := make([]*shaping.Output, len(runs))
	for i := range runs {
		visual[runs[i].VisualIndex] = &runs[i]
	}
	for _, run := range visual {
		l.ascent = max(l.ascent, units(run.GlyphBounds.Ascent))
		l.descent = max(l.descent, -units(run.GlyphBounds.Descent))
		scale := units(run.Size) / float64(run.Face.Upem())
		for _, g := range run.Glyphs {
			if outline := s.outline(run.Face, g.GlyphID); len(outline) > 0 {
				left := l.width + units(g.XOffset+g.XBearing)
				right := left + units(g.Width)
				l.inkLeft, l.inkRight = min(l.inkLeft, left), max(l.inkRight, right)
				l.inks = append(l.inks, ink{left, right})
				l.glyphs = append(l.glyphs, glyph{
					outline: outline, scale: scale,
					x: l.width + units(g.XOffset), y: -units(g.YOffset),
				})
			}
			l.width += units(g.XAdvance)
		}
	}
	return l
}

func units(v fixed.Int26_6) float64 { return float64(v) / 64 }
