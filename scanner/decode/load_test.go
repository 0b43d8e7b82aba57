package decode

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/gif"
	"image/png"
	"testing"
	"time"

	"golang.org/x/image/tiff"

	"harkara/internal/label"
	"harkara/scanner/decode/hostile"
)

// asksLeft is how often a library may ask again when it was told to end.
const asksLeft = 2

// Every format asks whether it may go on, and ends when it may not: when the work is
// used up, counted here in questions, and when nobody waits any more.
func TestUnpackingEndsWhenItMust(t *testing.T) {
	const most = 40
	for name, raw := range hostile.Files() {
		for _, gone := range []bool{false, true} {
			asked := 0
			over := make(chan struct{})
			c := &clock{gone: over, budget: most}
			if gone {
				c.budget = time.Hour
			}
			c.now = func() time.Duration {
				if asked++; gone && asked == most {
					close(over)
				}
				if c.budget > time.Hour/2 {
					return 0
				}
				c.budget = most // whatever the size allows
				return time.Duration(asked)
			}
			_, err := load(raw, c)
			if asked > most+asksLeft {
				t.Errorf("%s, gone %t: asked %d times", name, gone, asked)
			}
			if c.ended && err == nil {
				t.Errorf("%s, gone %t: a picture all the same", name, gone)
			}
		}
	}
}

// Load says why: nobody waits, too much work, too large, or no picture.
func TestWhyAPictureIsNotLoaded(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	files := hostile.Files()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		raw  []byte
		want error
	}{
		{"nobody waits", gone, files["JPEG, refined 540 times"], context.Canceled},
		{"nobody waits for rubbish", gone, []byte("Dear sir"), context.Canceled},
		{"a frame larger than its canvas", t.Context(), files["WebP of 268 megapixels that declares two"], ErrTooLarge},
		{"too much work", t.Context(), files["TIFF, its strips one and the same"], ErrTooLarge},
		{"rubbish", t.Context(), []byte("Dear sir"), ErrNotImage},
		{"a JPEG without data", t.Context(), []byte{0xff, 0xd8, 0xff, 0xd9}, ErrNotImage},
		{"nothing", t.Context(), nil, ErrNotImage},
	} {
		if g, err := Load(tt.ctx, bytes.NewReader(tt.raw)); !errors.Is(err, tt.want) || g != nil {
			t.Errorf("%s: %v %v", tt.name, g, err)
		}
	}
}

// Honest pictures of every format are loaded, far from the end of what they may take.
func TestHonestPicturesAreLoaded(t *testing.T) {
	text := string(label.New(label.File, 17))
	g := frameOf(t, patch{format: QR, text: text, x: 60, y: 60})
	grey := &image.Gray{Pix: g.Pix, Stride: g.Stride, Rect: image.Rect(0, 0, g.W, g.H)}
	deep := image.NewNRGBA64(grey.Rect)
	for y := range g.H {
		for x := range g.W {
			deep.Set(x, y, grey.At(x, y))
		}
	}
	var a, b, c, d bytes.Buffer
	for _, err := range []error{png.Encode(&a, grey), png.Encode(&b, deep), gif.Encode(&c, grey, nil), tiff.Encode(&d, grey, &tiff.Options{Compression: tiff.Deflate})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, raw := range map[string][]byte{"png": a.Bytes(), "png of 16 bits": b.Bytes(), "gif": c.Bytes(), "tiff": d.Bytes()} {
		loaded, err := Load(t.Context(), bytes.NewReader(raw))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r := New().Decode(loaded, Options{Effort: Full, Budget: time.Minute}); len(r.Symbols) != 1 || r.Symbols[0].Text != text {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// A search ends when nobody waits for it.
func TestSearchEndsWithTheCaller(t *testing.T) {
	gone := make(chan struct{})
	close(gone)
	for name, picture := range hostile.Pictures() {
		if r := New().Decode(FromImage(picture), Options{Effort: Full, All: true, Budget: time.Hour, Gone: gone}); !r.Cut && picture.Rect.Dx() > minSide && picture.Rect.Dy() > minSide {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
