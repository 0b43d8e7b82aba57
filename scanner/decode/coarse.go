package decode

// Fine texture, as of a screen, a halftone or a grid in print, hides a code from every
// look at single pixels, and costs the most time there. Smaller pictures average it
// away.

// grainy is how many runs of one colour a hundred pixels have at least on a picture that
// may have texture, or much print.
const grainy = 5

// fine reports whether a picture may hold texture: with full effort any, since what is
// faint does not show in its runs.
func (r *Reader) fine(effort Effort) bool { return r.density >= grainy || effort == Full }

// coarseQR looks for QR codes on smaller pictures, before whatever else texture makes
// dear.
func (r *Reader) coarseQR(g *Gray, effort Effort) {
	r.density = r.finder.density
	if r.fine(effort) && r.tally.none(QR) {
		r.smaller(g, func(s *Gray) { r.qr(s, plain) })
	}
}

// coarseLinear looks for bars on smaller pictures.
func (r *Reader) coarseLinear(g *Gray, effort Effort) {
	if r.fine(effort) && r.tally.none(Code128, Code39) {
		r.smaller(g, func(s *Gray) { r.linear(s, Quick) })
	}
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
const coarseSide = 60
