package decode

import (
	"slices"
	"testing"

	"harkara/scanner/decode/hostile"
)

// Eyes are found where they are, and of their size.
func TestFinderFindsEyes(t *testing.T) {
	for _, module := range []int{2, 3, 7} {
		b := &bitmap{w: 200, h: 160, pix: make([]byte, 200*160)}
		at := []Point{{40, 40}, {150, 44}, {60, 120}}
		for _, p := range at {
			for v := range 7 * module {
				for u := range 7 * module {
					ring := max(abs(u/module-3), abs(v/module-3))
					if ring != 2 {
						b.pix[(int(p.Y)+v-7*module/2)*b.w+int(p.X)+u-7*module/2] = 1
					}
				}
			}
		}
		var f finder
		eyes := f.find(b, 1)
		if len(eyes) != len(at) {
			t.Fatalf("module %d: %d eyes", module, len(eyes))
		}
		for _, p := range at {
			if !slices.ContainsFunc(eyes, func(e eye) bool {
				return distance(e.Point, p) < 1 && e.module > 0.8*float64(module) && e.module < 1.2*float64(module)
			}) {
				t.Errorf("module %d: no eye at %v among %+v", module, p, eyes)
			}
		}
	}
}

// A page of squares ends at the caps.
func TestFinderIsCapped(t *testing.T) {
	for name, picture := range hostile.Pictures() {
		var (
			z binarizer
			b bitmap
			f finder
		)
		g := FromImage(picture)
		z.run(g, &b, plain.floor)
		eyes := f.find(&b, 1)
		if len(eyes) > mostEyes || f.candidates > mostCandidates+g.W {
			t.Errorf("%s: %d eyes of %d candidates", name, len(eyes), f.candidates)
		}
	}
}

// Eight pixels at a time end where one at a time do.
func TestEndOfRun(t *testing.T) {
	for n := range 40 {
		for end := range n {
			row := make([]byte, n)
			for i := end + 1; i < n; i++ {
				row[i] = 1
			}
			for start := range end + 1 {
				if got := endOfRun(row, start); got != end+1 {
					t.Fatalf("%v from %d: %d", row, start, got)
				}
			}
		}
	}
}
