package decode

import (
	"cmp"
	"math"
	"slices"
)

// pair is the centres of two eyes of a QR code whose third is hidden: by a thread, a
// finger, a stamp.
type pair [2]Point

func (p pair) has(q Point) bool { return p[0] == q || p[1] == q }

// Limits of pairs: a cover's code is of version 1, and what is much larger has a wealth of
// other ways to be seen.
const (
	pairedEyes   = 10
	largestPair  = 33 // modules a side
	leastPaired  = 3  // rows that crossed both
	pairedSpread = 1.5
)

// pair returns pairs of the best eyes, those most rows crossed first. It keeps the order
// that join gave the eyes.
func (f *finder) pair(eyes []eye, most int) []pair {
	if most == 0 {
		return nil
	}
	type candidate struct {
		pair
		rows int
	}
	var found []candidate
	eyes = eyes[:min(len(eyes), pairedEyes)]
	for i, a := range eyes {
		for _, b := range eyes[i+1:] {
			small, large, apart := min(a.module, b.module), max(a.module, b.module), distance(a.Point, b.Point)
			if rows := min(a.rows, b.rows); rows >= leastPaired && large < small*pairedSpread && apart > nearest*small && apart < math.Sqrt2*largestPair*large {
				found = append(found, candidate{pair{a.Point, b.Point}, rows})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.rows, a.rows) })
	pairs := make([]pair, 0, most)
	for _, c := range found[:min(len(found), most)] {
		pairs = append(pairs, c.pair)
	}
	return pairs
}

// placing is which corners of a symbol, clockwise from its top left, a pair's eyes are,
// and which eye is hidden.
type placing struct{ first, second, hidden int }

// placings of two eyes that may be named so that the symbol lies to the right of the way
// from the first to the second, or that are opposite.
var placings = [...]placing{{0, 1, 3}, {3, 0, 1}, {1, 3, 0}}

// complete looks for a symbol with eyes at p, and reads it: over a coarse grid of what a
// tilted camera can make of the other two corners, then like a triple.
func (f *fitter) complete(g *Gray, b *bitmap, p pair, effort Effort) (Symbol, bool) {
	estimate := b.sizeBetween(p[0], p[1])
	if estimate == 0 || estimate > largestPair {
		return Symbol{}, false
	}
	size := max(smallestQR, int(math.Round((estimate-17)/4))*4+17)
	f.fits = f.fits[:0]
	for _, eyes := range [...]pair{p, {p[1], p[0]}} {
		for _, as := range placings {
			f.fits = append(f.fits, f.place(g, size, eyes, as))
		}
	}
	slices.SortFunc(f.fits, func(a, b fit) int { return cmp.Compare(b.contrast, a.contrast) })
	f.fits = f.fits[:2]
	for i := range f.fits {
		c := &f.fits[i]
		f.hide(size, c.hidden)
		c.contrast = refine(g, f.partial, size, &c.corners, c.module)
	}
	return f.best(g, effort)
}

// hide leaves in f.partial the marks of a symbol without those of one eye.
func (f *fitter) hide(size, hidden int) {
	f.partial = f.partial[:0]
	right, low := hidden == 1, hidden == 3
	for _, m := range f.marksOf(size) {
		u, v := m.u, m.v
		if right {
			u = float32(size) - u
		}
		if low {
			v = float32(size) - v
		}
		if u > eyeModules+1 || v > eyeModules+1 {
			f.partial = append(f.partial, m)
		}
	}
}

// Steps of the coarse grid, in sides of the symbol as seen from the front: how far away the
// other corners may lie, and how far they may lean.
const (
	shortest2D, longest2D = 0.6, 1.4
	leans                 = 0.4
	gridStep              = 0.06
)

// place returns the best fit of a symbol as its eyes are placed.
func (f *fitter) place(g *Gray, size int, eyes pair, as placing) fit {
	f.hide(size, as.hidden)
	along := Point{eyes[1].X - eyes[0].X, eyes[1].Y - eyes[0].Y}
	right := Point{-along.Y, along.X} // as y is down
	opposite := (as.second-as.first+4)%4 == 2
	c := fit{size: size, hidden: as.hidden, contrast: math.Inf(-1)}
	c.module = distance(eyes[0], eyes[1]) / float64(size-eyeModules)
	if opposite {
		c.module /= math.Sqrt2
	}
	for away := shortest2D; away <= longest2D; away += gridStep {
		for lean := -leans; lean <= leans; lean += gridStep {
			w := Point{right.X*away + along.X*lean, right.Y*away + along.Y*lean}
			var q quad
			q[as.first], q[as.second] = eyes[0], eyes[1]
			if opposite {
				middle := Point{(eyes[0].X + eyes[1].X) / 2, (eyes[0].Y + eyes[1].Y) / 2}
				q[(as.second+1)%4] = Point{middle.X + w.X/2, middle.Y + w.Y/2}
				q[(as.first+1)%4] = Point{middle.X - w.X/2, middle.Y - w.Y/2}
			} else {
				q[(as.second+1)%4] = Point{eyes[1].X + w.X, eyes[1].Y + w.Y}
				q[(as.second+2)%4] = Point{eyes[0].X + w.X, eyes[0].Y + w.Y}
			}
			if v := contrast(g, f.partial, size, &q); v > c.contrast {
				c.contrast, c.corners = v, q
			}
		}
	}
	c.square = c.corners
	return c
}
