package decode

import (
	"cmp"
	"slices"
)

// qrPlan is one way of looking for QR codes.
type qrPlan struct {
	floor   floor
	effort  Effort
	eyes    int // joined at most
	triples int // tried at most
	pairs   int // of eyes whose third is hidden, tried at most
}

var plain = qrPlan{floor{byNoise: 1}, Quick, 16, 4, 0}

// qrVariants looks again with other floors of contrast, smoothed, enlarged or reduced
// (by size) and inverted: each finds what the others lose to noise, faint print, or
// modules too small or too large.
func (r *Reader) qrVariants(g *Gray) {
	if !r.tally.none(QR) && !r.tally.opt.All {
		return
	}
	plan := func(f floor) qrPlan { return qrPlan{f, Full, 16, 12, 0} }
	steps := []func(){
		func() { r.qr(g, qrPlan{floor{byNoise: 0.75}, Full, 16, 12, 12}) },
		func() { r.qr(g.smoothed(), plan(floor{byNoise: 0.9})) },
		func() { r.qr(g, plan(floor{levels: 12})) },
	}
	if side := min(g.W, g.H); side < 500 {
		steps = append(steps, func() { r.qr(g.doubled(), plan(floor{byNoise: 0.9})) })
	}
	if side := min(g.W, g.H); side >= 480 {
		steps = append(steps, func() { r.qr(g.halved(), plan(floor{byNoise: 0.9})) })
	}
	steps = append(steps, func() { r.qr(g.inverted(), plan(floor{byNoise: 1})) })
	for _, step := range steps {
		step()
		if r.over() || !r.tally.none(QR) {
			return
		}
	}
}

// qr looks for QR codes on a picture that may be r's picture rescaled.
func (r *Reader) qr(g *Gray, plan qrPlan) {
	r.binarizer.run(g, &r.binary, plan.floor)
	step := 2
	switch {
	case g.H < 400:
		step = 1
	case g.H >= 700 && plan.effort == Quick:
		step = 3
	}
	if r.tally.opt.All {
		plan.eyes, plan.triples = 3*plan.eyes, 4*plan.triples
	}
	if r.over() {
		return
	}
	eyes := r.finder.find(&r.binary, step)
	if len(eyes) < 2 || r.over() {
		return
	}
	var used []Point
	for i, t := range r.finder.join(eyes, plan.eyes) {
		if i >= plan.triples || r.over() {
			break
		}
		if slices.ContainsFunc(used, t.has) {
			continue
		}
		if s, ok := r.fitter.read(g, &r.binary, &t, plan.effort); ok {
			used = append(used, t.topLeft, t.topRight, t.bottomLeft)
			r.tally.add(s)
		}
	}
	for _, p := range r.finder.pair(eyes, plan.pairs) {
		if r.over() {
			return
		}
		if slices.ContainsFunc(used, p.has) {
			continue
		}
		if s, ok := r.fitter.complete(g, &r.binary, p, plan.effort); ok {
			used = append(used, p[0], p[1])
			r.tally.add(s)
		}
	}
}

// has reports whether one of the eyes is at p.
func (t *triple) has(p Point) bool {
	return distance(p, t.topLeft) < 2*t.module || distance(p, t.topRight) < 2*t.module || distance(p, t.bottomLeft) < 2*t.module
}

// narrowestQR is the least module in pixels that fitting can tell apart.
const narrowestQR = 0.8

// fit is a size tried on a triple.
type fit struct {
	size     int
	module   float64 // pixels
	corners  quad    // centres of the eyes, and the fourth corner like them
	square   quad    // the same before they were refined: a flat cover needs no more
	contrast float64
	hidden   int // the corner whose eye is not seen, of a pair
}

// read fits a symbol to a triple and reads it.
func (f *fitter) read(g *Gray, b *bitmap, t *triple, effort Effort) (Symbol, bool) {
	estimate := t.size(b)
	if estimate == 0 {
		return Symbol{}, false
	}
	fits := f.fits[:0]
	f.sizes = sizesNear(f.sizes[:0], estimate, effort)
	for _, size := range f.sizes {
		if size < smallestQR || size > largestQR {
			continue
		}
		fourth := Point{t.topRight.X + t.bottomLeft.X - t.topLeft.X, t.topRight.Y + t.bottomLeft.Y - t.topLeft.Y}
		c := fit{size: size, corners: quad{t.topLeft, t.topRight, fourth, t.bottomLeft}}
		c.module = (distance(t.topLeft, t.topRight) + distance(t.topLeft, t.bottomLeft)) / 2 / float64(size-eyeModules)
		if c.module < narrowestQR {
			continue
		}
		c.square = c.corners
		c.contrast = refine(g, f.marksOf(size), size, &c.corners, c.module)
		fits = append(fits, c)
	}
	f.fits = fits
	return f.best(g, effort)
}

// best reads the first of the two best fits that has a text.
func (f *fitter) best(g *Gray, effort Effort) (Symbol, bool) {
	slices.SortFunc(f.fits, func(a, b fit) int { return cmp.Compare(b.contrast, a.contrast) })
	for _, c := range f.fits[:min(len(f.fits), 2)] {
		if c.contrast < leastContrast {
			break
		}
		for _, q := range [...]quad{c.corners, c.square} {
			unit := q.homography()
			h := unit.modules(c.size)
			text := f.sample(g, c.size, &h, c.module, effort)
			if text == "" {
				continue
			}
			n := float64(c.size)
			corners := [4]Point{h.at(0, 0), h.at(n, 0), h.at(n, n), h.at(0, n)}
			for i := range corners {
				corners[i].X *= g.pixel()
				corners[i].Y *= g.pixel()
			}
			return Symbol{Text: text, Format: QR, Corners: corners, Lines: 1}, true
		}
	}
	return Symbol{}, false
}
