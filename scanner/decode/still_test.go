package decode

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// barsOnly is a cover without its QR codes: paper is painted over them.
func barsOnly(reader *Reader, c cover) *Gray {
	out := newGray(c.picture.W, c.picture.H)
	for y := range out.H {
		copy(out.row(y), c.picture.row(y))
	}
	for _, s := range reader.Decode(c.picture, Options{All: true, Budget: time.Minute}).Symbols {
		if s.Format == QR {
			cover4(out, s.Corners)
		}
	}
	return out
}

// cover4 paints a quadrilateral and a module and a half around it in the brightest grey
// at its border.
func cover4(g *Gray, q [4]Point) {
	centre := Point{(q[0].X + q[1].X + q[2].X + q[3].X) / 4, (q[0].Y + q[1].Y + q[2].Y + q[3].Y) / 4}
	paper := 0.0
	for i := range q {
		q[i] = Point{centre.X + (q[i].X-centre.X)*1.15, centre.Y + (q[i].Y-centre.Y)*1.15}
		paper = max(paper, g.bilinear(q[i]))
	}
	inside := func(p Point) bool {
		for i := range q {
			a, b := q[i], q[(i+1)%4]
			if (b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X) < 0 {
				return false
			}
		}
		return true
	}
	for y := range g.H {
		row := g.row(y)
		for x := range row {
			if inside(Point{float64(x) + 0.5, float64(y) + 0.5}) {
				row[x] = uint8(math.Round(paper))
			}
		}
	}
}

// A cover that carries only bars and lies still under the camera is scanned, in frames
// that are identical and in frames that differ by noise.
func TestStillBarsAreAccepted(t *testing.T) {
	if racing {
		t.Skip("takes minutes under the race detector; make test runs it without")
	}
	reader, random := New(), rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		name      string
		deviation float64
		every     int // cover
		least     int
	}{{"identical", 0, 1, 70}, {"noisy", 4, 5, 15}} {
		shown, accepted := 0, 0
		for i, c := range covers(t) {
			if i%tt.every != 0 || !strings.Contains(c.format, string(Code128)) {
				continue
			}
			shown++
			frame, v := barsOnly(reader, c), NewViewer()
			v.Patience = time.Minute // counts must not hang on a busy machine
			state := Nothing
			for i := range 8 {
				now := frame
				if tt.deviation > 0 {
					now = noisy(frame, random, tt.deviation)
				}
				got := v.Look(now, time.Duration(i)*33*time.Millisecond)
				if state = got.State; state == Accepted && got.Format != QR {
					if string(got.Code) != c.text && IsLabel(c.text) {
						t.Errorf("%s: accepted as %s", c.file, got.Code)
					}
					break
				}
			}
			if state == Accepted {
				accepted++
			} else {
				t.Logf("%s, %s: %s", tt.name, c.file, state)
			}
		}
		t.Logf("%s: %d of %d covers with bars alone accepted", tt.name, accepted, shown)
		if accepted < tt.least {
			t.Errorf("%s: %d accepted, want at least %d", tt.name, accepted, tt.least)
		}
	}
}
