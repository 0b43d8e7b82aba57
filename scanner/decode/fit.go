package decode

import "math"

// mark is a module of a QR code whose colour its size fixes, at its centre in modules
// from the symbol's top left corner.
type mark struct {
	u, v float32
	dark bool
}

// fitter keeps the buffers of fitting QR codes.
type fitter struct {
	marks   map[int][]mark // by size
	sizes   []int
	fits    []fit
	partial []mark    // of a symbol with a hidden eye
	grey    []float64 // of modules, size*size
	sharp   []float64
	running []float64 // (size+1)^2 sums from the top left
	dark    []bool
	text    *qrText
}

func newFitter() fitter { return fitter{marks: map[int][]mark{}, text: newQRText()} }

// marksOf returns the finder patterns with their light border, the timing patterns and
// the last alignment pattern (twice: it alone holds the far corner) of a symbol of size
// modules a side (ISO/IEC 18004, section 6.3).
func (f *fitter) marksOf(size int) []mark {
	if m, ok := f.marks[size]; ok {
		return m
	}
	var m []mark
	put := func(x, y int, dark bool) {
		if x >= 0 && y >= 0 && x < size && y < size {
			m = append(m, mark{float32(x) + 0.5, float32(y) + 0.5, dark})
		}
	}
	for _, corner := range [...][2]int{{0, 0}, {size - eyeModules, 0}, {0, size - eyeModules}} {
		for y := -1; y <= eyeModules; y++ {
			for x := -1; x <= eyeModules; x++ {
				ring := max(abs(x-3), abs(y-3)) // 0, 1: core; 2: light; 3: dark; 4: border
				put(corner[0]+x, corner[1]+y, ring != 2 && ring != 4)
			}
		}
	}
	for i := eyeModules + 1; i < size-eyeModules-1; i++ {
		put(i, 6, i%2 == 0)
		put(6, i, i%2 == 0)
	}
	if size > smallestQR {
		for y := -2; y <= 2; y++ {
			for x := -2; x <= 2; x++ {
				dark := max(abs(x), abs(y)) != 1
				put(size-7+x, size-7+y, dark)
				put(size-7+x, size-7+y, dark)
			}
		}
	}
	f.marks[size] = m
	return m
}

// Modules a side of version 1 and of version 40.
const (
	smallestQR = 21
	largestQR  = 177
)

func abs(x int) int { return max(x, -x) }

// contrast is the mean brightness of the light marks less that of the dark ones where q
// puts them: greatest where it fits. Marks off the picture count as middle grey.
func contrast(g *Gray, marks []mark, size int, q *quad) float64 {
	unit := q.homography()
	h := unit.modules(size)
	n := float64(size)
	inside := true
	for _, p := range [...]Point{h.at(0, 0), h.at(n, 0), h.at(n, n), h.at(0, n)} {
		inside = inside && p.X >= 1 && p.Y >= 1 && p.X < float64(g.W-1) && p.Y < float64(g.H-1)
	}
	if inside {
		return contrastInside(g, marks, &h)
	}
	var light, dark, lights, darks float64
	for _, m := range marks {
		v := 128.0
		if p := h.at(float64(m.u), float64(m.v)); g.inside(p, 1) {
			v = g.bilinear(p)
		}
		if m.dark {
			dark += v
			darks++
		} else {
			light += v
			lights++
		}
	}
	return light/lights - dark/darks
}

// contrastInside is contrast for a symbol wholly on the picture, in 1/16 pixels.
func contrastInside(g *Gray, marks []mark, h *homography) float64 {
	var light, dark, lights, darks int
	for i := range marks {
		m := &marks[i]
		u, v := float64(m.u), float64(m.v)
		w := 16 / (h.g*u + h.h*v + 1)
		x, y := int((h.a*u+h.b*v+h.c)*w)-8, int((h.d*u+h.e*v+h.f)*w)-8
		o := y>>4*g.Stride + x>>4
		if x < 0 || y < 0 || o+g.Stride+1 >= len(g.Pix) {
			continue
		}
		fx, fy := x&15, y&15
		upper, lower := g.Pix[o:o+2:o+2], g.Pix[o+g.Stride:o+g.Stride+2]
		grey := (int(upper[0])*(16-fx)+int(upper[1])*fx)*(16-fy) + (int(lower[0])*(16-fx)+int(lower[1])*fx)*fy
		if m.dark {
			dark += grey
			darks++
		} else {
			light += grey
			lights++
		}
	}
	if lights == 0 || darks == 0 {
		return 0
	}
	return (float64(light)/float64(lights) - float64(dark)/float64(darks)) / 256
}

// Contrast in grey levels under which a fit is not followed further, and under which it
// is not sampled.
const (
	hopelessContrast = 6
	leastContrast    = 8
)

// plateau is by how much a far corner must fit better to be believed: where modules
// are large every corner within half a module fits alike, and noise would choose.
const plateau = 1.01

// refine moves the corners of q to where the marks' contrast on the grey picture is
// greatest, and returns it: the far corner over a coarse grid first, since no eye holds
// it, then each in turn by shrinking steps. module is in pixels.
func refine(g *Gray, marks []mark, size int, q *quad, module float64) float64 {
	best := contrast(g, marks, size, q)
	start := *q
	for dy := -3.0; dy <= 3; dy += 1.5 {
		for dx := -3.0; dx <= 3; dx += 1.5 {
			try := start
			try[2].X += dx * module
			try[2].Y += dy * module
			if c := contrast(g, marks, size, &try); c > best*plateau {
				best, *q = c, try
			}
		}
	}
	if best < hopelessContrast {
		return best
	}
	const rounds, enough = 4, 0.01
	step := 0.6 * module
	for round := range rounds {
		better := false
		for i := range q {
			for _, d := range [...]Point{{step, 0}, {-step, 0}, {0, step}, {0, -step}} {
				try := *q
				try[i].X += d.X
				try[i].Y += d.Y
				if c := contrast(g, marks, size, &try); c > best+enough {
					best, *q, better = c, try, true
				}
			}
		}
		if !better || round%2 == 1 {
			step /= 2
		}
	}
	return best
}

// sizesNear appends sizes around an estimate of modules a side, the nearest first. Quick
// effort takes only that.
func sizesNear(sizes []int, estimate float64, effort Effort) []int {
	nearest := int(math.Round((estimate-17)/4))*4 + 17
	sizes = append(sizes, nearest)
	if effort == Quick {
		return sizes
	}
	next := 4
	if estimate < float64(nearest) {
		next = -4
	}
	sizes = append(sizes, nearest+next, nearest-next)
	if nearest > 45 {
		sizes = append(sizes, nearest+8, nearest-8)
	}
	return sizes
}
