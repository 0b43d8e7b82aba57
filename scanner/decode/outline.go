package decode

// How bars are followed beyond the lines that were read.
const (
	outlineSamples = 256 // of a line, from the first bar to the last
	outlineAlike   = 0.6 // correlation with the line that was read
	outlineGap     = 4   // pixels that may look otherwise: a stroke of a pen
	outlineSlope   = 4   // pixels along bars that tell their slope
)

// shears are how far in pixels either end of a line may have moved along it against the
// one a pixel above: bars that it does not cross squarely, or that run together.
var shears = [...][2]float64{
	{0, 0},
	{-0.25, -0.25},
	{0.25, 0.25},
	{-0.5, -0.5},
	{0.5, 0.5},
	{-0.25, 0},
	{0.25, 0},
	{0, -0.25},
	{0, 0.25},
	{-0.25, 0.25},
	{0.25, -0.25},
}

// Outline grows the corners of bars, which span the lines read, to the whole height of
// the bars on the picture g that they were read from: as far up and down as lines look
// like those. A QR's corners are its own already.
func Outline(g *Gray, s *Symbol) {
	if s.Format == QR || !g.valid() || g.W < minSide || g.H < minSide {
		return
	}
	c := &s.Corners
	top, bottom := across{g, c[0], c[1]}.squared(), across{g, c[3], c[2]}.squared()
	c[0], c[1] = top.end(-1)
	c[3], c[2] = bottom.end(1)
}

// across is a line across bars, from the first to the last.
type across struct {
	g    *Gray
	a, b Point
}

// along is the line's direction, a unit vector.
func (l across) along() Point {
	length := distance(l.a, l.b)
	return Point{(l.b.X - l.a.X) / length, (l.b.Y - l.a.Y) / length}
}

// moved is the line so many pixels further down, seen along it, and its ends along
// itself.
func (l across) moved(down float64, shift [2]float64) across {
	u := l.along()
	x, y := -u.Y*down, u.X*down
	return across{
		l.g,
		Point{l.a.X + x + u.X*shift[0], l.a.Y + y + u.Y*shift[0]},
		Point{l.b.X + x + u.X*shift[1], l.b.Y + y + u.Y*shift[1]},
	}
}

// look samples the line, normalised; false where it leaves the picture or is flat.
func (l across) look(v *[outlineSamples]float32) bool {
	if !l.g.inside(l.a, 1) || !l.g.inside(l.b, 1) {
		return false
	}
	for i := range v {
		k := (float64(i) + 0.5) / outlineSamples
		v[i] = float32(l.g.bilinear(Point{l.a.X + (l.b.X-l.a.X)*k, l.a.Y + (l.b.Y-l.a.Y)*k}))
	}
	return normalise(v[:])
}

// reach is how far from the line in pixels, downwards for 1 and upwards for -1, lines
// look like it, and how far the ends of the last are shifted along it.
func (l across) reach(side float64) (rows float64, shift [2]float64) {
	var read, row [outlineSamples]float32
	if distance(l.a, l.b) < outlineSamples/8 || !l.look(&read) {
		return 0, shift
	}
	for k := 1.0; k-rows <= outlineGap; k++ {
		best, at := float32(outlineAlike), shift
		for _, d := range shears {
			next := [2]float64{shift[0] + d[0], shift[1] + d[1]}
			if l.moved(side*k, next).look(&row) {
				if alike := product(read[:], row[:]); alike > best {
					best, at = alike, next
				}
			}
		}
		if best > outlineAlike {
			rows, shift = k, at
		}
	}
	return rows, shift
}

// end is the last line on one side that looks like this one.
func (l across) end(side float64) (a, b Point) {
	rows, shift := l.reach(side)
	if rows == 0 {
		return l.a, l.b
	}
	last := l.moved(side*rows, shift)
	return last.a, last.b
}

// squared turns a line about its middle to where it crosses the bars squarely, from the
// edge of the first to that of the last.
func (l across) squared() across {
	up, above := l.reach(-1)
	down, below := l.reach(1)
	if up+down < outlineSlope {
		return l
	}
	u, middle := l.along(), Point{(l.a.X + l.b.X) / 2, (l.a.Y + l.b.Y) / 2}
	slope := func(i int) float64 { return (below[i] - above[i]) / (up + down) } // pixels along the line to one further down
	square := (slope(0) + slope(1)) / 2                                         // the line turns by this to cross them squarely
	foot := func(p Point, i int) Point {
		// p + k*(a pixel down the bar at p) where it meets the turned line
		from := (p.X-middle.X)*u.X + (p.Y-middle.Y)*u.Y
		k := -square * from / (1 + square*slope(i))
		x, y := slope(i)*k, k
		return Point{p.X + u.X*x - u.Y*y, p.Y + u.Y*x + u.X*y}
	}
	return across{l.g, foot(l.a, 0), foot(l.b, 1)}
}
