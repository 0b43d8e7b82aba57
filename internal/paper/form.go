package paper

import (
	"errors"
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Item is a thing with one code that is printed on a label: a Cover, a Card or a
// Blank.
type Item interface {
	code() label.Code
	kind() string  // for errors
	title() string // for the document's properties
	draw(f *form, b box)
}

// errRoom means that an item was to be drawn on a label too small for it.
var errRoom = errors.New("the label is too small")

// draw draws one item on a page of its own.
func draw(fonts *Fonts, it Item, b box, dpi int) (*Drawing, error) {
	s := fonts.borrow()
	defer fonts.giveBack(s)
	d, err := newDrawing(it.title(), b.w, b.h, dpi)
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", it.kind(), err)
	}
	f := form{Drawing: d, setter: s}
	if f.item(it, b); f.err != nil {
		return nil, f.err
	}
	return d, nil
}

// form is a drawing being filled in; it keeps the first error.
type form struct {
	*Drawing
	*setter
	err error
}

// item draws an item in a box.
func (f *form) item(it Item, b box) {
	if f.err != nil {
		return
	}
	if _, err := label.Check(string(it.code())); err != nil {
		f.err = fmt.Errorf("draw %s of %q: %w", it.kind(), it.code(), err)
		return
	}
	if it.draw(f, b); f.err != nil {
		f.err = fmt.Errorf("draw %s of %s on %g x %g mm: %w", it.kind(), it.code(), b.w, b.h, f.err)
	}
}

// set sets a text in a box.
func (f *form) set(b box, text string, how setting) {
	if f.err == nil {
		f.err = f.text(f.setter, b, text, how)
	}
}

// caption sets a small heading in both languages, English at the left end of the box
// and Urdu at the right. The Urdu may reach over the box's height into white space;
// it is left out where it cannot be set, for it repeats the English.
func (f *form) caption(b box, text custody.Name, points float64) {
	how := setting{points: []float64{points}, lines: 1, upright: true, side: left}
	f.set(b, text.En, how)
	if how.side, how.points = right, []float64{points * 1.1}; f.fonts.Urdu() {
		f.set(b, text.Ur, how)
	}
}

// both shapes a name in both languages. Without an Urdu font the Urdu is left out if there
// is English.
func (f *form) both(n custody.Name, w weight) (english, urdu *paragraph) {
	if !f.fonts.Urdu() && n.En != "" {
		n.Ur = ""
	}
	english, err := f.shape(n.En, w)
	if err == nil {
		urdu, err = f.shape(n.Ur, w)
	}
	if f.err == nil {
		f.err = err
	}
	return english, urdu
}

// aside is the largest of points at which a name in both languages fits on one line of a
// box; 0 if it does at none.
func (f *form) aside(b box, n custody.Name, w weight, points []float64) float64 {
	english, urdu := f.both(n, w)
	if f.err != nil {
		return 0
	}
	widthEn, tallEn := f.span(english)
	widthUr, tallUr := f.span(urdu)
	for _, size := range points {
		if unit := size * mmPerPoint / em; (widthEn+between+widthUr)*unit <= b.w && max(tallEn, tallUr)*unit <= b.h {
			return size
		}
	}
	return 0
}

// between is the least space between two languages on one line, in units of em.
const between = 1 * em

// name sets a name in both languages, English at the left end of the box and Urdu at
// the right, at the largest of points at which both fit on one line; if none does,
// each in its share of the width, at the largest at which it fits.
func (f *form) name(b box, n custody.Name, w weight, points []float64) {
	english, urdu := f.both(n, w)
	if f.err != nil {
		return
	}
	widthEn, _ := f.span(english)
	widthUr, _ := f.span(urdu)
	left, right := setting{points: points, upright: true, side: left}, setting{points: points, upright: true, side: right}
	share := min(max(0.35, widthEn/max(widthEn+widthUr, 1)), 0.65)
	if n.En == "" || n.Ur == "" {
		share = min(1, widthEn)
	}
	if size := f.aside(b, n, w, points); size > 0 {
		left.points, right.points = []float64{size}, []float64{size}
		share = (widthEn + between/2) * size * mmPerPoint / em / b.w
	}
	f.place(f.setter, box{b.x, b.y, b.w * share, b.h}, english, left)
	f.place(f.setter, box{b.x + b.w*share + 0.5, b.y, b.w*(1-share) - 0.5, b.h}, urdu, right)
}

