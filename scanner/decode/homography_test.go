package decode

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// quads are what a camera sees of a square: corners each moved by up to a quarter.
func quads(t *rapid.T) quad {
	moved := func(x, y float64) Point {
		return Point{x + 25*rapid.Float64Range(-1, 1).Draw(t, "x"), y + 25*rapid.Float64Range(-1, 1).Draw(t, "y")}
	}
	return quad{moved(0, 0), moved(100, 0), moved(100, 100), moved(0, 100)}
}

// Corners go to corners, lines to lines: the diagonals' crossing to theirs.
func TestHomographyMapsTheSquare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := quads(t)
		h := q.homography()
		for i, unit := range [4]Point{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
			if d := distance(h.at(unit.X, unit.Y), q[i]); d > 1e-6 {
				t.Fatalf("corner %d of %v off by %g", i, q, d)
			}
		}
		middle := h.at(0.5, 0.5)
		for _, d := range [2][2]Point{{q[0], q[2]}, {q[1], q[3]}} {
			off := (d[1].X-d[0].X)*(middle.Y-d[0].Y) - (d[1].Y-d[0].Y)*(middle.X-d[0].X)
			if math.Abs(off)/distance(d[0], d[1]) > 1e-6 {
				t.Fatalf("the middle of %v is off a diagonal by %g", q, off)
			}
		}
	})
}

// In modules, the centres of the finder patterns lie three and a half from the edges.
func TestHomographyInModules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, size := quads(t), 17+4*rapid.IntRange(1, 40).Draw(t, "version")
		unit := q.homography()
		h, last := unit.modules(size), float64(size)-3.5
		for i, at := range [4]Point{{3.5, 3.5}, {last, 3.5}, {last, last}, {3.5, last}} {
			if d := distance(h.at(at.X, at.Y), q[i]); d > 1e-6 {
				t.Fatalf("eye %d of %v, %d modules, off by %g", i, q, size, d)
			}
		}
	})
}
