package decode

import "math"

// sweepPlan is how whole rows and columns of a picture are read.
type sweepPlan struct {
	lines int
	sharp bool // sharpened, too
}

var (
	sparse = sweepPlan{lines: 12}
	dense  = sweepPlan{lines: 40, sharp: true}
)

// nearby are the offsets in pixels at which a first reading of a sweep is sought again.
var nearby = [...]float64{-2, 2, -4, 4, 1}

// sweep reads rows and columns over the whole picture: for symbols that fill a small
// picture, where blocks are too coarse to find bars.
func (r *Reader) sweep(g *Gray, plan sweepPlan) {
	if !r.tally.none(Code128, Code39) {
		return
	}
	centre := Point{float64(g.W) / 2, float64(g.H) / 2}
	for _, pass := range [...]struct {
		along          Point
		length, across float64
	}{
		{Point{1, 0}, float64(g.W), float64(g.H)},
		{Point{0, 1}, float64(g.H), float64(g.W)},
	} {
		step, band := fineStep, 1
		if pass.length > 1500 {
			step = 1
		}
		if pass.across > 100 {
			band = 3
		}
		lines := max(1, min(plan.lines, int(pass.across/2)))
		for i := range lines {
			if r.over() {
				return
			}
			offset := outward(i) * pass.across * 0.96 / float64(lines)
			l := r.sampler.read(g, centre, pass.along, offset, band, pass.length, step)
			s, ok := r.sweepLine(&l, plan.sharp)
			if !ok || r.tally.add(s) {
				continue
			}
			for _, o := range nearby {
				l := r.sampler.read(g, centre, pass.along, offset+o, band, pass.length, step)
				if again, ok := r.sweepLine(&l, false); ok && r.tally.add(again) {
					break
				}
			}
		}
	}
}

func (r *Reader) sweepLine(l *line, sharp bool) (Symbol, bool) {
	const hysteresis = 0.12
	edges := r.edges.find(l.v, hysteresis)
	if len(edges) < fewestEdges {
		return Symbol{}, false
	}
	if s, ok := r.readEdges(l, edges); ok || !sharp {
		return s, ok
	}
	v := r.sampler.sharpened(l.v, 2, max(1, int(math.Round(1.5/l.step))))
	return r.readEdges(l, r.edges.find(v, hysteresis))
}

// glances is how many rows the first look takes.
const glances = 15

// glance reads a few rows around the middle, pixel by pixel: an upright cover held
// before the camera is settled in a fifth of a millisecond. It is content only with a
// text that the caller's rule accepts.
func (r *Reader) glance(g *Gray) {
	if r.tally.opt.All {
		return
	}
	for i := range glances {
		y := float64(g.H)/2 + outward(i)*float64(g.H)/32
		l := r.sampler.row(g, int(y))
		edges := r.edges.find(l.v, hysteresis)
		if s, ok := r.readEdges(&l, edges); ok && s.Format == Code128 && r.tally.opt.Accept(s.Text) && r.tally.add(s) {
			return
		}
	}
}

// row is row y of the picture as a line, a sample per pixel.
func (s *sampler) row(g *Gray, y int) line {
	if cap(s.v) < g.W {
		s.sums, s.v = make([]int32, 2*g.W), make([]float64, 2*g.W)
	}
	l := line{origin: Point{0.5, float64(y) + 0.5}, along: Point{1, 0}, step: 1, v: s.v[:g.W], pixel: g.pixel()}
	for i, v := range g.row(y) {
		l.v[i] = float64(v)
	}
	return l
}
