package jpeg

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

func free() error { return nil }

// page is a picture of dark and light squares, no two rows of them alike, coloured or
// not, and as a JPEG.
func page(t testing.TB, coloured bool) (*image.Gray, []byte) {
	t.Helper()
	const w, h, side = 320, 240, 16
	grey := image.NewGray(image.Rect(0, 0, w, h))
	inColour := image.NewRGBA(grey.Rect)
	for y := range h {
		for x := range w {
			v := uint8(40)
			if (x/side*7+y/side*5+x/side*(y/side))%3 != 0 {
				v = 215
			}
			grey.SetGray(x, y, color.Gray{Y: v})
			inColour.SetRGBA(x, y, color.RGBA{v, v, v, 255})
		}
	}
	var out bytes.Buffer
	var img image.Image = grey
	if coloured {
		img = inColour
	}
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return grey, out.Bytes()
}

// alike is the share of rows of squares, from the top on, that are as they should be
// before the first that is not.
func alike(img image.Image, want *image.Gray) float64 {
	for y := 8; y < want.Rect.Dy(); y += 16 {
		for x := 8; x < want.Rect.Dx(); x += 16 {
			got := int(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
			if d := got - int(want.GrayAt(x, y).Y); max(d, -d) > 60 {
				return float64(y) / float64(want.Rect.Dy())
			}
		}
	}
	return 1
}

// data is where the data of the only scan begins, and where the end marker is.
func data(t testing.TB, raw []byte) (begin, end int) {
	t.Helper()
	for at := 2; ; {
		marker, b := nextMarker(raw, at)
		if marker == 0 {
			t.Fatal("no scan")
		}
		at = b + 2 + int(raw[b+2])<<8 + int(raw[b+3])
		if marker == sos {
			return at, len(raw) - 2
		}
	}
}

// without leaves out the segments of a marker.
func without(raw []byte, marker byte) []byte {
	out := bytes.Clone(raw[:2])
	for at := 2; ; {
		m, b := nextMarker(raw, at)
		at = b + 2 + int(raw[b+2])<<8 + int(raw[b+3])
		if m != marker {
			out = append(out, raw[b:at]...)
		}
		if m == sos {
			return append(out, raw[at:]...)
		}
	}
}

func insert(raw []byte, at int, what ...byte) []byte {
	return append(append(bytes.Clone(raw[:at]), what...), raw[at:]...)
}

func TestStreamsAreReadAsFarAsTheyGo(t *testing.T) {
	for _, coloured := range []bool{false, true} {
		want, raw := page(t, coloured)
		begin, end := data(t, raw)
		n := end - begin
		for _, tt := range []struct {
			name  string
			raw   []byte
			least float64 // share of the picture that must be right
		}{
			{"whole", raw, 1},
			{"without Huffman tables", without(raw, dht), 1},
			{"without an end", raw[:end], 1},
			{"without tables or an end", without(raw, dht)[:len(without(raw, dht))-2], 1},
			{"half an end marker", raw[:end+1], 1},
			{"cut at 95 of 100", raw[:begin+n*95/100], 0.85},
			{"cut in the middle", raw[:begin+n/2], 0.4},
			{"cut in the middle, with an end", append(bytes.Clone(raw[:begin+n/2]), 0xff, eoi), 0.4},
			{"cut in the middle, the next picture behind it", append(bytes.Clone(raw[:begin+n/2]), raw...), 0.4},
			{"rubbish behind the end", append(bytes.Clone(raw), "\x00\xff\xda rubbish \xff\xc4"...), 1},
			{"two pictures", append(bytes.Clone(raw), raw...), 1},
			{"rubbish before the first segment", insert(raw, 2, 0, 0, 0x12, 0xff, 0xff), 1},
			{"rubbish that looks like a marker", insert(raw, 2, 0xff, 0x13, 0x07), 1},
			{"two beginnings", insert(raw, 0, 0xff, soi), 1},
			{"an unknown segment", insert(raw, 2, 0xff, 0xf3, 0, 4, 1, 2), 1},
			{"a segment longer than the file", insert(raw, 2, 0xff, com, 0xff, 0xff), 1},
			{"a damaged byte in the middle", insert(raw, begin+n/2, 0xff, 0x55), 0.3},
			{"the height behind the scan", late(raw, want.Rect.Dy()), 1},
		} {
			p, err := Open(tt.raw)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			img, err := p.Decode(free)
			if err != nil {
				t.Errorf("coloured %t, %s: %v", coloured, tt.name, err)
			} else if got := alike(img, want); got < tt.least {
				t.Errorf("coloured %t, %s: %.2f of it is right, want %.2f", coloured, tt.name, got, tt.least)
			}
		}
	}
}

// late says the height in a segment behind the scan.
func late(raw []byte, height int) []byte {
	out := bytes.Clone(raw)
	for at := 2; ; {
		m, b := nextMarker(out, at)
		if m == sof0 {
			out[b+5], out[b+6] = 0, 0
			return insert(out, len(out)-2, 0xff, dnl, 0, 4, byte(height>>8), byte(height))
		}
		at = b + 2
	}
}

// Every cut of a stream that has its header gives a picture of the size it says, and
// the longer the more of it is right.
func TestEveryCut(t *testing.T) {
	want, raw := page(t, true)
	begin, end := data(t, raw)
	before := 0.0
	for cut := begin + 1; cut <= end; cut += 7 {
		p, err := Open(raw[:cut])
		if err != nil {
			t.Fatal(cut, err)
		}
		img, err := p.Decode(free)
		if err != nil {
			t.Fatal(cut, err)
		}
		got := alike(img, want)
		if img.Bounds() != want.Rect || got < before-0.07 { // a cut row of squares may look right by chance
			t.Fatalf("cut %d: %v, %.2f right, %.2f before", cut, img.Bounds(), got, before)
		}
		before = max(before, got)
	}
	if before < 0.9 {
		t.Errorf("at most %.2f", before)
	}
}

func TestNoPictures(t *testing.T) {
	_, raw := page(t, false)
	begin, _ := data(t, raw)
	for name, raw := range map[string][]byte{
		"nothing": nil, "text": []byte("Dear sir"), "a beginning": {0xff, soi}, "no scan": raw[:begin-10], "a PNG": []byte("\x89PNG"),
		"no header": without(raw, sof0),
	} {
		if _, err := Open(raw); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoWorkIsDoneThatIsNotAllowed(t *testing.T) {
	_, raw := page(t, true)
	p, err := Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	gone, asked := errors.New("gone"), 0
	_, err = p.Decode(func() error {
		if asked++; asked > 3 {
			return gone
		}
		return nil
	})
	if !errors.Is(err, gone) || asked != 4 {
		t.Errorf("%v after %d", err, asked)
	}
}
