package paper

import (
	"fmt"
	"image"
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
// camera over the file sees it. Errors: ErrFont.
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

// Draw draws the cover for a device of dpi dots per inch. The QR stands in the
// right top and the left bottom corner: the left top is where the tag goes through
// a file. Errors: ErrFont, and a code that is none.
func (c Cover) Draw(fonts *Fonts, size Size, dpi int) (*Drawing, error) {
	if _, err := label.Check(string(c.Code)); err != nil {
		return nil, fmt.Errorf("draw cover of %q: %w", c.Code, err)
	}
	s := fonts.borrow()
	defer fonts.giveBack(s)
	var d *Drawing
	var err error
	switch size {
	case Label:
		d, err = c.label(s, dpi)
	case Sheet:
		d, err = c.sheet(s, dpi)
	default:
		err = fmt.Errorf("no cover of size %q, only %s", size, Sizes)
	}
	if err != nil {
		return nil, fmt.Errorf("draw cover of %s: %w", c.Code, err)
	}
	return d, nil
}

func (c Cover) title() string {
	if number, _ := clean(c.Number); number != "" {
		return c.Code.Format() + " " + number
	}
	return c.Code.Format()
}

// label draws the cover as a label of A6.
func (c Cover) label(s *setter, dpi int) (*Drawing, error) {
	d, err := newDrawing(c.title(), 148, 105, dpi)
	if err != nil {
		return nil, err
	}
	f := form{Drawing: d, setter: s}
	const margin = 4.0
	qr := f.cornerCodes(c.Code, margin, 1.0)
	quiet := qr * qrQuiet / (qrModules + 2*qrQuiet)
	x, w := margin+quiet, 148-2*(margin+quiet)
	head := w - qr + quiet - 2
	f.name(box{x, margin + 1.5, head, 13}, c.Department, 12, 10, 8.5)
	f.caption(x, margin+14.5, head, words.number)
	f.number(box{x, margin + 18.5, head, 8.5}, c.Number, 19, 17, 15, 13, 11, 9)
	f.opened(box{x, margin + 27, head, 4}, c.Opened, 8.5)
	f.fill(x, 36.5, w, 0.3)
	f.subject(box{x, 37, w, 105 - margin - qr + quiet - 1 - 37}, c.Subject, 17, 15, 13, 12, 11, 10)
	f.barCode(c.Code, box{x, 105 - margin - qr + quiet, w, qr - 2*quiet}, 0.6, 15)
	return d, f.err
}

// sheet draws the cover as an A4 front sheet, with lines to write movements by hand
// on days when no station answers.
func (c Cover) sheet(s *setter, dpi int) (*Drawing, error) {
	d, err := newDrawing(c.title(), 210, 297, dpi)
	if err != nil {
		return nil, err
	}
	f := form{Drawing: d, setter: s}
	const margin = 10.0
	qr := f.cornerCodes(c.Code, margin, 1.5)
	quiet := qr * qrQuiet / (qrModules + 2*qrQuiet)
	x, w := margin+quiet, 210-2*(margin+quiet)
	head := w - qr + quiet - 3
	f.name(box{x, margin + 4, head, 20}, c.Department, 18, 15, 12)
	f.caption(x, margin+24, head, words.number)
	f.number(box{x, margin + 29, head, 12}, c.Number, 25, 22, 20, 18, 16, 14, 12)
	f.opened(box{x, margin + 42, head, 5}, c.Opened, 10)
	f.fill(x, 60, w, 0.4)
	f.subject(box{x, 61, w, 70}, c.Subject, 22, 20, 18, 16, 14, 12)
	f.movements(box{x, 133, w, 297 - margin - qr - 133}, 9.5)
	f.barCode(c.Code, box{x, 297 - margin - qr + quiet, w, qr - 2*quiet}, 0.75, 20)
	return d, f.err
}
