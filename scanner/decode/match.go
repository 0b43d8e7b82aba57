package decode

import (
	"cmp"
	"math"
	"slices"
)

// Limits of matching a Code 128 by templates. Correlations are 0 to 1.
const (
	fewestCharacters = 4 // start, two data, check
	mostCharacters   = 28

	narrowestModule = 0.9 // pixels
	widestModule    = 12
	shortestSpan    = 55 // pixels; four characters and a stop at the narrowest module

	endsEach      = 0.7  // start and stop character, each
	endsTogether  = 1.7  // their sum
	endsFull      = 1.5  // their sum with full effort
	leastMatch    = 0.7  // of the worst character
	goingMatch    = 0.84 // mean from the third character on, to go on
	leastMean     = 0.89 // mean of all
	hopelessMatch = 0.55 // of one character, to give up at once

	strayModules = 2.5 // from where the characters end to where the stop begins
	gridsTried   = 4   // of a span, the best
)

// slopes are the changes of the module's width from the middle of a symbol to its end,
// as shares, that tilt is tried with.
var slopes = [...]float64{0, -0.03, 0.03, -0.06, 0.06, -0.1, 0.1}

// shifts are the offsets in modules that a character is sought at around where the last
// one ends; the next follows by settle of the shift.
var shifts = [...]float64{0, -0.35, 0.35}

const (
	shiftCost = 0.01 // correlation
	settle    = 0.6
)

// grid is a guess at where the characters of a symbol lie between its first and last
// bar.
type grid struct {
	characters int     // without the stop
	start      int     // code of the start character
	module     float64 // samples, mean
	slope      float64
	blur       int     // index of blurs
	ends       float32 // correlation of start and stop together
}

// span is a stretch of a line in samples, from a first bar to the end of a last one.
type span struct{ from, to float64 }

// matcher keeps the buffers of matching.
type matcher struct {
	templates *[len(blurs)]templates
	strong    []edge
	sorted    []float64
	starts    []float64 // of characters, in samples
	spans     []span
	grids     []grid
	codes     []int
	window    [stopSamples]float32
}

func newMatcher() matcher { return matcher{templates: drawn()} }

// match reads a Code 128 by comparing a line with each character's blurred image on a
// grid that the first bar, the last bar and the number of characters fix. It needs no
// edges within, so it reads down to a pixel a module where bars run together. The check
// character must agree; gozxing makes the text.
func (r *Reader) match(l *line, effort Effort) (Symbol, bool) {
	m := &r.matcher
	m.propose(r.edges.find(l.v, hysteresisFaint), l.step)
	ends := float32(endsTogether)
	if effort == Full {
		ends = endsFull
	}
	end := float64(len(l.v) - 1)
	for _, s := range m.spans {
		for _, backwards := range [...]bool{false, true} {
			v, at := l.v, s
			if backwards {
				v, at = r.sampler.backwards(l.v), span{end - s.to, end - s.from}
			}
			margin, ok := m.read(v, at, l.step, ends)
			if !ok {
				continue
			}
			r.rows.codes = append(r.rows.codes[:0], m.codes...)
			if text := r.rows.text128(); text != "" {
				from, to := s.from, s.to
				if backwards {
					from, to = to, from
				}
				return linearSymbol(l, text, Code128, from, to, margin), true
			}
		}
	}
	return Symbol{}, false
}

// Strong edges are those of at least strongShare of the height that six in ten edges
// reach; a symbol's ends are strong edges beside endGap median gaps of quiet.
const (
	strongShare  = 0.45
	endGap       = 2.3
	spanEdges    = 14 // strong ones in a span at least
	endsTried    = 6  // first bars, and last bars
	spansAtMost  = 4
	strongQuorum = 0.6
)

// propose fills spans with pairs of a first and a last bar, the longest first.
func (m *matcher) propose(edges []edge, step float64) {
	m.spans = m.spans[:0]
	if len(edges) < spanEdges {
		return
	}
	m.sorted = m.sorted[:0]
	for _, e := range edges {
		m.sorted = append(m.sorted, e.height)
	}
	slices.Sort(m.sorted)
	least := strongShare * m.sorted[int(float64(len(m.sorted))*strongQuorum)]
	m.strong = m.strong[:0]
	for _, e := range edges {
		if e.height >= least {
			m.strong = append(m.strong, e)
		}
	}
	s := m.strong
	if len(s) < spanEdges {
		return
	}
	m.sorted = m.sorted[:0]
	for i := range len(s) - 1 {
		m.sorted = append(m.sorted, s[i+1].at-s[i].at)
	}
	slices.Sort(m.sorted)
	quiet := endGap * m.sorted[len(m.sorted)/2]

	var firsts, lasts [endsTried]int
	nf, nl := 0, 0
	for i := 0; i < len(s) && nf < endsTried; i++ {
		if s[i].dark && (i == 0 || s[i].at-s[i-1].at > quiet) {
			firsts[nf] = i
			nf++
		}
	}
	for i := len(s) - 1; i >= 0 && nl < endsTried; i-- {
		if !s[i].dark && (i == len(s)-1 || s[i+1].at-s[i].at > quiet) {
			lasts[nl] = i
			nl++
		}
	}
	for _, a := range firsts[:nf] {
		for _, b := range lasts[:nl] {
			if b-a >= spanEdges && (s[b].at-s[a].at)*step >= shortestSpan {
				m.spans = append(m.spans, span{s[a].at, s[b].at})
			}
		}
	}
	slices.SortFunc(m.spans, func(a, b span) int { return cmp.Compare(b.to-b.from, a.to-a.from) })
	m.spans = m.spans[:min(len(m.spans), spansAtMost)]
}

