package pgm

import (
	"bytes"
	"image"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		raw           string
		width, height int // 0: refused
	}{
		{"P5\n3 2\n255\n\x00\x01\x02\xfd\xfe\xff", 3, 2},
		{"P5\n1 1\n255\n\n", 1, 1},
		{"P5\n1 1\n255\n\xc3", 1, 1}, // the beginning of a letter
		{"P5\n1 1\n255\n\x00more", 1, 1},
		{"P5\n1 2\n255\n\x00", 0, 0},
		{"P5\n1 1\n255", 0, 0},
		{"P5\n0 1\n255\n\x00", 0, 0},
		{"P5\n-1 -1\n255\n\x00", 0, 0},
		{"P5\n1 1\n65535\n\x00\x00", 0, 0},
		{"P5\n1 1\n15\n\x00", 0, 0},
		{"P5\n1 1\n255 \x00", 0, 0},
		{"P5\n4294967296 4294967296\n255\n", 0, 0},
		{"P5\n99999999999999999999 1\n255\n", 0, 0},
		{"P6\n1 1\n255\n\x00\x00\x00", 0, 0},
		{"P5\n", 0, 0},
		{"", 0, 0},
	} {
		got, _, err := image.Decode(strings.NewReader(c.raw))
		switch {
		case c.width == 0 && err == nil:
			t.Errorf("%q: %v", c.raw, got.Bounds())
		case c.width == 0:
		case err != nil:
			t.Errorf("%q: %v", c.raw, err)
		default:
			pixels := c.raw[strings.Index(c.raw, "255\n")+4:][:c.width*c.height]
			if g := got.(*image.Gray); g.Rect != image.Rect(0, 0, c.width, c.height) || string(g.Pix) != pixels {
				t.Errorf("%q: %v", c.raw, g)
			}
		}
	}
}

// Whatever bytes come, there is the picture that they say, or an error.
func FuzzDecode(f *testing.F) {
	for _, raw := range []string{"P5\n3 2\n255\n\x00\x01\x02\xfd\xfe\xff", "P5\n1 1\n255\n\xff", "P5\n2 1\n255", "P5\n+1 1\n255\n\x00"} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		config, err := DecodeConfig(bytes.NewReader(raw))
		if err == nil && config.Width > 1<<22/config.Height {
			return // large ones are right, but slow to fuzz
		}
		img, failed := Decode(bytes.NewReader(raw))
		if failed != nil {
			return
		}
		g := img.(*image.Gray)
		if err != nil || g.Rect != image.Rect(0, 0, config.Width, config.Height) {
			t.Fatalf("%v of %v, %v", g.Rect, config, err)
		}
		if !bytes.Contains(raw, g.Pix) {
			t.Fatalf("%q is read as %q", raw, g.Pix)
		}
	})
}
