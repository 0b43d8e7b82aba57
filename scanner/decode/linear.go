package decode

import "math"

// How areas of bars are read, by effort.
type linearPlan struct {
	areas int // at most
	lines int // per area at most
}

var linearPlans = [...]linearPlan{
	Quick: {areas: 6, lines: 7},
	Full:  {areas: 6, lines: 15},
}

// areasOfAll is how many areas are read where every symbol is asked for: a sheet of
// labels.
const areasOfAll = 32

// linear reads symbols of bars at any angle.
func (r *Reader) linear(g *Gray, effort Effort) {
	areas := r.bars.find(g)
	plan := linearPlans[effort]
	if r.tally.opt.All {
		plan.areas = areasOfAll
	}
	for _, a := range areas[:min(len(areas), plan.areas)] {
		if r.over() {
			return
		}
		r.readArea(g, a, plan, effort)
	}
}

// Bars are sampled at half a pixel: Code 128 at one pixel a module still has two
// samples in its narrowest element.
const fineStep = 0.5

// readArea reads lines across an area, from its middle outwards, until a text is
// believed.
func (r *Reader) readArea(g *Gray, a barArea, plan linearPlan, effort Effort) {
	length := a.length*1.12 + 40 // bars at the ends may hide in blocks of paper, and quiet zones count
	a.along = r.squared(g, a, length)
	band := int(min(10, max(1, a.height/5)))
	lines := int(min(float64(plan.lines), max(3, a.height/float64(max(band/2, 2)))))
	for i := range lines {
		offset := outward(i) * a.height * 0.84 / float64(lines)
		l := r.sampler.read(g, a.centre, a.along, offset, band, length, fineStep)
		if s, ok := r.readLine(&l, effort); ok && r.tally.add(s) {
			return
		}
		if r.clock.late() {
			return
		}
	}
}

// outward counts 0, -1, 1, -2, 2...
func outward(i int) float64 {
	k := float64((i + 1) / 2)
	if i%2 == 1 {
		return -k
	}
	return k
}

// squared turns an area's direction by up to 4.5 degrees to where a wide band has the
// most energy: the direction of blocks is too coarse to average lines over.
func (r *Reader) squared(g *Gray, a barArea, length float64) Point {
	band := int(min(16, max(4, a.height*0.4)))
	best, most := a.along, -1.0
	for _, degrees := range [...]float64{0, -1.5, 1.5, -3, 3, -4.5, 4.5} {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		along := Point{a.along.X*cos - a.along.Y*sin, a.along.X*sin + a.along.Y*cos}
		l := r.sampler.read(g, a.centre, along, 0, band, length, 1)
		if e := energy(l.v); e > most {
			best, most = along, e
		}
	}
	return best
}

// Hysteresis of edges on fine lines, as a share of the line's range.
const (
	hysteresis      = 0.10
	hysteresisFaint = 0.06 // templates need only the ends to be there
)

// fewest edges worth a look: of a Code 39 with one letter, and of bars at all.
const (
	fewestEdges = 20
	fewestBars  = 10
)

// readLine tries a line as it is, then by templates, then sharpened.
func (r *Reader) readLine(l *line, effort Effort) (Symbol, bool) {
	edges := r.edges.find(l.v, hysteresis)
	if s, ok := r.readEdges(l, edges); ok {
		return s, true
	}
	if len(edges) < fewestBars {
		return Symbol{}, false
	}
	if s, ok := r.match(l, effort); ok {
		return s, true
	}
	sharp := r.sampler.sharpened(l.v, 2, max(1, int(math.Round(1.5/l.step))))
	return r.readEdges(l, r.edges.find(sharp, hysteresis))
}

// readEdges reads the first symbol that edges on a line make.
func (r *Reader) readEdges(l *line, edges []edge) (Symbol, bool) {
	if len(edges) < fewestEdges {
		return Symbol{}, false
	}
	for _, bars := range r.edges.symbols(edges, fewestEdges) {
		if text, f, backwards := r.rows.read(bars); text != "" {
			from, to := bars[0].at, bars[len(bars)-1].at
			if backwards {
				from, to = to, from
			}
			s := linearSymbol(l, text, f, from, to, 0)
			if r.tally.wantsMargin(s) {
				s.Margin = r.margin(l, bars, backwards)
			}
			return s, true
		}
	}
	return Symbol{}, false
}

// margin asks the templates about the characters that edges just gave.
func (r *Reader) margin(l *line, bars []edge, backwards bool) float64 {
	v, m := l.v, &r.matcher
	if backwards {
		v = r.sampler.backwards(l.v)
	}
	m.starts = m.starts[:0]
	for i := range len(r.rows.codes) + 1 {
		if backwards {
			m.starts = append(m.starts, float64(len(v)-1)-bars[len(bars)-1-i*edgesOf128].at)
		} else {
			m.starts = append(m.starts, bars[i*edgesOf128].at)
		}
	}
	return m.lead(v, m.starts, r.rows.codes)
}

// linearSymbol is a reading of one line between two of its samples.
func linearSymbol(l *line, text string, f Format, from, to, margin float64) Symbol {
	a, b := l.at(from), l.at(to)
	return Symbol{Text: text, Format: f, Corners: [4]Point{a, b, b, a}, Lines: 1, Margin: margin}
}
