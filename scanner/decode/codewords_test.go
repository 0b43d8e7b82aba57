package decode

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/boombuler/barcode/qr"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"pgregory.net/rapid"
)

// darkOf returns the modules of a QR code by another encoder.
func darkOf(t rapid.TB, text string, level qr.ErrorCorrectionLevel) (dark []bool, size int) {
	code, err := qr.Encode(text, level, qr.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	size = code.Bounds().Dx()
	for y := range size {
		for x := range size {
			r, _, _, _ := code.At(x, y).RGBA()
			dark = append(dark, r == 0)
		}
	}
	return dark, size
}

// What gozxing makes text of is never withheld from it, and put right it has the same
// text: symbols of many sizes and every level, with modules turned over up to and beyond
// what can be corrected, in a mirror.
func TestCorrectedIsWhatGozxingReads(t *testing.T) {
	c := newCodewords()
	text := decoder.NewDecoder()
	read := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.StringMatching(`[a-z]{1,400}`).Draw(t, "text")
		dark, size := darkOf(t, message, rapid.SampledFrom([]qr.ErrorCorrectionLevel{qr.L, qr.M, qr.Q, qr.H}).Draw(t, "level"))
		clean := slices.Clone(dark)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		l := c.layoutOf(size)
		for range rapid.IntRange(0, size*size/8).Draw(t, "turned over") {
			i := l.order[random.IntN(len(l.order)&^7)]
			dark[i] = !dark[i]
		}
		mirrored := rapid.Bool().Draw(t, "mirrored")
		bits, err := gozxing.NewSquareBitMatrix(size)
		if err != nil {
			t.Fatal(err)
		}
		seen := make([]bool, len(dark))
		for i, is := range dark {
			x, y := i%size, i/size
			if mirrored {
				x, y = y, x
			}
			if seen[y*size+x] = is; is {
				bits.Set(x, y)
			}
		}
		_, err = text.Decode(bits, nil)
		corrected := c.correct(seen, size)
		if (err == nil) != (corrected != nil) {
			t.Fatalf("a %d with %q is put right: %t; gozxing: %v", size, message, corrected != nil, err)
		}
		if err == nil && !slices.Equal(corrected, clean) {
			t.Fatalf("a %d with %q is put wrong", size, message)
		}
		read[err == nil]++
	})
	if read[true] == 0 || read[false] == 0 {
		t.Errorf("read or not: %v", read)
	}
}

// Rubbish does not reach gozxing.
func TestRubbishIsNotPutRight(t *testing.T) {
	c := newCodewords()
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 3000 {
		size := 21 + 4*(n%10)
		dark := make([]bool, size*size)
		for i := range dark {
			dark[i] = random.IntN(2) == 0
		}
		if c.correct(dark, size) != nil {
			t.Errorf("a random square of %d modules is put right", size)
		}
	}
}
