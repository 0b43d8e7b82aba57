package decode

import (
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// lastResort lets gozxing read the whole picture its own way, where nothing else has.
func (r *Reader) lastResort(g *Gray) {
	if !r.tally.none(QR, Code128, Code39) {
		return
	}
	r.sweepInverted(g)
	if r.over() || !r.tally.none(Code128, Code39) {
		return
	}
	for _, binarize := range [...]func(gozxing.LuminanceSource) gozxing.Binarizer{
		gozxing.NewHybridBinarizer, gozxing.NewGlobalHistgramBinarizer,
	} {
		if s, ok := wholeQR(g, binarize); ok {
			r.tally.add(s)
		}
		if r.over() {
			return
		}
	}
}

func (r *Reader) sweepInverted(g *Gray) { r.sweep(g.inverted(), sweepPlan{lines: 16}) }

// wholeQR is gozxing's own QR reader.
func wholeQR(g *Gray, binarize func(gozxing.LuminanceSource) gozxing.Binarizer) (s Symbol, ok bool) {
	defer func() {
		if recover() != nil { // gozxing indexes past the picture on some rubbish
			s, ok = Symbol{}, false
		}
	}()
	bitmap, err := gozxing.NewBinaryBitmap(binarize(source{g}))
	if err != nil {
		return Symbol{}, false
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return Symbol{}, false
	}
	s = Symbol{Text: result.GetText(), Format: QR, Lines: 1}
	return s, s.Text != ""
}
