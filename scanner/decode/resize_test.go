package decode

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func mean(g *Gray) float64 {
	sum := 0.0
	for y := range g.H {
		for _, v := range g.row(y) {
			sum += float64(v)
		}
	}
	return sum / float64(g.W*g.H)
}

// Averaging areas neither makes nor loses light.
func TestShrinkingKeepsTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := newGray(rapid.IntRange(2, 60).Draw(t, "w"), rapid.IntRange(2, 60).Draw(t, "h"))
		copy(g.Pix, rapid.SliceOfN(rapid.Byte(), len(g.Pix), len(g.Pix)).Draw(t, "pixels"))
		out := g.shrunk(rapid.IntRange(1, g.W).Draw(t, "to w"), rapid.IntRange(1, g.H).Draw(t, "to h"))
		if d := math.Abs(mean(out) - mean(g)); d > 2 { // shares are in 1/256, results whole levels
			t.Fatalf("%d x %d to %d x %d: the mean moved by %.2f", g.W, g.H, out.W, out.H, d)
		}
		if twice := g.doubled(); math.Abs(mean(twice)-mean(g)) > 0.6 {
			t.Fatalf("doubled: the mean moved by %.2f", mean(twice)-mean(g))
		}
	})
}

// Two inversions are none, and one turns the mean over.
func TestInverted(t *testing.T) {
	g := newGray(9, 7)
	for i := range g.Pix {
		g.Pix[i] = byte(31 * i)
	}
	if back := g.inverted().inverted(); string(back.Pix) != string(g.Pix) {
		t.Error("inverted twice is another picture")
	}
	if d := mean(g) + mean(g.inverted()) - 255; math.Abs(d) > 1e-9 {
		t.Errorf("means add up to %g over 255", d)
	}
}
