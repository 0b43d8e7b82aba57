package decode

import (
	"math/rand/v2"
	"testing"
	"time"

	"harkara/internal/label"
)

// mostAllocations is under what a camera's frame of 1280 x 720 is decoded with, so that
// the collector has nothing to do.
const mostAllocations = 100

// frames720 are frames of a camera: covers, noise, an empty desk, one code.
func frames720(t testing.TB) map[string]*Gray {
	const w, h = 1280, 720
	random := rand.New(rand.NewPCG(1, 2))
	desk, noise, black := newGray(w, h), newGray(w, h), newGray(w, h)
	for i := range noise.Pix {
		desk.Pix[i], noise.Pix[i], black.Pix[i] = byte(200+i%13), byte(random.IntN(256)), byte(255*random.IntN(2))
	}
	frames := map[string]*Gray{
		"desk": desk, "noise": noise, "black and white noise": black,
		"a QR": frameOf(t, patch{format: QR, text: string(label.New(label.File, 17)), x: 60, y: 60}),
	}
	for _, c := range covers(t) {
		if c.picture.W == w && c.picture.H == h {
			frames[c.file] = c.picture
		}
	}
	return frames
}

func TestDecodingAllocatesLittle(t *testing.T) {
	if racing {
		t.Skip("the race detector allocates; make test runs it without")
	}
	reader := New()
	for _, opt := range []Options{{}, {All: true}, {Effort: Full}, {Effort: Full, All: true, Raw: true}} {
		opt.Budget = time.Minute
		most, which := 0.0, ""
		for name, g := range frames720(t) {
			n := testing.AllocsPerRun(1, func() { reader.Decode(g, opt) })
			if n >= mostAllocations {
				t.Errorf("%s, all %t, %s: %.0f allocations", opt.Effort, opt.All, name, n)
			}
			if n > most {
				most, which = n, name
			}
		}
		t.Logf("%s, all %t: at most %.0f allocations (%s)", opt.Effort, opt.All, most, which)
	}
}
