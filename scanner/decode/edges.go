package decode

import (
	"math"
	"slices"
)

// edge is a crossing between light and dark on a line of samples.
type edge struct {
	at     float64 // samples from the line's start
	dark   bool    // light to dark
	height float64 // grey levels between the extremes on either side
}

// edgeFinder keeps the buffers of edge finding.
type edgeFinder struct {
	found  []edge
	groups [][]edge
}

// least difference of grey levels that is an edge, whatever the contrast.
const leastHeight = 5

// find returns the edges of a line: the extremes that alternate with a difference of at
// least hysteresis (a share of the line's range) are joined, and the crossing of their
// mean is the edge, to a fraction of a sample. A line that starts or ends in the dark has
// an edge there: bars may touch the picture's edge. The result is valid until the next
// call.
func (e *edgeFinder) find(line []float64, hysteresis float64) []edge {
	e.found = e.found[:0]
	if len(line) < 8 {
		return nil
	}
	low, high := slices.Min(line), slices.Max(line)
	h := max(leastHeight, hysteresis*(high-low))
	if high-low < h {
		return nil
	}
	previous := -1              // index of the last extreme that stands
	extreme, rising := 0, false // the one being looked for
	minimum, maximum := 0, 0    // until the first stands
	started := false
	for i := 1; i < len(line); i++ {
		v := line[i]
		switch {
		case !started:
			if v > line[maximum] {
				maximum = i
			}
			if v < line[minimum] {
				minimum = i
			}
			if v < line[maximum]-h {
				previous, extreme, rising, started = maximum, i, false, true
			} else if v > line[minimum]+h {
				previous, extreme, rising, started = minimum, i, true, true
				e.found = append(e.found, edge{-0.5, true, line[i] - line[minimum]})
			}
		case rising && v >= line[extreme], !rising && v <= line[extreme]:
			extreme = i
		case rising && v < line[extreme]-h, !rising && v > line[extreme]+h:
			e.cross(line, previous, extreme)
			previous, extreme, rising = extreme, i, !rising
		}
	}
	if started {
		e.cross(line, previous, extreme)
		if !rising {
			e.found = append(e.found, edge{float64(len(line)) - 0.5, false, line[previous] - line[extreme]})
		}
	}
	return e.found
}

// cross notes the edge between two extremes of a line: halfway between the first and
// the last crossing of their mean, which noise may make several.
func (e *edgeFinder) cross(line []float64, from, to int) {
	mean := (line[from] + line[to]) / 2
	first, last := -1.0, -1.0
	for i := from; i < to; i++ {
		a, b := line[i]-mean, line[i+1]-mean
		if (a > 0) == (b > 0) {
			continue
		}
		last = float64(i) + a/(a-b)
		if first < 0 {
			first = last
		}
	}
	if first >= 0 {
		e.found = append(e.found, edge{(first + last) / 2, line[to] < line[from], math.Abs(line[to] - line[from])})
	}
}

// Quiet zones and gaps, in mean distances between the edges of a symbol. A Code 128
// element is at most four modules wide and on average under two.
const (
	quietZone   = 2.5
	leastQuiet  = 1.4 // beside the edge of a label that was cut close to its bars
	longGap     = 4.2
	longGapSoon = 8 // while the mean is over few edges
	soon        = 6
)

// symbols cuts edges into runs of at least atLeast that may be one symbol: from a dark
// edge to a light one, no long gap within, quiet on either side or the line's end. The
// result is valid until the next call.
func (e *edgeFinder) symbols(edges []edge, atLeast int) [][]edge {
	e.groups = e.groups[:0]
	for i := 0; i < len(edges); {
		if !edges[i].dark {
			i++
			continue
		}
		j := i
		for j+1 < len(edges) {
			n := float64(j - i)
			gap := edges[j+1].at - edges[j].at
			if span := edges[j].at - edges[i].at; n >= soon && gap*n > longGap*span || n >= 1 && n < soon && gap*n > longGapSoon*span {
				break
			}
			j++
		}
		// The edge of a label on a dark desk looks like a bar more.
		if edges[j].dark {
			e.group(edges, i, j-1, quietZone, leastQuiet, atLeast)
			e.group(edges, i+2, j-1, leastQuiet, leastQuiet, atLeast)
		} else {
			e.group(edges, i, j, quietZone, quietZone, atLeast)
			e.group(edges, i+2, j, leastQuiet, quietZone, atLeast)
			e.group(edges, i, j-2, quietZone, leastQuiet, atLeast)
			e.group(edges, i+2, j-2, leastQuiet, leastQuiet, atLeast)
		}
		i = j + 1
	}
	return e.groups
}

// group takes the edges from first to last for a symbol where they are enough, with
// so much quiet before and after them, in mean distances.
func (e *edgeFinder) group(edges []edge, first, last int, before, after float64, atLeast int) {
	if last-first+1 < atLeast {
		return
	}
	mean := (edges[last].at - edges[first].at) / float64(last-first)
	if first > 0 && edges[first].at-edges[first-1].at <= before*mean ||
		last+1 < len(edges) && edges[last+1].at-edges[last].at <= after*mean {
		return
	}
	e.groups = append(e.groups, edges[first:last+1])
}
