package decode

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
	"time"

	"golang.org/x/image/tiff"

	"harkara/internal/label"
)

// tiny are small pictures in every format that Load reads and we can write.
func tiny(f *testing.F) {
	g := frameOf(f, patch{format: QR, text: string(label.New(label.File, 17)), x: 60, y: 60})
	img := &image.Gray{Pix: g.Pix, Stride: g.Stride, Rect: image.Rect(0, 0, 200, 200)}
	paletted := image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.Black, color.White})
	var a, b, c, d bytes.Buffer
	for _, err := range []error{png.Encode(&a, img), jpeg.Encode(&b, img, nil), gif.Encode(&c, paletted, nil), tiff.Encode(&d, img, nil)} {
		if err != nil {
			f.Fatal(err)
		}
	}
	for _, raw := range [][]byte{a.Bytes(), b.Bytes(), c.Bytes(), d.Bytes(), nil, []byte("RIFF\x00\x00\x00\x00WEBPVP8 ")} {
		f.Add(raw)
	}
}

// Whatever bytes come, Load returns a picture or an error, and never one that is
// larger than it says.
func FuzzLoad(f *testing.F) {
	tiny(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		config, _, err := image.DecodeConfig(bytes.NewReader(raw))
		if err == nil && config.Width*config.Height > 1<<22 {
			return // large ones are right, but slow to fuzz
		}
		g, err := Load(t.Context(), bytes.NewReader(raw))
		if (g == nil) != (err != nil) {
			t.Fatal(g, err)
		}
		if g != nil && !g.valid() {
			t.Fatalf("%d x %d with %d pixels", g.W, g.H, len(g.Pix))
		}
	})
}

// Whatever is in a picture, decoding ends, and what it calls a label is one.
func FuzzDecode(f *testing.F) {
	g := frameOf(f, patch{format: Code128, text: string(label.New(label.File, 17)), x: 40, y: 60})
	f.Add(g.Pix[:640*200], 640, 640)
	f.Add([]byte{0}, 1, 1)
	f.Add([]byte{}, 0, 0)
	f.Add(bytes.Repeat([]byte{0, 255}, 5000), 100, 100)
	f.Add(bytes.Repeat([]byte{0, 0, 255, 255}, 50), 200, 3)
	reader := New()
	f.Fuzz(func(t *testing.T, pix []byte, width, stride int) {
		if width < 0 || width > 4000 || stride < 0 || stride > 8000 {
			return
		}
		g := &Gray{Pix: pix, Stride: stride, W: width}
		if stride > 0 {
			g.H = len(pix) / stride
		}
		for _, opt := range []Options{{}, {Effort: Full, All: true}} {
			opt.Budget = 2 * time.Second
			for _, s := range reader.Decode(g, opt).Symbols {
				if !IsLabel(s.Text) {
					t.Fatalf("%+v is no label", s)
				}
				Outline(g, &s)
			}
		}
	})
}

// A budget that is spent before the first step ends the search there: steps look at
// it between them.
func TestBudgetEndsTheSearch(t *testing.T) {
	g := frameOf(t, patch{format: QR, text: string(label.New(label.File, 17)), x: 60, y: 60})
	if r := New().Decode(g, Options{Effort: Full, All: true, Budget: 1}); !r.Cut {
		t.Errorf("%+v", r)
	}
	if r := New().Decode(g, Options{Effort: Full, Budget: time.Minute}); r.Cut || len(r.Symbols) != 1 {
		t.Errorf("%+v", r)
	}
}

// The same picture gives the same symbols whatever was decoded before it.
func TestReaderKeepsNothing(t *testing.T) {
	a := frameOf(t, patch{format: QR, text: string(label.New(label.File, 17)), x: 60, y: 60})
	b := frameOf(t, patch{format: Code128, text: string(label.New(label.File, 18)), x: 60, y: 300})
	reader, opt := New(), Options{Effort: Full, All: true, Budget: time.Minute}
	first := [][]Symbol{reader.Decode(a, opt).Symbols, reader.Decode(b, opt).Symbols}
	for range 3 {
		for i, g := range []*Gray{a, b} {
			again := reader.Decode(g, opt).Symbols
			if len(again) != 1 || again[0] != first[i][0] {
				t.Errorf("picture %d: %+v, first %+v", i, again, first[i])
			}
		}
	}
}

// Larger pictures are reduced first, and their corners are in their own pixels.
func TestLargePicturesAreReduced(t *testing.T) {
	small := frameOf(t, patch{format: QR, text: string(label.New(label.File, 17)), x: 60, y: 60})
	const by = 5
	large := newGray(small.W*by, small.H*by) // 7.7 megapixels
	for y := range large.H {
		for x := range large.W {
			large.Pix[y*large.Stride+x] = small.Pix[y/by*small.Stride+x/by]
		}
	}
	r := New().Decode(large, Options{Effort: Full, Budget: time.Minute})
	if len(r.Symbols) != 1 {
		t.Fatalf("%+v", r)
	}
	for i, want := range [4]Point{{60, 60}, {144, 60}, {144, 144}, {60, 144}} {
		if got := r.Symbols[0].Corners[i]; max(got.X-want.X*by, want.X*by-got.X) > by || max(got.Y-want.Y*by, want.Y*by-got.Y) > by {
			t.Errorf("corner %d at %v, want about %v", i, got, Point{want.X * by, want.Y * by})
		}
	}
}
