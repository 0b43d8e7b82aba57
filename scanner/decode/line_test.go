package decode

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// On a slope of brightness a line in any direction is that slope, and only what lies on
// the picture is read.
func TestLinesFollowTheSlope(t *testing.T) {
	g := newGray(100, 80)
	for y := range g.H {
		for x := range g.W {
			g.Pix[y*g.Stride+x] = byte(x + y)
		}
	}
	var s sampler
	rapid.Check(t, func(t *rapid.T) {
		sin, cos := math.Sincos(rapid.Float64Range(0, 2*math.Pi).Draw(t, "angle"))
		offset, band := rapid.Float64Range(-30, 30).Draw(t, "offset"), rapid.IntRange(1, 5).Draw(t, "band")
		l := s.read(g, Point{50, 40}, Point{cos, sin}, offset, band, 200, fineStep)
		for i, v := range l.v {
			p := l.at(float64(i))
			if !g.inside(p, 1) {
				t.Fatalf("sample %d at %v", i, p)
			}
			if p.X < 4 || p.Y < 4 || p.X > 96 || p.Y > 76 {
				continue // the band leaves the picture, whose edge repeats
			}
			if want := p.X + p.Y - 1; math.Abs(v-want) > 0.5 {
				t.Fatalf("sample %d at %v is %.2f, want %.2f", i, p, v, want)
			}
		}
	})
}