// stack sets a name in both languages, English above Urdu, broken into lines at the
// largest of points at which all of it fits the box.
func (f *form) stack(b box, n custody.Name, w weight, points []float64) {
	english, urdu := f.both(n, w)
	if f.err != nil {
		return
	}
	for i, size := range points {
		unit := size * mmPerPoint / em
		above := height(f.wrap(english, b.w/unit, 0)) * unit
		below := height(f.wrap(urdu, b.w/unit, 0)) * unit
		if spare := b.h - above - below; spare >= 0 || i == len(points)-1 {
			if above += max(0, spare/2); below > 0 {
				above = min(above, max(0.4*b.h, b.h-below))
			}
			f.place(f.setter, box{b.x, b.y, b.w, above}, english, setting{points: []float64{size}, upright: true, side: left})
			f.place(f.setter, box{b.x, b.y + above, b.w, b.h - above}, urdu, setting{points: []float64{size}, upright: true, side: right})
			return
		}
	}
}

// number sets a file number; one that begins in Urdu stands at the right, under its
// caption in Urdu.
func (f *form) number(b box, text string, points []float64) {
	f.set(b, text, setting{weight: bold, points: points, upright: true})
}

// subject sets the subject under its caption.
func (f *form) subject(b box, text string, caption float64, points []float64) {
	head := caption * mmPerPoint * 1.6
	f.caption(box{b.x, b.y, b.w, head}, words.subject, caption)
	f.set(box{b.x, b.y + head, b.w, b.h - head}, text, setting{points: points})
}

// opened sets the day the file was opened, in the zone of t.
func (f *form) opened(b box, t time.Time, points float64) {
	if !t.IsZero() {
		f.caption(b, custody.Name{
			En: words.opened.En + " " + t.Format("2 January 2006"),
			Ur: fmt.Sprintf("%s %d %s %d", words.opened.Ur, t.Day(), months[t.Month()-1], t.Year()),
		}, points)
	}
}

// movements rules lines for writing movements by hand, step millimetres apart.
func (f *form) movements(b box, step float64) {
	const caption, head = 8.5, 8.0
	f.caption(box{b.x, b.y, b.w, head - 1.5}, words.byHand, caption)
	columns := []struct {
		name  custody.Name
		share float64
	}{{words.to, 0.4}, {words.sent, 0.2}, {words.received, 0.2}, {words.initials, 0.2}}
	rows := int((b.h - head) / step)
	x, top, tall := b.x, b.y+head, float64(rows)*step
	for _, column := range columns {
		w := b.w * column.share
		f.caption(box{x + 1.5, top, w - 3, step}, column.name, caption)
		f.fill(x, top, 0.2, tall)
		x += w
	}
	f.fill(x, top, 0.2, tall+0.2)
	for row := range rows + 1 {
		f.fill(b.x, top+float64(row)*step, b.w, 0.2)
	}
}

// cornerCodes draws the code's QR in the right top and left bottom corner of a box,
// margin millimetres from its edges with a module of about mm. It returns the side
// with quiet zones and the width of a quiet zone, in millimetres.
func (f *form) cornerCodes(code label.Code, b box, margin, mm float64) (side, quiet float64) {
	module := f.module(mm)
	dots := (qrModules + 2*qrQuiet) * module
	f.code(code, f.dots(b.x+b.w-margin)-dots, f.dots(b.y+margin), module)
	f.code(code, f.dots(b.x+margin), f.dots(b.y+b.h-margin)-dots, module)
	return f.mm(dots), f.mm(qrQuiet * module)
}

// code draws the code's QR; x, y and module are in dots.
func (f *form) code(code label.Code, x, y, module int) {
	if f.err == nil {
		f.err = f.qr(code, x, y, module)
	}
}

// barCode draws the code's bars, module dots a module, so that the last bar ends at
// the box's right side, and the digits under them in groups.
func (f *form) barCode(code label.Code, b box, module int, points float64) {
	if f.err != nil {
		return
	}
	digitsHeight := points * mmPerPoint
	x := f.dots(b.x+b.w) - barModules*module
	f.err = f.bars(code, x-barQuiet*module, f.dots(b.y), module, f.dots(b.h-digitsHeight))
	f.set(box{f.mm(x), b.bottom() - digitsHeight*0.95, f.mm(barModules * module), digitsHeight}, code.Format(),
		setting{weight: digits, points: []float64{points}, side: centre})
}
