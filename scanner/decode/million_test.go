package decode

import (
	"flag"
	"fmt"
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

var (
	million = flag.Int("million", 1500, "how many damaged codes TestNoWrongCode reads; the promise is for 1000000")
	after   = flag.Int64("after", 0, "number of the code after which TestNoWrongCode begins")
)

// damage is a code near the resolution limit, 1.0 to 1.6 pixels a module, as a cheap
// camera sees it: at any phase, a little slanted, blurred, faint, noisy, here and there
// with a scratch or a fold across.
type damage struct {
	dark     []byte // of w*h modules, and paper around; 1 is dark
	w, h     int
	scale    float64 // pixels a module
	sin, cos float64
	x, y     float64 // phase, pixels
	paper    float64
	ink      float64
	blur     float64 // pixels beyond a pixel's own
	noise    float64 // grey levels
	fold     float64 // share of the height at which it lies; none over 1
	folded   int     // pixels
}

func newDamage(t testing.TB, random *rand.Rand, text string, square bool) damage {
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
	d := damage{
		w: code.Bounds().Dx(), h: code.Bounds().Dx(), scale: 1 + 0.6*random.Float64(),
		x: random.Float64(), y: random.Float64(), paper: 130 + random.Float64()*120, ink: 0.25 + 0.7*random.Float64(),
		blur: 0.15 + 0.5*random.Float64(), noise: 2 + random.Float64()*14, fold: 3 * random.Float64(), folded: 1 + random.IntN(4),
	}
	if !square {
		d.h = 14 + random.IntN(20)
	}
	d.sin, d.cos = math.Sincos((random.Float64() - 0.5) * 0.3)
	d.dark = make([]byte, (d.w+2*margin)*(d.h+2*margin))
	for y := range d.h {
		for x := range d.w {
			from := y
			if !square {
				from = 0
			}
			if r, _, _, _ := code.At(x, from).RGBA(); r == 0 {
				d.dark[(y+margin)*(d.w+2*margin)+x+margin] = 1
			}
		}
	}
	return d
}

// seen is a frame of it, moved by some pixels right and down.
func (d *damage) seen(random *rand.Rand, moved float64) *Gray {
	const quiet = 11 // modules
	const n = 4      // samples a side of a pixel
	g := newGray(int(d.scale*(float64(d.w)+2*quiet)), int(d.scale*(float64(d.h)+2*quiet)))
	fold := int(d.fold * float64(g.H))
	var across, down [n * n]float64 // samples around a pixel's middle, in modules
	for i := range n * n {          // blur as a spread of them: a box of the pixel and more
		x, y := ((float64(i%n)+0.5)/n-0.5)*(1+2*d.blur)/d.scale, ((float64(i/n)+0.5)/n-0.5)*(1+2*d.blur)/d.scale
		across[i], down[i] = d.cos*x+d.sin*y, d.cos*y-d.sin*x
	}
	stride := d.w + 2*margin
	for y := range g.H {
		for x := range g.W {
			px, py := (float64(x)+d.x+moved-float64(g.W)/2)/d.scale, (float64(y)+d.y+moved-float64(g.H)/2)/d.scale
			u, v := d.cos*px+d.sin*py+float64(d.w)/2+margin, d.cos*py-d.sin*px+float64(d.h)/2+margin
			sum := 0
			for i := range across {
				sum += int(d.dark[int(v+down[i])*stride+int(u+across[i])])
			}
			grey := d.paper*(1-d.ink*float64(sum)/(n*n)) + random.NormFloat64()*d.noise
			if y >= fold && y < fold+d.folded {
				grey = d.paper
			}
			g.Pix[y*g.Stride+x] = uint8(max(0, min(255, grey)))
		}
	}
	return g
}

// margin is the paper around a code, in modules: more than a frame shows.
const margin = 30

// verdict is what one way of reading made of many damaged codes.
type verdict struct{ read, wrong, met, foreign atomic.Int64 }

func (v *verdict) String() string {
	return fmt.Sprintf("%d read, %d as another label, %d as an issued one, %d as an old cover's code", v.read.Load(), v.wrong.Load(), v.met.Load(), v.foreign.Load())
}

// However damaged a code is, no other label is read in its place, at either effort or by
// the rule for cameras; and should one be, it meets none of a million issued ones. Code i
// is the same in every run.
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
	var quick, full, viewer verdict
	var next atomic.Int64
	next.Store(*after)
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			reader := New()
			note := func(v *verdict, way, text, got string, s any) {
				switch {
				case got == text:
					v.read.Add(1)
				case !IsLabel(got): // a part of it, which only a register of old covers could know
					v.foreign.Add(1)
					t.Logf("%s: %s read as %s: %+v", way, text, got, s)
				default:
					v.wrong.Add(1)
					if issued[got] {
						v.met.Add(1)
					}
					t.Logf("%s: %s read as %s: %+v", way, text, got, s)
				}
			}
			for i := next.Add(1); i <= *after+int64(codes); i = next.Add(1) {
				random := rand.New(rand.NewPCG(uint64(i), 17))
				text := string(label.New(label.File, random.Uint64N(100_000_000_000)))
				d := newDamage(t, random, text, i%4 == 0)
				still, moved := d.seen(random, 0), d.seen(random, 2.5)
				for _, s := range reader.Decode(still, Options{Budget: time.Minute}).Symbols {
					note(&quick, "quick", text, s.Text, s)
				}
				for _, s := range reader.Decode(still, Options{Effort: Full, Budget: time.Minute}).Symbols {
					note(&full, "full", text, s.Text, s)
				}
				eye := &Viewer{reader: reader, held: map[label.Code]time.Duration{}, Patience: time.Minute}
				for n, g := range []*Gray{still, moved} {
					if view := eye.Look(g, time.Duration(n)*33*time.Millisecond); view.State == Accepted {
						note(&viewer, "viewer", text, string(view.Code), view)
					}
				}
				if i%10_000 == 0 {
					t.Logf("%d codes; quick: %s; full: %s; viewer: %s", i, &quick, &full, &viewer)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d codes; 95 %% bound of none %.1e", codes, 3/float64(codes))
	for name, v := range map[string]*verdict{"quick": &quick, "full": &full, "viewer": &viewer} {
		t.Logf("%s: %s", name, v)
		if v.wrong.Load() > 0 || v.met.Load() > 0 {
			t.Errorf("%s: a wrong label was read", name)
		}
		if v.read.Load() < int64(codes)/10 {
			t.Errorf("%s: the damage leaves too little to be read for this to prove anything", name)
		}
	}
}
