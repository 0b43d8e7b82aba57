package decode

import (
	"math"
	"testing"
	"time"

	"harkara/internal/label"
)

// turnedBars draws a label's bars turned about the middle of a frame.
func turnedBars(t *testing.T, degrees float64) *Gray {
	return turned(frameOf(t, patch{format: Code128, text: string(label.New(label.File, 17)), x: 208, y: 210}), degrees)
}

func turned(flat *Gray, degrees float64) *Gray {
	g := newGray(flat.W, flat.H)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	for y := range g.H {
		for x := range g.W {
			dx, dy := float64(x)+0.5-320, float64(y)+0.5-240
			g.Pix[y*g.Stride+x] = byte(flat.bilinear(Point{320 + dx*cos + dy*sin, 240 + dy*cos - dx*sin}))
		}
	}
	return g
}

// Bars are found in the direction they lie in, and read at every angle.
func TestBarsAtAnyAngle(t *testing.T) {
	var finder barFinder
	reader := New()
	for degrees := 0.0; degrees < 360; degrees += 15 {
		g := turnedBars(t, degrees)
		areas := finder.find(g)
		if len(areas) == 0 {
			t.Fatalf("%.0f degrees: no area", degrees)
		}
		a := areas[0]
		off := between(float32(math.Atan2(a.along.Y, a.along.X)), float32(math.Mod(degrees, 180)*math.Pi/180))
		if off = min(off, math.Abs(off-math.Pi)); off > 5*math.Pi/180 { // readArea squares up the rest
			t.Errorf("%.0f degrees: along %v", degrees, a.along)
		}
		if distance(a.centre, Point{320, 240}) > 12 {
			t.Errorf("%.0f degrees: centre %v", degrees, a.centre)
		}
		s := reader.Decode(g, Options{Budget: time.Minute}).Symbols
		if len(s) != 1 || s[0].Text != string(label.New(label.File, 17)) {
			t.Errorf("%.0f degrees: %+v", degrees, s)
		}
	}
}

// A label cut with scissors, three modules from its bars, lies on a darker desk: its
// edge looks like one bar more.
func TestLabelCutClose(t *testing.T) {
	const module, x, y = 2, 208, 210 // pixels
	text := string(label.New(label.File, 17))
	reader := New()
	for name, margin := range map[string][2]int{"both": {3, 3}, "left": {3, 12}, "right": {12, 3}, "wider": {6, 6}} {
		for _, desk := range []byte{20, 110, 160} {
			for _, degrees := range []float64{0, -8, 17, 90, 180} {
				g := frameOf(t, patch{format: Code128, text: text, x: x, y: y})
				for i := range g.Pix {
					if at := i % g.Stride; at < x-margin[0]*module || at >= x+(112+margin[1])*module || i/g.Stride < y-10 || i/g.Stride >= y+70 {
						g.Pix[i] = desk
					}
				}
				s := reader.Decode(turned(g, degrees), Options{Budget: time.Minute}).Symbols
				if len(s) != 1 || s[0].Text != text {
					t.Errorf("%s, desk %d, %.0f degrees: %+v", name, desk, degrees, s)
				}
			}
		}
	}
}