// read leaves the characters of a span in codes and returns the least lead of a
// character over its rivals.
func (m *matcher) read(v []float64, s span, step float64, ends float32) (margin float64, ok bool) {
	m.guess(v, s, step, ends)
	for _, g := range m.grids[:min(len(m.grids), gridsTried)] {
		if lead, ok := m.follow(v, s, g); ok && checks(m.codes) {
			return float64(lead), true
		}
	}
	return 0, false
}

// guess fills grids with those whose start and stop characters fit, the best first.
func (m *matcher) guess(v []float64, s span, step float64, ends float32) {
	m.grids = m.grids[:0]
	length := s.to - s.from
	for n := fewestCharacters; n <= mostCharacters; n++ {
		module := length / float64(charModules*n+stopModules)
		if module*step < narrowestModule {
			break
		}
		if module*step > widestModule {
			continue
		}
		for _, slope := range slopes {
			last := module * (1 + slope)
			if !m.take(v, s.to-stopModules*last, last, stopSamples) {
				continue
			}
			var stop [len(blurs)]float32
			for b := range blurs {
				stop[b] = product(m.templates[b].stop[:], m.window[:])
			}
			if max(stop[0], stop[1]) < endsEach || !m.take(v, s.from, module*(1-slope), charSamples) {
				continue
			}
			for b := range blurs {
				if stop[b] < endsEach {
					continue
				}
				for code := firstStart; code < characters; code++ {
					c := product(m.templates[b].char[code][:], m.window[:charSamples])
					if c > endsEach && c+stop[b] > ends {
						m.grids = append(m.grids, grid{n, code, module, slope, b, c + stop[b]})
					}
				}
			}
		}
	}
	slices.SortFunc(m.grids, func(a, b grid) int { return cmp.Compare(b.ends, a.ends) })
}

// follow reads character after character along a grid, each a little before or after
// its place where that fits better, into codes.
func (m *matcher) follow(v []float64, s span, g grid) (lead float32, ok bool) {
	m.codes = append(m.codes[:0], g.start)
	t := &m.templates[g.blur]
	length := s.to - s.from
	x := s.from + charModules*g.module*(1-g.slope)
	sum, worst, lead := float32(0), float32(1), float32(1)
	for i := 1; i < g.characters; i++ {
		module := g.module * (1 + g.slope*(2*(x-s.from)/length-1))
		best, second, code, shift := m.nearest(v, x, module, t)
		if best < hopelessMatch {
			return 0, false
		}
		sum += best
		if i >= 3 && sum < goingMatch*float32(i) {
			return 0, false
		}
		worst, lead = min(worst, best), min(lead, best-second)
		m.codes = append(m.codes, code)
		x += charModules*module + shift*module*settle
	}
	stop := s.to - stopModules*g.module*(1+g.slope)
	if math.Abs(x-stop) > strayModules*g.module || worst < leastMatch || sum < leastMean*float32(g.characters-1) {
		return 0, false
	}
	return lead, true
}

// nearest returns the character whose template is most like the samples from x on, a
// little before or after where that fits better, how like it is, and how like the next.
func (m *matcher) nearest(v []float64, x, module float64, t *templates) (best, second float32, code int, shift float64) {
	best, second, code = -1, -1, -1
	for _, sh := range shifts {
		if !m.take(v, x+sh*module, module, charSamples) {
			continue
		}
		for k := range values {
			c := product(t.char[k][:], m.window[:charSamples])
			if sh != 0 {
				c -= shiftCost
			}
			switch {
			case c > best:
				if k != code {
					second = best
				}
				best, code, shift = c, k, sh
			case c > second && k != code:
				second = c
			}
		}
	}
	return best, second, code, shift
}

// lead returns the least lead over its rivals of a character that edges gave, each
// sought where its own first edge is, or 0 where a template says otherwise.
func (m *matcher) lead(v, at []float64, codes []int) float64 {
	most := float32(0)
	for b := range blurs {
		lead, sum := float32(1), float32(0)
		for i := 1; i < len(codes) && lead > most; i++ {
			best, second, code, _ := m.nearest(v, at[i], (at[i+1]-at[i])/charModules, &m.templates[b])
			if code != codes[i] || best < leastMatch {
				lead = 0
			}
			lead = min(lead, best-second)
			sum += best
		}
		if sum >= leastMean*float32(len(codes)-1) {
			most = max(most, lead)
		}
	}
	return float64(most)
}

// take fills the window with n samples from x on, perModule of them a module,
// normalised as darkness. It reports false off the line's ends and where it is flat.
func (m *matcher) take(v []float64, x, module float64, n int) bool {
	step := module / perModule
	x += step / 2
	if x < 0 || x+step*float64(n-1) >= float64(len(v)-1) {
		return false
	}
	w := m.window[:n]
	for i := range w {
		at := x + step*float64(i)
		j := int(at)
		w[i] = float32(-(v[j] + (v[j+1]-v[j])*(at-float64(j))))
	}
	return normalise(w)
}
