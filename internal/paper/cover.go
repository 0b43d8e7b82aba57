package paper

import (
	"fmt"
	"image"
	"slices"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Cover is what is printed and stuck on a paper file. Only Code is needed; what is
// empty is left out.
type Cover struct {
	Code       label.Code
	Number     string // the file number, verbatim
	Subject    string // in English, Urdu or both
	Department custody.Name
	Opened     time.Time
}

// Size is the form a cover is printed in.
type Size string

const (
	Label Size = "label" // A6, 148 x 105 mm: stuck on the file's own cover
	Sheet Size = "a4"    // 210 x 297 mm: the file's front sheet
)

// Sizes lists the forms of a cover.
var Sizes = [...]Size{Label, Sheet}

// Image renders the cover's label at a resolution with the machine's fonts, as a
// camera over the file sees it. Errors: ErrFont, and those of Draw.
func (c Cover) Image(dpi int) (*image.Gray, error) {
	fonts, err := MachineFonts()
	if err != nil {
		return nil, err
	}
	d, err := c.Draw(fonts, Label, dpi)
	if err != nil {
		return nil, err
	}
	return d.Image(), nil
}

// Draw draws the cover for a device of dpi dots per inch. Errors: ErrFont; a code,
// size or resolution that cannot be drawn is named.
func (c Cover) Draw(fonts *Fonts, size Size, dpi int) (*Drawing, error) {
	switch size {
	case Label:
		return draw(fonts, c, box{w: 148, h: 105}, dpi)
	case Sheet:
		return draw(fonts, frontSheet{c}, box{w: 210, h: 297}, dpi)
	}
	return nil, fmt.Errorf("draw cover of %s: no size %q, only %s", c.Code, size, Sizes)
}

// coverLayout is how a cover is laid out on a label: lengths in millimetres, sizes
// of type in points.
type coverLayout struct {
	width, height                 float64 // the least it needs
	margin                        float64
	qr, bar                       float64 // modules
	name, caption, number, opened float64 // heights of the rows beside the upper QR
	names, numbers, subjects      []float64
	captions, digits              float64
}

// coverLayouts are tried in order: the first that fits the label is used.
var coverLayouts = [...]coverLayout{
	{
		width: 140, height: 100, margin: 4, qr: 1, bar: 0.6,
		name: 9.5, caption: 4.5, number: 10, opened: 5,
		names: []float64{12, 11, 10, 9.5, 9, 8}, numbers: []float64{21, 19, 17, 15, 13, 11, 9},
		subjects: []float64{17, 15, 13, 12, 11, 10}, captions: 8, digits: 15,
	},
	{
		width: 95, height: 65, margin: 2, qr: 0.75, bar: 0.5,
		name: 7, caption: 3.6, number: 7, opened: 3.6,
		names: []float64{9, 8, 7, 6}, numbers: []float64{15, 14, 12, 10, 8.5, 7},
		subjects: []float64{11, 10, 9, 8}, captions: 6.5, digits: 11,
	},
}

func (c Cover) code() label.Code { return c.Code }
func (c Cover) kind() string     { return "cover" }

// title is the code and the file number, for the document's properties.
func (c Cover) title() string {
	if number, _ := clean(c.Number); number != "" {
		return c.Code.Format() + "  " + number
	}
	return c.Code.Format()
}

// draw draws the cover on a label. The QR stands in the right top and the left
// bottom corner: the tag goes through a file's left top.
func (c Cover) draw(f *form, b box) {
	i := slices.IndexFunc(coverLayouts[:], func(l coverLayout) bool { return b.w >= l.width && b.h >= l.height })
	if i < 0 {
		f.err = errRoom
		return
	}
	l := coverLayouts[i]
	qr, quiet := f.cornerCodes(c.Code, b, l.margin, l.qr)
	in := b.inset(l.margin + quiet)
	head := in.w - qr + quiet - 2.5
	y := in.y - quiet*0.6
	f.name(box{in.x, y, head, l.name}, c.Department, bold, l.names)
	y += l.name + 0.8
	f.caption(box{in.x, y, head, l.caption}, words.number, l.captions)
	y += l.caption
	f.number(box{in.x, y, head, l.number}, c.Number, l.numbers)
	y += l.number
	f.opened(box{in.x, y, head, l.opened}, c.Opened, l.captions)
	y = max(y+l.opened, b.y+l.margin+qr) + 0.5
	f.fill(in.x, y, in.w, 0.3)
	codes := in.bottom() - qr + 2*quiet
	f.subject(box{in.x, y + 0.5, in.w, codes - quiet - 0.5 - y}, c.Subject, l.captions, l.subjects)
	f.barCode(c.Code, box{in.x, codes, in.w, in.bottom() - codes}, f.module(l.bar), l.digits)
}

// frontSheet is a cover as a file's first page, with lines to write movements by
// hand on days when no station answers.
type frontSheet struct{ Cover }

func (c frontSheet) draw(f *form, b box) {
	const margin = 10.0
	qr, quiet := f.cornerCodes(c.Code, b, margin, 1.5)
	in := b.inset(margin + quiet)
	head := in.w - qr + quiet - 3
	f.name(box{in.x, b.y + 14.5, head, 14}, c.Department, bold, []float64{18, 17, 16, 15, 14, 12})
	f.caption(box{in.x, b.y + 31, head, 5}, words.number, 9)
	f.number(box{in.x, b.y + 36, head, 14}, c.Number, []float64{28, 25, 22, 20, 18, 16, 14, 12})
	f.opened(box{in.x, b.y + 51.5, head, 5}, c.Opened, 9)
	f.fill(in.x, b.y+60, in.w, 0.4)
	f.subject(box{in.x, b.y + 61.5, in.w, 70}, c.Subject, 9, []float64{22, 20, 18, 16, 14, 12})
	codes := in.bottom() - qr + 2*quiet
	f.movements(box{in.x, b.y + 133, in.w, codes - quiet - 2 - b.y - 133}, 9.5)
	f.barCode(c.Code, box{in.x, codes, in.w, in.bottom() - codes}, f.module(0.75), 20)
}
