package decode

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Widths of every character are its own though each edge is off by a fifth of a module;
// half a module off they may be nobody's, but a symbol still needs its check character.
func TestNearest128(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for code := range widths128 {
		widths := widths128[code]
		for i := range len(widths) - 1 {
			d := 0.2 * (2*random.Float64() - 1)
			widths[i], widths[i+1] = widths[i]+d, widths[i+1]-d
		}
		for i := range widths {
			widths[i] *= 3.7 // samples
		}
		if got := nearest128(&widths); got != code {
			t.Errorf("character %d read as %d", code, got)
		}
	}
}

// The three widest of nine are wide whatever a module measures.
func TestWides39(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code, module := rapid.SampledFrom(wides39[:]).Draw(t, "character"), rapid.Float64Range(0.5, 20).Draw(t, "module")
		var widths [edgesOf39 - 1]float64
		for i := range widths {
			widths[i] = module * rapid.Float64Range(0.7, 1.3).Draw(t, "width")
			if code>>(8-i)&1 == 1 {
				widths[i] += 1.5 * module
			}
		}
		if got := wides(&widths); got != code {
			t.Fatalf("%09b read as %09b", code, got)
		}
	})
}
