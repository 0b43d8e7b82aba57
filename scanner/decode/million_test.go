package decode

import (
	"flag"
	"image"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"

	"harkara/internal/label"
)

var million = flag.Int("million", 4000, "how many damaged codes TestNoWrongCode reads; the promise is for 1000000")

// damaged renders a code near the resolution limit, 1.0 to 1.6 pixels a module, as a
// cheap camera sees it: at any phase, a little slanted, blurred, faint, noisy.
func damaged(t testing.TB, random *rand.Rand, text string, square bool) *Gray {
	var code barcode.Barcode
	var err error
	if square {
		code, err = qr.Encode(text, qr.H, qr.Numeric)
	} else {
		code, err = code128.Encode(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	w := code.Bounds().Dx()
	h := w
	if !square {
		h = 14 + random.IntN(20)
	}
	dark := func(u, v float64) float64 {
		x, y := int(math.Floor(u)), int(math.Floor(v))
		if x < 0 || y < 0 || x >= w || y >= h {
			return 0
		}
		if !square {
			y = 0
		}
		r, _, _, _ := code.At(x, y).RGBA()
		if r == 0 {
			return 1
		}
		return 0
	}
	scale := 1 + 0.6*random.Float64() // pixels a module
	slant, phaseX, phaseY := (random.Float64()-0.5)*0.3, random.Float64(), random.Float64()
	const quiet = 11.0
	g := newGray(int(scale*(float64(w)+2*quiet)), int(scale*(float64(h)+2*quiet)))
	paper, ink := 130+random.Float64()*120, 0.25+0.7*random.Float64()
	blur, noise := 0.15+0.5*random.Float64(), 2+random.Float64()*14
	sin, cos := math.Sincos(slant)
	const n = 4 // samples a side of a pixel
	for y := range g.H {
		for x := range g.W {
			sum := 0.0
			for i := range n * n {
				// blur as a spread of the samples: a box of the pixel and more
				dx, dy := (float64(i%n)+0.5)/n-0.5, (float64(i/n)+0.5)/n-0.5
				px := (float64(x) + phaseX + dx*(1+2*blur) - float64(g.W)/2) / scale
				py := (float64(y) + phaseY + dy*(1+2*blur) - float64(g.H)/2) / scale
				sum += dark(cos*px+sin*py+float64(w)/2, cos*py-sin*px+float64(h)/2)
			}
			v := paper*(1-ink*sum/(n*n)) + random.NormFloat64()*noise
			g.Pix[y*g.Stride+x] = uint8(max(0, min(255, v)))
		}
	}
	if random.IntN(3) == 0 { // a scratch or a fold across
		at := image.Pt(random.IntN(g.W), random.IntN(g.H))
		for y := at.Y; y < min(g.H, at.Y+1+random.IntN(4)); y++ {
			for x := range g.W {
				g.Pix[y*g.Stride+x] = uint8(paper)
			}
		}
	}
	return g
}

// However damaged a code is, no other label is read in its place; and should one be,
// it meets none of a million issued ones.
func TestNoWrongCode(t *testing.T) {
	codes := *million
	if racing {
		codes /= 10
	}
	issued := map[string]bool{}
	draw := rand.New(rand.NewPCG(7, 11))
	for len(issued) < min(1_000_000, 250*codes) {
		issued[string(label.New(label.File, draw.Uint64N(100_000_000_000)))] = true
	}
	var next, read, valid, met atomic.Int64
	var group sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 17))
			reader := New()
			for i := next.Add(1); i <= int64(codes); i = next.Add(1) {
				text := string(label.New(label.File, random.Uint64N(100_000_000_000)))
				g := damaged(t, random, text, i%4 == 0)
				for _, s := range reader.Decode(g, Options{Effort: Full, Budget: time.Minute}).Symbols {
					switch {
					case s.Text == text:
						read.Add(1)
					case issued[s.Text]:
						met.Add(1)
						fallthrough
					default:
						valid.Add(1)
						t.Logf("%s read as %s: %s, %d lines, margin %.2f", text, s.Text, s.Format, s.Lines, s.Margin)
					}
				}
			}
		})
	}
	group.Wait()
	n := float64(codes)
	t.Logf("%d codes, %d read (%.0f %%), %d read as another label, %d as an issued one; 95 %% bound %.1e", codes, read.Load(), 100*float64(read.Load())/n, valid.Load(), met.Load(), 3/n)
	if valid.Load() > 0 || met.Load() > 0 {
		t.Error("a wrong label was read")
	}
	if read.Load() < int64(codes)/10 {
		t.Error("the damage leaves too little to be read for this to prove anything")
	}
}
