package paper

import (
	"slices"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// em is the size texts are shaped at; widths and heights of lines are in these
// units, whatever size they are drawn at.
const em = 1000

// latinInUrdu is the size of Latin words in an Urdu text: at one size they would
// stand out.
var latinInUrdu = fixed.I(em * 7 / 8)

// ellipsis ends a text that was cut.
const ellipsis = "…"

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

// shape cleans and shapes a text, in runs of one direction, script and font. It is read
// from the side from which its first letter is, as on pages. Errors: ErrFont.
func (s *setter) shape(text string, w weight) (*paragraph, error) {
	text, cut := clean(text)
	p := &paragraph{cut: cut, rightToLeft: rightToLeft(text)}
	p.runes = []rune(text)
	choose := &chooser{setter: s, weight: w}
	input := shaping.Input{
		Text: p.runes, RunEnd: len(p.runes), Direction: p.direction(),
		Size: fixed.I(em), Language: "ur", // where the script leaves the choice
	}
	if text == "" {
		return p, nil
	}
	for _, run := range s.split.Split(input, choose) {
		switch {
		case s.isUrdu(run.Face):
			p.urdu = true
		case p.rightToLeft:
			run.Size = latinInUrdu
		}
		p.runs = append(p.runs, s.shaper.Shape(run))
	}
	if choose.missing {
		return nil, ErrFont
	}
	p.ellipsis = s.shaper.Shape(shaping.Input{
		Text: []rune(ellipsis), RunEnd: 1, Direction: p.direction(), Face: s.latin[w],
		Size: fixed.I(em), Script: language.Latin, Language: "en",
	})
	return p, nil
}

func (s *setter) isUrdu(face *font.Face) bool {
	return slices.Contains(s.urdu[:], face)
}

func (p *paragraph) direction() di.Direction {
	if p.rightToLeft {
		return di.DirectionRTL
	}
	return di.DirectionLTR
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
