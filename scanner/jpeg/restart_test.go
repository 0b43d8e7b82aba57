package jpeg

import (
	"bytes"
	"image"
	"image/color"
	"testing"
)

// coder writes a baseline JPEG of flat blocks, with the standard tables.
type coder struct {
	out  []byte
	last uint32
	n    int
}

func (c *coder) put(value uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		c.last = c.last<<1 | value>>i&1
		if c.n++; c.n == 8 {
			if c.out = append(c.out, byte(c.last)); byte(c.last) == 0xff {
				c.out = append(c.out, 0)
			}
			c.last, c.n = 0, 0
		}
	}
}

// difference writes a block that is so much lighter than the one before: its category,
// the bits of it, and that no more follows.
func (c *coder) difference(d int) {
	codes := [...]struct {
		code uint32
		n    int
	}{{0, 2}, {2, 3}, {3, 3}, {4, 3}, {5, 3}, {6, 3}, {14, 4}, {30, 5}, {62, 6}, {126, 7}, {254, 8}, {510, 9}}
	size := 0
	for v := max(d, -d); v > 0; v >>= 1 {
		size++
	}
	c.put(codes[size].code, codes[size].n)
	if d < 0 {
		d += 1<<size - 1
	}
	c.put(uint32(d), size)
}

// end writes that no more of a block follows.
func (c *coder) end() { c.put(10, 4) }

func (c *coder) align() {
	if c.n > 0 {
		c.put(1<<(8-c.n)-1, 8-c.n)
	}
}

// flat is a picture of blocks, each dark or light, with a restart marker behind so many;
// lost says which of them are left out.
func flat(interval int, lost func(marker int) bool) (*image.Gray, []byte) {
	return flatOf(sof0, interval, lost)
}

// flatOf is flat, or for sof2 the same in two passes: the blocks, and that they are flat.
func flatOf(kind byte, interval int, lost func(marker int) bool) (*image.Gray, []byte) {
	const across, down = 16, 12
	want := image.NewGray(image.Rect(0, 0, 8*across, 8*down))
	c := coder{out: []byte{0xff, soi}}
	segment := func(marker byte, body ...byte) {
		c.out = append(c.out, 0xff, marker, 0, byte(len(body)+2))
		c.out = append(c.out, body...)
	}
	segment(dqt, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...)...) // a difference of one is a level
	segment(dri, 0, byte(interval))
	segment(kind, 8, 0, 8*down, 0, 8*across, 1, 1, 0x11, 0)
	last := byte(63)
	if kind == sof2 {
		last = 0
	}
	segment(sos, 1, 1, 0, 0, last, 0)
	before, marker := 0, 0
	for i := range across * down {
		if i > 0 && i%interval == 0 {
			if c.align(); !lost(marker) {
				c.out = append(c.out, 0xff, rst0+byte(marker&7))
			}
			marker, before = marker+1, 0
		}
		level := -88
		if (i*7+i/across*3)%5 < 2 {
			level = 87
		}
		if c.difference(level - before); last > 0 {
			c.end()
		}
		before = level
		for y := range 8 {
			for x := range 8 {
				want.SetGray(i%across*8+x, i/across*8+y, color.Gray{Y: uint8(128 + level)})
			}
		}
	}
	c.align()
	if kind == sof2 {
		segment(sos, 1, 1, 0, 1, 63, 0)
		for range across * down {
			c.end()
		}
		c.align()
	}
	return want, append(c.out, 0xff, eoi)
}

