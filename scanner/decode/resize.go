package decode

import "math"

// workingSize is the number of pixels that reading needs: larger pictures are
// reduced to it first, so that the cost of any input is bounded.
const workingSize = 2_100_000

// reduced returns g itself, or g shrunk to about workingSize by averaging the area
// that falls on each new pixel.
func (g *Gray) reduced() *Gray {
	if g.W*g.H <= workingSize {
		return g
	}
	k := math.Sqrt(float64(g.W*g.H) / workingSize)
	w, h := min(int(float64(g.W)/k), workingSize), min(int(float64(g.H)/k), workingSize)
	return g.shrunk(max(w, 1), max(h, 1))
}

// shrunk averages g onto w x h pixels, both no larger than its own. An old pixel
// counts for each new one by the share of it that falls there, in 1/256.
func (g *Gray) shrunk(w, h int) *Gray {
	out := newGray(w, h)
	out.scale = g.pixel() * math.Sqrt(float64(g.W)*float64(g.H)/float64(w*h))
	across := shares(g.W, w)
	sums := make([]uint64, w)
	weights := uint64(0)
	for y, down := range shares(g.H, h) {
		clear(sums)
		weights = 0
		for i := down.first; i <= down.last; i++ {
			wy := down.weight(i)
			weights += wy
			row := g.row(i)
			for x := range across {
				a := &across[x]
				s := uint64(row[a.first]) * a.head
				for _, v := range row[a.first+1 : max(a.last, a.first+1)] {
					s += uint64(v) << 8
				}
				if a.last > a.first {
					s += uint64(row[a.last]) * a.tail
				}
				sums[x] += s * wy
			}
		}
		line := out.row(y)
		for x := range line {
			n := across[x].total() * weights
			line[x] = byte((sums[x] + n/2) / n)
		}
	}
	return out
}

// share is the run of old pixels that one new pixel covers, the first and the last
// of them in part: head and tail in 1/256.
type share struct {
	first, last int
	head, tail  uint64
}

func (s share) weight(i int) uint64 {
	switch i {
	case s.first:
		return s.head
	case s.last:
		return s.tail
	}
	return 256
}

func (s share) total() uint64 {
	if s.first == s.last {
		return s.head
	}
	return s.head + s.tail + 256*uint64(s.last-s.first-1)
}

// shares cuts n old pixels into m new ones, m <= n.
func shares(n, m int) []share {
	out := make([]share, m)
	for i := range out {
		from, to := i*n*256/m, (i+1)*n*256/m
		s := share{first: from >> 8, last: (to - 1) >> 8}
		if s.first == s.last {
			s.head = uint64(to - from)
		} else {
			s.head, s.tail = uint64(256-from&255), uint64(to-s.last<<8)
		}
		out[i] = s
	}
	return out
}

// halved is g at half the size, each pixel the mean of four.
func (g *Gray) halved() *Gray {
	out := newGray(g.W/2, g.H/2)
	out.scale = 2 * g.pixel()
	for y := range out.H {
		a, b := g.row(2*y), g.row(2*y+1)
		for x, line := 0, out.row(y); x < len(line); x++ {
			line[x] = byte((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) >> 2)
		}
	}
	return out
}

// doubled is g at twice the size, between pixels a straight line.
func (g *Gray) doubled() *Gray {
	out := newGray(g.W*2, g.H*2)
	out.scale = g.pixel() / 2
	for y := range out.H {
		// new centres fall a quarter of an old pixel before and after each old centre
		near, far := y/2, min(max(y/2-1+2*(y&1), 0), g.H-1)
		a, b := g.row(near), g.row(far)
		for x, line := 0, out.row(y); x < len(line); x++ {
			i, j := x/2, min(max(x/2-1+2*(x&1), 0), g.W-1)
			v := 3*(3*int(a[i])+int(a[j])) + 3*int(b[i]) + int(b[j])
			line[x] = byte((v + 8) >> 4)
		}
	}
	return out
}

// inverted swaps black and white.
func (g *Gray) inverted() *Gray {
	out := newGray(g.W, g.H)
	out.scale = g.scale
	for y := range g.H {
		line := out.row(y)
		for x, v := range g.row(y) {
			line[x] = 255 - v
		}
	}
	return out
}

// smoothed weighs each pixel with its neighbours by 1 2 1 both ways, which takes
// noise and JPEG ringing off before thresholds.
func (g *Gray) smoothed() *Gray {
	if g.W < 3 || g.H < 3 {
		return g
	}
	out := newGray(g.W, g.H)
	out.scale = g.scale
	column := make([]int, g.W)
	for y := range g.H {
		a, b, c := g.row(max(y-1, 0)), g.row(y), g.row(min(y+1, g.H-1))
		for x := range column {
			column[x] = int(a[x]) + 2*int(b[x]) + int(c[x])
		}
		line := out.row(y)
		for x := range line {
			left, right := column[max(x-1, 0)], column[min(x+1, g.W-1)]
			line[x] = byte((left + 2*column[x] + right + 8) >> 4)
		}
	}
	return out
}
