package decode

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"testing"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"harkara/internal/label"
)

// A clean QR is read at every size that a picture can hold, on paper of any
// brightness.
func TestQRSizes(t *testing.T) {
	text := string(label.New(label.File, 40_718_265_933))
	for _, paper := range []uint8{255, 200} {
		for module := 2; module <= 32; module++ {
			t.Run(fmt.Sprintf("%d on %d", module, paper), func(t *testing.T) {
				code, err := qr.Encode(text, qr.H, qr.Numeric)
				if err == nil {
					code, err = barcode.Scale(code, 21*module, 21*module)
				}
				if err != nil {
					t.Fatal(err)
				}
				img := image.NewGray(image.Rect(0, 0, max(640, 31*module), max(480, 31*module)))
				draw.Draw(img, img.Rect, image.NewUniform(color.Gray{Y: paper}), image.Point{}, draw.Src)
				at := image.Rect(0, 0, 21*module, 21*module).Add(image.Pt(5*module, 5*module))
				draw.Draw(img, at, code, image.Point{}, draw.Src)
				for i, p := range img.Pix { // white modules are paper
					img.Pix[i] = min(p, paper)
				}
				var b bytes.Buffer
				if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85}); err != nil { // its noise is in every real picture
					t.Fatal(err)
				}
				g, err := Load(t.Context(), &b)
				if err != nil {
					t.Fatal(err)
				}
				for _, effort := range []Effort{Quick, Full} {
					if r := New().Decode(g, Options{Effort: effort, Budget: time.Minute}); len(r.Symbols) != 1 || r.Symbols[0].Text != text {
						t.Errorf("%s: %+v", effort, r.Symbols)
					}
				}
			})
		}
	}
}
