// Package decode reads the codes on a picture of a cover.
package decode

import (
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"harkara/internal/label"
)

// Symbol is one code on a picture.
type Symbol struct {
	Text   string
	Format string // CODE_128 or QR_CODE
}

// All returns the valid labels on a picture, each text once. It never panics on
// what a reader makes of rubbish.
func All(g *Gray) []Symbol {
	if g.W < 21 || g.H < 21 { // smaller than a QR code of one dot a module
		return nil
	}
	var found []Symbol
	for _, picture := range []*Gray{g, g.turned()} {
		for _, binarize := range []func(gozxing.LuminanceSource) gozxing.Binarizer{gozxing.NewHybridBinarizer, gozxing.NewGlobalHistgramBinarizer} {
			found = append(found, attempt(qrcode.NewQRCodeReader(), picture, binarize)...)
			found = append(found, attempt(oned.NewCode128Reader(), picture, binarize)...)
			if len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

func attempt(reader gozxing.Reader, g *Gray, binarize func(gozxing.LuminanceSource) gozxing.Binarizer) (found []Symbol) {
	defer func() {
		if recover() != nil { // gozxing's readers index past their rows on some rubbish
			found = nil
		}
	}()
	bitmap, err := gozxing.NewBinaryBitmap(binarize(source{g}))
	if err != nil {
		return nil
	}
	result, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return nil
	}
	if _, err := label.Check(result.GetText()); err != nil {
		return nil
	}
	return []Symbol{{Text: result.GetText(), Format: result.GetBarcodeFormat().String()}}
}
