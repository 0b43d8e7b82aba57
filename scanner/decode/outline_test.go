package decode

import (
	"fmt"
	"math"
	"testing"
	"time"

	"harkara/internal/label"
)

// The corners of bars are those of the bars, whatever line gave their text, at every
// angle and on a picture's edge.
func TestOutline(t *testing.T) {
	const tolerance = 3 // pixels
	reader := New()
	box := [4]Point{{208, 210}, {432, 210}, {432, 270}, {208, 270}} // as turnedBars draws them
	for degrees := -180.0; degrees < 180; degrees += 12 {
		g := turnedBars(t, degrees)
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		for _, all := range []bool{false, true} {
			read := reader.Decode(g, Options{Budget: time.Minute, All: all}).Symbols
			if len(read) != 1 {
				t.Fatalf("%.0f degrees: %+v", degrees, read)
			}
			Outline(g, &read[0])
			for i, p := range box {
				x, y := p.X-320, p.Y-240
				if want := (Point{320 + x*cos - y*sin, 240 + x*sin + y*cos}); distance(read[0].Corners[i], want) > tolerance {
					t.Errorf("%.0f degrees, all %t: corner %d at %.1f, want %.1f", degrees, all, i, read[0].Corners[i], want)
				}
			}
		}
	}
	g := frameOf(t, patch{format: Code128, text: string(label.New(label.File, 17)), x: 208, y: 440})
	read := reader.Decode(g, Options{Budget: time.Minute, All: true}).Symbols
	if len(read) != 1 {
		t.Fatalf("%+v", read)
	}
	Outline(g, &read[0])
	if c := read[0].Corners; math.Abs(c[0].Y-440) > tolerance || math.Abs(c[2].Y-480) > tolerance {
		t.Errorf("bars that leave the picture: %v", c)
	}
}

// What is no picture, and corners that are nowhere, are left as they are.
func TestOutlineOfNothing(t *testing.T) {
	for _, g := range []*Gray{{}, newGray(1, 1), newGray(40, 1), newGray(1, 40), newGray(40, 40)} {
		for _, c := range [][4]Point{{}, {{-9, -9}, {900, 3}, {900, 3}, {-9, -9}}, {{1, 1}, {39, 1}, {39, 1}, {1, 1}}, {{}, {39, 0}, {39, 0}, {}}, {{math.NaN(), 0}, {39, 0}, {math.Inf(1), 0}, {}}} {
			s := Symbol{Format: Code128, Corners: c}
			Outline(g, &s)
			if fmt.Sprint(s.Corners) != fmt.Sprint(c) { // no number is not itself
				t.Errorf("%v became %v", c, s.Corners)
			}
		}
	}
}
