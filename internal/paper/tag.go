package paper

import "harkara/internal/label"

// Modules of tags in millimetres, the best first: 0.375 mm is three dots of the
// coarsest printer.
var (
	tagBars = [...]float64{0.5, 0.375}
	tagQRs  = [...]float64{1, 0.9, 0.75}
)

// Least lengths on a tag in millimetres.
const (
	tagMargin = 2.0
	tagDigits = 9 * mmPerPoint
	tagBar    = 8.0  // of a bar, so that a hand-held gun meets it
	tagText   = 13.0 // of the text above bars beside a QR
	tagWidth  = 25.0 // of the text beside a QR
	tagGap    = 0.8  // between text and codes
)

// tagPlan is how large the codes of a tag are and where they go; lengths are
// millimetres unless said otherwise.
type tagPlan struct {
	qr, bar         int     // modules in dots
	side, quiet     float64 // of the QR with quiet zones, and one of them
	bars, barsQuiet float64 // width of the bars, and of one quiet zone
	codes           float64 // height of bars and digits
	beside          bool    // the bars are left of the QR, not below it
}

// planTag finds the largest codes a label has room for.
func (f *form) planTag(b box) (tagPlan, bool) {
	for _, beside := range [...]bool{true, false} {
		for _, bar := range tagBars {
			for _, qr := range tagQRs {
				p := tagPlan{qr: f.module(qr), bar: f.module(bar), beside: beside}
				p.side, p.quiet = f.mm((qrModules+2*qrQuiet)*p.qr), f.mm(qrQuiet*p.qr)
				p.bars, p.barsQuiet = f.mm(barModules*p.bar), f.mm(barQuiet*p.bar)
				tall := b.h - 2*tagMargin
				if beside {
					p.codes = max(tagBar+tagDigits, 0.36*tall)
					wide := p.barsQuiet + p.bars + max(0, p.barsQuiet-p.quiet) + p.side + tagMargin
					if b.w >= wide && tall >= max(p.side, p.codes+tagText) {
						return p, true
					}
					continue
				}
				p.codes = tall - p.side
				if b.w >= max(2*p.barsQuiet+p.bars, p.side+tagWidth+2*tagMargin) && p.codes >= tagBar+tagDigits {
					return p, true
				}
			}
		}
	}
	return tagPlan{}, false
}

// tag draws a code on a small label: the QR at the right, the bars with their digits
// at the bottom. It returns the room left for text, above the bars and left of the QR.
// A quiet zone may lie in another's white, or in a margin.
func (f *form) tag(code label.Code, b box) box {
	p, ok := f.planTag(b)
	if !ok {
		f.err = errRoom
		return b
	}
	in := b.inset(tagMargin)
	right := in.x + in.w - p.side
	text := box{in.x, in.y, right - in.x - tagGap, in.h - p.codes - tagGap}
	qrTop, barsEnd := in.y, b.x+b.w-max(tagMargin+p.quiet, p.barsQuiet)
	if p.beside {
		qrTop += (in.h - p.side) / 2
		text.x = b.x + max(tagMargin, p.barsQuiet)
		text.w = right - text.x - tagGap
		barsEnd = text.x + p.bars
	}
	f.code(code, f.dots(right), f.dots(qrTop), p.qr)
	f.barCode(code, box{in.x, in.bottom() - p.codes, barsEnd - in.x, p.codes}, p.bar, tagDigits/mmPerPoint)
	return text
}