// rightBlocks is the share of blocks that are as they should be.
func rightBlocks(img image.Image, want *image.Gray) float64 {
	right, all := 0, 0
	for y := 4; y < want.Rect.Dy(); y += 8 {
		for x := 4; x < want.Rect.Dx(); x += 8 {
			got := int(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
			if d := got - int(want.GrayAt(x, y).Y); max(d, -d) < 20 {
				right++
			}
			all++
		}
	}
	return float64(right) / float64(all)
}

func TestRestartMarkers(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lost  func(marker int) bool
		after func(raw []byte) []byte
		least float64
	}{
		{name: "all there", least: 1},
		{name: "one lost", lost: func(m int) bool { return m == 5 }, least: 0.9},
		{name: "three lost", lost: func(m int) bool { return m == 2 || m == 11 || m == 17 }, least: 0.8},
		{name: "two after another lost", lost: func(m int) bool { return m == 4 || m == 5 }, least: 0.85},
		{name: "damage in an interval", after: func(raw []byte) []byte {
			raw[len(raw)/2], raw[len(raw)/2+1] = 0xff, 0x01
			return raw
		}, least: 0.85},
		{name: "cut in the middle", after: func(raw []byte) []byte { return raw[:len(raw)*6/10] }, least: 0.4},
	} {
		if tt.lost == nil {
			tt.lost = func(int) bool { return false }
		}
		want, raw := flat(8, tt.lost)
		if tt.after != nil {
			raw = tt.after(raw)
		}
		p, err := Open(raw)
		if err != nil {
			t.Fatal(err)
		}
		img, err := p.Decode(free)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if got := rightBlocks(img, want); got < tt.least {
			t.Errorf("%s: %.2f of the blocks are right, want %.2f", tt.name, got, tt.least)
		}
	}
}

// A stream that says it has restart markers and has none is read as one without.
func TestRestartMarkersThatNeverWere(t *testing.T) {
	want, raw := flat(1000, func(int) bool { return false })
	at := bytes.Index(raw, []byte{0xff, dri})
	raw[at+4], raw[at+5] = 0, 8
	p, err := Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	img, err := p.Decode(free)
	if err != nil {
		t.Fatal(err)
	}
	if got := rightBlocks(img, want); got < 1 {
		t.Errorf("%.2f of the blocks are right", got)
	}
}

// A progressive picture that is cut short is there as far as its passes go: cut in the
// second, whole.
func TestPassesCutShort(t *testing.T) {
	want, raw := flatOf(sof2, 1000, nil)
	second := bytes.LastIndex(raw, []byte{0xff, sos})
	first := bytes.Index(raw, []byte{0xff, sos}) + 10
	for cut := first + 1; cut <= len(raw); cut++ {
		p, err := Open(raw[:cut])
		if err != nil {
			t.Fatal(cut, err)
		}
		img, err := p.Decode(free)
		if err != nil {
			t.Fatal(cut, err)
		}
		least := float64(cut-first)/float64(second-first) - 0.1
		if got := rightBlocks(img, want); got < min(1, least) || cut > second && got < 1 {
			t.Fatalf("cut at %d of %d, the second pass at %d: %.2f of the blocks are right", cut, len(raw), second, got)
		}
	}
}

// Four inks without a word on what they mean count from no ink upwards.
func TestInkWithoutAdobe(t *testing.T) {
	const w, h = 16, 8
	c := coder{out: []byte{0xff, soi}}
	segment := func(marker byte, body ...byte) {
		c.out = append(append(c.out, 0xff, marker, 0, byte(len(body)+2)), body...)
	}
	segment(dqt, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...)...)
	segment(sof0, 8, 0, h, 0, w, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)
	segment(sos, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0)
	for _, black := range []int{-128, 255} { // the first block has no ink, the second all black
		for ink := range 4 {
			switch {
			case ink == 3:
				c.difference(black)
			case black < 0:
				c.difference(-128)
			default:
				c.difference(0)
			}
			c.end()
		}
	}
	c.align()
	p, err := Open(append(c.out, 0xff, eoi))
	if err != nil {
		t.Fatal(err)
	}
	img, err := p.Decode(free)
	if err != nil {
		t.Fatal(err)
	}
	paper, ink := color.GrayModel.Convert(img.At(4, 4)).(color.Gray).Y, color.GrayModel.Convert(img.At(12, 4)).(color.Gray).Y
	if paper < 240 || ink > 15 {
		t.Errorf("no ink is %d, all black %d", paper, ink)
	}
}
