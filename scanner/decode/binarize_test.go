package decode

import (
	"testing"

	"pgregory.net/rapid"
)

// The lesser of eight bytes at once are those of one at a time.
func TestLesser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Uint64().Draw(t, "x"), rapid.Uint64().Draw(t, "y")
		least := lesser(x, y)
		for i := range 8 {
			a, b, got := byte(x>>(8*i)), byte(y>>(8*i)), byte(least>>(8*i))
			if got != min(a, b) || byte((x^y^least)>>(8*i)) != max(a, b) {
				t.Fatalf("%d of %d and %d", got, a, b)
			}
		}
	})
}

// Print is dark and paper light though light falls off across the page, at any size.
func TestBinarizerFollowsTheLight(t *testing.T) {
	for _, size := range []int{61, 64, 200} {
		g := newGray(size, size)
		print := func(x, y int) bool { return x/4%2 == 0 && y/4%2 == 0 }
		for y := range size {
			for x := range size {
				paper := 250 - 150*x/size
				if g.Pix[y*size+x] = byte(paper); print(x, y) {
					g.Pix[y*size+x] = byte(paper * 45 / 100)
				}
			}
		}
		var z binarizer
		var b bitmap
		z.run(g, &b, floor{levels: 12})
		for y := range size {
			for x := range size {
				if b.dark(x, y) != print(x, y) {
					t.Fatalf("%d pixels: (%d, %d) is %t", size, x, y, b.dark(x, y))
				}
			}
		}
	}
}
