package paper

import (
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// words are what is printed on forms, in both languages.
var words = struct{ number, subject, opened, silent, to, sent, received, initials custody.Name }{
	number:   custody.Name{En: "File No.", Ur: "فائل نمبر"},
	subject:  custody.Name{En: "Subject", Ur: "موضوع"},
	opened:   custody.Name{En: "Opened", Ur: "آغاز"},
	silent:   custody.Name{En: "By hand, when no station answers", Ur: "سٹیشن بند ہو تو ہاتھ سے لکھیں"},
	to:       custody.Name{En: "Sent to", Ur: "بنام"},
	sent:     custody.Name{En: "Sent", Ur: "روانگی"},
	received: custody.Name{En: "Received", Ur: "وصولی"},
	initials: custody.Name{En: "Initials", Ur: "دستخط"},
}

// form is a drawing being filled in; it keeps the first error.
type form struct {
	*Drawing
	*setter
	err error
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

// caption sets a small heading, English at the left and Urdu at the right end of a
// line; the Urdu is left out where it cannot be set.
func (f *form) caption(x, y, w float64, text custody.Name) {
	f.set(box{x, y + 1.2, w, 4}, text.En, setting{points: []float64{8}, lines: 1, side: left})
	if f.fonts.Urdu() {
		f.set(box{x, y - 0.6, w, 7}, text.Ur, setting{points: []float64{9}, lines: 1, side: right})
	}
}

// name sets a name in both languages, English first.
func (f *form) name(b box, n custody.Name, points ...float64) {
	b.y += f.set(box{b.x, b.y, b.w, b.h / 2}, n.En, setting{weight: bold, points: points, lines: 1})
	f.set(box{b.x, b.y, b.w, b.h / 2}, n.Ur, setting{weight: bold, points: points, lines: 1})
}

// subject sets the subject under its caption.
func (f *form) subject(b box, text string, points ...float64) {
	f.caption(b.x, b.y, b.w, words.subject)
	f.set(box{b.x, b.y + 6, b.w, b.h - 6}, text, setting{points: points})
}

// number sets a file number, read from the left whatever it is made of.
func (f *form) number(b box, text string, points ...float64) {
	f.set(b, text, setting{weight: bold, number: true, points: points, upright: true, side: left})
}

// opened sets the day the file was opened, in the zone of t.
func (f *form) opened(b box, t time.Time, points float64) {
	if !t.IsZero() {
		f.set(b, words.opened.En+" "+t.Format("2 January 2006"), setting{points: []float64{points}, lines: 1, side: left})
	}
}

// movements rules lines for writing movements by hand, step millimetres apart.
func (f *form) movements(b box, step float64) {
	f.caption(b.x, b.y, b.w, words.silent)
	top := b.y + 7
	columns := []struct {
		name  custody.Name
		share float64
	}{{words.to, 0.4}, {words.sent, 0.2}, {words.received, 0.2}, {words.initials, 0.2}}
	rows := int((b.h - 7) / step)
	x := b.x
	for _, column := range columns {
		w := b.w * column.share
		f.caption(x+1.5, top+1.2, w-3, column.name)
		f.fill(x, top, 0.2, float64(rows)*step)
		x += w
	}
	f.fill(x, top, 0.2, float64(rows)*step)
	for row := range rows + 1 {
		f.fill(b.x, top+float64(row)*step, b.w, 0.2)
	}
}

// cornerCodes draws the code's QR in the right top and left bottom corner, margin
// millimetres from the edges with a module of about mm, and returns its side with
// quiet zones in millimetres.
func (f *form) cornerCodes(code label.Code, margin, mm float64) float64 {
	module := f.module(mm)
	side := (qrModules + 2*qrQuiet) * module
	edge := f.dots(margin)
	for _, corner := range [2][2]int{{f.Width - edge - side, edge}, {edge, f.Height - edge - side}} {
		if f.err == nil {
			f.err = f.qr(code, corner[0], corner[1], module)
		}
	}
	return f.mm(side)
}

// barCode draws the code's bars with a module of about mm millimetres so that the
// last bar ends at the box's right side and the left quiet zone is kept clear, and
// the digits under them in groups.
func (f *form) barCode(code label.Code, b box, mm, points float64) {
	if f.err != nil {
		return
	}
	digitsHeight := points * mmPerPoint * 1.1
	module := f.module(mm)
	x := f.dots(b.x+b.w) - (barQuiet+barModules)*module
	f.err = f.bars(code, x, f.dots(b.y), module, f.dots(b.h-digitsHeight))
	f.set(box{f.mm(x + barQuiet*module), b.y + b.h - digitsHeight + 0.5, f.mm(barModules * module), digitsHeight}, code.Format(),
		setting{weight: digits, number: true, points: []float64{points}, side: centre})
}
