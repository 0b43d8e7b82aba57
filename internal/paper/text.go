package paper

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
)

// em is the size texts are shaped at; widths and heights of lines are in these
// units, whatever size they are drawn at.
const em = 1000

// latinInUrdu is the size of Latin words in an Urdu text: at one size they would
// stand out.
var latinInUrdu = fixed.I(em * 7 / 8)

// maxRunes caps what is shaped of one text; more than any box shows.
const maxRunes = 2000

// maxMarks caps the combining marks kept on one letter; Urdu needs two.
const maxMarks = 3

// leftToRight is a mark without width that sets the direction of a text.
const leftToRight = "\u200e"

// ellipsis ends a text that was cut.
const ellipsis = "…"

// clean makes a text harmless to set on one paragraph: white space becomes single
// spaces, control and invisible formatting characters go (a direction override
// could show a file number backwards), but those that join Urdu letters stay, heaps
// of combining marks are cut, marks around letters go, and what is not UTF-8 is replaced.
func clean(text string) (_ string, cut bool) {
	var b strings.Builder
	space, marks, runes := false, 0, 0
	for _, r := range text {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			space = b.Len() > 0
			continue
		case r == '\u200c', r == '\u200d': // zero width non-joiner and joiner
		case unicode.Is(unicode.Me, r), unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r), unicode.Is(unicode.Variation_Selector, r):
			continue
		}
		if unicode.Is(unicode.M, r) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		if space {
			b.WriteByte(' ')
			runes++
		}
		space = false
		b.WriteRune(r)
		if runes++; runes >= maxRunes {
			return b.String(), true
		}
	}
	return b.String(), false
}

// rightToLeft reports whether the first letter with a direction runs right to left.
func rightToLeft(text string) bool {
	for _, r := range text {
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// setter shapes texts and wraps them into lines. It is for one goroutine at a time.
type setter struct {
	fonts    *Fonts
	latin    [weights]*font.Face
	urdu     [weights]*font.Face
	shaper   shaping.HarfbuzzShaper
	split    shaping.Segmenter
	wrapper  shaping.LineWrapper
	outlines map[outlineKey][]font.Segment
}

type outlineKey struct {
	face *font.Face
	id   font.GID
}

// borrow returns a setter to be given back after use.
func (f *Fonts) borrow() *setter {
	select {
	case s := <-f.idle:
		return s
	default:
	}
	s := &setter{fonts: f, outlines: map[outlineKey][]font.Segment{}}
	for w := range weights {
		s.latin[w] = font.NewFace(f.latin[w])
		if f.urdu[w] != nil {
			s.urdu[w] = font.NewFace(f.urdu[w])
		}
	}
	s.shaper.SetFontCacheSize(2 * int(weights))
	return s
}

func (f *Fonts) giveBack(s *setter) {
	select {
	case f.idle <- s:
	default:
	}
}

// chooser picks the face of each letter.
type chooser struct {
	*setter
	weight  weight
	script  language.Script
	missing bool // a letter needs an Urdu font that is not there
}

func (c *chooser) SetScript(s language.Script) { c.script = s }

func (c *chooser) ResolveFace(r rune) *font.Face {
	latin, urdu := c.latin[c.weight], c.urdu[c.weight]
	order := [...]*font.Face{latin, urdu}
	if c.script == language.Arabic {
		order = [...]*font.Face{urdu, latin}
	}
	for _, face := range order {
		if face == nil {
			continue
		}
		if _, has := face.NominalGlyph(r); has {
			return face
		}
	}
	c.missing = c.missing || urdu == nil && language.LookupScript(r) == language.Arabic
	return latin
}

// paragraph is a shaped text of any length and no size yet.
type paragraph struct {
	runes       []rune
	rightToLeft bool
	urdu        bool // some of it is set in an Urdu font
	cut         bool // more text followed
	runs        []shaping.Output
	ellipsis    shaping.Output
}

// shape shapes a text in visual runs. With number the text is a file number: it is
// read left to right whatever it is made of. Errors: ErrFont.
func (s *setter) shape(text string, w weight, number bool) (*paragraph, error) {
	text, cut := clean(text)
	p := &paragraph{cut: cut}
	if p.rightToLeft = rightToLeft(text); number && p.rightToLeft {
		text, p.rightToLeft = leftToRight+text, false
	}
	p.runes = []rune(text)
	choose := &chooser{setter: s, weight: w}
	input := shaping.Input{
		Text: p.runes, RunEnd: len(p.runes), Direction: p.direction(),
		Size: fixed.I(em), Language: "ur",
	}
	if utf8.RuneCountInString(text) == 0 {
		return p, nil
	}
	// The shaper must not be used while the segmenter's runs are read: copy them.
	inputs := append([]shaping.Input(nil), s.split.Split(input, choose)...)
	for _, run := range inputs {
		switch {
		case s.isUrdu(run.Face):
			p.urdu = true
		case p.rightToLeft:
			run.Size = latinInUrdu
		}
		p.runs = append(p.runs, s.shaper.Shape(run))
	}
	dots := shaping.Input{
		Text: []rune(ellipsis), RunEnd: 1, Direction: p.direction(), Face: s.latin[w],
		Size: fixed.I(em), Script: language.Latin, Language: "en",
	}
	p.ellipsis = s.shaper.Shape(dots)
	if choose.missing {
		return nil, ErrFont
	}
	return p, nil
}

func (s *setter) isUrdu(face *font.Face) bool {
	return face == s.urdu[regular] || face == s.urdu[bold]
}

func (p *paragraph) direction() di.Direction {
	if p.rightToLeft {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// line is one line of a wrapped paragraph: glyphs from left to right, in units of
// em from the line's left end on its baseline, y down.
type line struct {
	glyphs                 []glyph
	width, ascent, descent float64
	inkLeft, inkRight      float64 // from the left end; may reach over both
}

// ink is the width the line needs.
func (l line) ink() float64 { return max(l.width, l.inkRight) - min(0, l.inkLeft) }

// Ascent and descent kept for a line, in units of em: more where letters reach
// further, never less, so that the lines of a text are evenly apart.
const (
	latinAscent, latinDescent = 0.95 * em, 0.33 * em
	urduAscent, urduDescent   = 1.30 * em, 0.75 * em

	latinHeight = (latinAscent + latinDescent) / em // of a line, in its size
	urduHeight  = (urduAscent + urduDescent) / em
)

// wrap breaks a paragraph into lines whose ink is not wider than width units, as far
// as letters allow it: strokes of Urdu letters reach over the ends of their line.
func (s *setter) wrap(p *paragraph, width float64, most int) []line {
	var lines []line
	room := width
	for range 3 {
		lines = s.wrapAdvance(p, room, most)
		over := 0.0
		for _, l := range lines {
			over = max(over, l.ink()-width)
		}
		if over <= 0 {
			break
		}
		room = max(room-over, width/2)
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
				ink := l.width + units(g.XOffset+g.XBearing)
				l.inkLeft, l.inkRight = min(l.inkLeft, ink), max(l.inkRight, ink+units(g.Width))
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

// outline returns a glyph's outline in font units, empty for a space.
func (s *setter) outline(face *font.Face, id font.GID) []font.Segment {
	key := outlineKey{face, id}
	if outline, ok := s.outlines[key]; ok {
		return outline
	}
	var outline []font.Segment
	if data, ok := face.GlyphData(id).(font.GlyphOutline); ok {
		outline = data.Segments
	}
	s.outlines[key] = outline
	return outline
}

func units(v fixed.Int26_6) float64 { return float64(v) / 64 }
