package decode

import (
	"runtime"
	"time"
)

// Reader decodes pictures, one at a time. It keeps its buffers between pictures:
// make one per goroutine.
type Reader struct {
	tally   tally
	clock   clock
	density int // of runs on the picture

	rows      *rows
	bars      barFinder
	sampler   sampler
	edges     edgeFinder
	matcher   matcher
	binarizer binarizer
	binary    bitmap
	finder    finder
	fitter    fitter
}

// New returns a Reader.
func New() *Reader {
	return &Reader{rows: newRows(), matcher: newMatcher(), fitter: newFitter()}
}

// Decode looks for codes on g and never panics, whatever g holds. A picture over
// 2.1 megapixels is reduced first.
func (r *Reader) Decode(g *Gray, opt Options) (result Result) {
	start := time.Now()
	if opt.Accept == nil {
		opt.Accept = IsLabel
	}
	if opt.Budget == 0 {
		opt.Budget = quickBudget
		if opt.Effort == Full {
			opt.Budget = fullBudget
		}
	}
	runtime.LockOSThread() // the clock is the thread's
	defer runtime.UnlockOSThread()
	r.tally.reset(opt, Point{float64(g.W), float64(g.H)})
	r.clock.start(opt.Budget, opt.Gone)
	defer func() {
		if recover() != nil { // a defect here or in gozxing costs one picture, not the station
			*r = *New()
		}
		result.Effort, result.Elapsed = opt.Effort, time.Since(start)
	}()
	if g.valid() && g.W >= minSide && g.H >= minSide {
		r.climb(g.reduced(), opt)
	}
	result.Symbols, result.Foreign = r.tally.results(opt.Raw)
	result.Cut = r.clock.ended
	return result
}

// minSide is the least width and height looked at, in pixels.
const minSide = 8

// over reports whether there is nothing left to look for, or no time.
func (r *Reader) over() bool { return r.tally.done() || r.clock.late() }

// climb takes the steps in order of what they find per millisecond, and stops as
// soon as nothing is left to look for.
func (r *Reader) climb(g *Gray, opt Options) {
	steps := []func(){
		func() { r.glance(g) },
		func() { r.qr(g, plain) },
		func() { r.coarseEarly(g) },
		func() { r.linear(g, Quick) },
		func() { r.sweep(g, sparse) },
		func() { r.coarse(g, opt.Effort) },
	}
	if opt.Effort == Full {
		steps = append(steps,
			func() { r.linear(g, Full) },
			func() { r.qrVariants(g) },
			func() { r.sweep(g, dense) },
			func() { r.lastResort(g) },
		)
	}
	for _, step := range steps {
		step()
		if r.over() {
			return
		}
	}
}
