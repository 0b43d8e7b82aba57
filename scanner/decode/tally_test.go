package decode

import "testing"

// The same line read by two steps is one line.
func TestALineCountsOnce(t *testing.T) {
	var tally tally
	tally.reset(Options{Accept: func(string) bool { return false }}, Point{640, 480})
	bars := func(y float64) Symbol {
		return Symbol{Text: "FIN-2019", Format: Code128, Corners: [4]Point{{10, y}, {90, y}, {90, y}, {10, y}}, Lines: 1}
	}
	for i, tt := range []struct {
		y        float64
		lines    int
		believed bool
	}{{20, 1, false}, {20.2, 1, false}, {24, 2, true}, {24, 2, true}, {28, 3, true}, {20, 3, true}, {32, 4, true}} {
		if got := tally.add(bars(tt.y)); got != tt.believed || tally.seen[0].Lines != tt.lines {
			t.Errorf("reading %d: believed %t with %d lines, want %t with %d", i+1, got, tally.seen[0].Lines, tt.believed, tt.lines)
		}
	}
}
