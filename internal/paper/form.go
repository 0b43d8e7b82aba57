package paper

import (
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// item is a thing that carries one code.
type item interface {
	code() label.Code
	kind() string                   // for errors
	title() string                  // for the document's properties
	needs() (width, height float64) // the least room, in millimetres
	draw(f *form, b box)
}

// draw draws one item on a page of its own.
func draw(fonts *Fonts, it item, b box, dpi int) (*Drawing, error) {
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

// item draws an item in a box that has room for it.
func (f *form) item(it item, b box) {
	if f.err != nil {
		return
	}
	if _, err := label.Check(string(it.code())); err != nil {
		f.err = err
	} else if w, h := it.needs(); b.w < w || b.h < h {
		f.err = fmt.Errorf("a label of %g x %g mm is too small, it needs %g x %g", b.w, b.h, w, h)
	} else {
		it.draw(f, b)
	}
	if f.err != nil {
		f.err = fmt.Errorf("draw %s of %q: %w", it.kind(), it.code(), f.err)
	}
}

// set sets a text in a box and returns the height used, in millimetres.
func (f *form) set(b box, text string, how setting) float64 {
	if f.err != nil {
		return 0
	}
	used, err := f.text(f.setter, b, text, how)
	f.err = err
	return used
}

// both sets a text in both languages on one line, English at the left end and Urdu
// at the right. The Urdu is left out where it cannot be set: it repeats the English.
func (f *form) both(b box, text custody.Name, w weight, points float64) {
	y := b.y + (b.h-points*mmPerPoint*latinHeight)/2
	f.set(box{b.x, y, b.w, points * mmPerPoint * latinHeight}, text.En, setting{weight: w, points: []float64{points}, lines: 1, side: left})
	if f.fonts.Urdu() {
		y -= points * mmPerPoint * (urduHeight - latinHeight) / 2
		f.set(box{b.x, y, b.w, points * mmPerPoint * urduHeight * 1.2}, text.Ur, setting{weight: w, points: []float64{points * 1.15}, lines: 1, side: right})
	}
}

// caption sets a small heading.
func (f *form) caption(b box, text custody.Name, points float64) { f.both(b, text, regular, points) }

// name sets a name in both languages on one line as both does, each at the largest
// of points at which it fits.
func (f *form) name(b box, n custody.Name, points []float64) {
	english, urdu := b, b
	switch {
	case !f.fonts.Urdu() && n.En != "", n.Ur == "":
		urdu.w = 0
	case n.En == "":
		english.w = 0
	default:
		english.w = b.w * 0.6
		urdu.x, urdu.w = b.x+b.w*0.63, b.w*0.37
	}
	how := setting{weight: bold, points: points, upright: true, side: left}
	if english.w > 0 {
		f.set(english, n.En, how)
	}
	if how.side = right; urdu.w > 0 {
		f.set(urdu, n.Ur, how)
	}
}

// number sets a file number, read from the left whatever it is made of.
func (f *form) number(b box, text string, points []float64) {
	f.set(b, text, setting{weight: bold, number: true, points: points, upright: true, side: left})
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

// barCode draws the code's bars with a module of about mm millimetres so that the
// last bar ends at the box's right side and the left quiet zone is kept clear, and
// the digits under them in groups.
func (f *form) barCode(code label.Code, b box, mm, points float64) {
	if f.err != nil {
		return
	}
	digitsHeight := points * mmPerPoint
	module := f.module(mm)
	x := f.dots(b.x+b.w) - barModules*module
	f.err = f.bars(code, x-barQuiet*module, f.dots(b.y), module, f.dots(b.h-digitsHeight))
	f.set(box{f.mm(x), b.bottom() - digitsHeight*0.95, f.mm(barModules * module), digitsHeight}, code.Format(),
		setting{weight: digits, number: true, points: []float64{points}, side: centre})
}
