package decode

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The edge of a blurred step is found to a tenth of a sample, whichever way it goes.
func TestEdgesAreFoundBetweenSamples(t *testing.T) {
	var finder edgeFinder
	rapid.Check(t, func(t *rapid.T) {
		at, sigma := rapid.Float64Range(12, 28).Draw(t, "at"), rapid.Float64Range(0.7, 3).Draw(t, "sigma")
		dark := rapid.Bool().Draw(t, "dark")
		line := make([]float64, 40)
		for i := range line {
			step := 0.5 * (1 + math.Erf((float64(i)-at)/(sigma*math.Sqrt2)))
			if dark {
				step = 1 - step
			}
			line[i] = 30 + 180*step
		}
		var inner []edge
		for _, e := range finder.find(line, hysteresis) {
			if e.at >= 0 && e.at < float64(len(line)-1) { // not where the line starts or ends in the dark
				inner = append(inner, e)
			}
		}
		if len(inner) != 1 || inner[0].dark != dark || math.Abs(inner[0].at-at) > 0.1 {
			t.Fatalf("a step at %.2f, sigma %.2f: %+v", at, sigma, inner)
		}
	})
}

// Dark and light take turns, in order, whatever the line.
func TestEdgesAlternate(t *testing.T) {
	var finder edgeFinder
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SliceOfN(rapid.Float64Range(0, 255), 8, 200).Draw(t, "line")
		edges := finder.find(line, hysteresis)
		for i := 1; i < len(edges); i++ {
			if edges[i].dark == edges[i-1].dark || edges[i].at < edges[i-1].at {
				t.Fatalf("edge %d of %+v", i, edges)
			}
		}
	})
}
