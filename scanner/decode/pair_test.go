package decode

import (
	"math"
	"math/rand/v2"
	"testing"

	"harkara/internal/label"
)

// A code of which one eye, whichever, lies under paper is read by the other two; with two
// hidden it is not.
func TestHiddenEye(t *testing.T) {
	text := string(label.New(label.File, 20_260_117))
	const far = smallestQR - eyeModules
	eyes := map[string][2]int{"top left": {0, 0}, "top right": {far, 0}, "bottom left": {0, far}}
	for _, tt := range []struct {
		hidden []string
		read   bool
	}{
		{nil, true},
		{[]string{"top left"}, true},
		{[]string{"top right"}, true},
		{[]string{"bottom left"}, true},
		{[]string{"top left", "bottom left"}, false},
	} {
		for _, turned := range []float64{0, 0.4, -1.2, 2, math.Pi} {
			random := rand.New(rand.NewPCG(5, 7))
			d := newDamage(t, random, text, true)
			d.scale, d.paper, d.ink, d.blur, d.noise, d.fold = 4, 200, 0.7, 0.4, 3, 2
			d.sin, d.cos = math.Sincos(turned)
			for _, name := range tt.hidden {
				at := eyes[name]
				for y := range eyeModules {
					row := d.dark[(at[1]+y+margin)*(d.w+2*margin)+at[0]+margin:]
					clear(row[:eyeModules])
				}
			}
			got := New().Decode(d.seen(random, 0), Options{Effort: Full})
			if read := len(got.Symbols) == 1 && got.Symbols[0].Text == text; read != tt.read {
				t.Errorf("%q hidden, turned by %.1f: %+v", tt.hidden, turned, got.Symbols)
			}
		}
	}
}
