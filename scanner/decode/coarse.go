package decode

// Fine texture, as of a screen, a halftone or a grid in print, hides a code from every
// look at single pixels, and costs the most time there. Smaller pictures average it
// away.

// Runs of one colour that a hundred pixels have at least: on a picture with texture, or
// much print, and on one that is full of texture or of print too small for a code.
const (
	grainy   = 5
	speckled = 12
)

// coarseEarly looks for QR codes on smaller pictures where texture makes the looks at
// single pixels dear. It goes by what the first of these saw.
func (r *Reader) coarseEarly(g *Gray) {
	if r.density = r.finder.density; r.density >= speckled && r.tally.none(QR) {
		r.smaller(g, func(s *Gray) { r.qr(s, plain) })
	}
}

// coarse looks for what was not found on smaller pictures: with full effort of any, since
// texture that is faint does not show in runs.
func (r *Reader) coarse(g *Gray, effort Effort) {
	if r.density < grainy && effort == Quick {
		return
	}
	r.smaller(g, func(s *Gray) {
		if r.density < speckled && r.tally.none(QR) {
			r.qr(s, plain)
		}
		if !r.over() && r.tally.none(Code128, Code39) {
			r.linear(s, Quick)
		}
	})
}

// smaller shows a picture at a quarter of its length, a third, a sixth and half, until
// nothing is left to look for.
func (r *Reader) smaller(g *Gray, look func(*Gray)) {
	half := g.halved()
	var third *Gray
	for _, next := range [...]func() *Gray{
		func() *Gray { return half.halved() },
		func() *Gray { third = g.shrunk(max(1, g.W/3), max(1, g.H/3)).smoothed(); return third },
		func() *Gray { return third.halved() },
		func() *Gray { return half.smoothed() },
	} {
		s := next()
		if min(s.W, s.H) >= coarseSide {
			look(s)
		}
		if r.over() {
			return
		}
	}
}

// coarseSide is the least width and height in pixels of a smaller picture that is worth
// a look.
const coarseSide = 100
