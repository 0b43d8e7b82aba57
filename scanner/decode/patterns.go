package decode

import "math"

// Tolerances of the widths of a character's elements, as gozxing has them: the mean
// difference and the greatest, in modules.
const (
	meanTolerance     = 0.25
	greatestTolerance = 0.7
)

// codes128 leaves in r.codes the characters between edges, the stop left out. It
// reports whether they are a Code 128: from a start character to the stop, the check
// character right.
func (r *rows) codes128(bars []edge, backwards bool) bool {
	r.codes = r.codes[:0]
	var widths [edgesOf128]float64
	for i := 0; i+edgesOf128+1 < len(bars); i += edgesOf128 {
		elements(widths[:], bars, i, backwards)
		code := nearest128(&widths)
		stop := i+edgesOf128+2 == len(bars)
		if code < 0 || (code >= firstStart) != (i == 0 || stop) || (code == characters) != stop {
			return false
		}
		if !stop {
			r.codes = append(r.codes, code)
		}
	}
	return checks(r.codes)
}

// elements takes the widths of bars and spaces from the i-th on, in samples.
func elements(widths []float64, bars []edge, i int, backwards bool) {
	for k := range widths {
		a, b := i+k, i+k+1
		if backwards {
			a, b = len(bars)-1-a, len(bars)-1-b
		}
		widths[k] = math.Abs(bars[b].at - bars[a].at)
	}
}

// widths128 are the elements of the characters 0 to 105, and the first six of the stop,
// in modules.
var widths128 = func() (all [characters + 1][edgesOf128]float64) {
	for code := range all {
		pattern := stop128
		if code < characters {
			pattern = pattern128(code)
		}
		for k := range edgesOf128 {
			all[code][k] = float64(pattern[k] - '0')
		}
	}
	return all
}()

// nearest128 returns the character whose elements differ least from widths, or -1.
func nearest128(widths *[edgesOf128]float64) int {
	total := 0.0
	for _, w := range widths {
		total += w
	}
	k := charModules / total
	best, nearest := meanTolerance*charModules, -1
	for code := range widths128 {
		sum := 0.0
		for i, w := range widths {
			d := math.Abs(w*k - widths128[code][i])
			if d > greatestTolerance {
				sum = math.Inf(1)
				break
			}
			sum += d
		}
		if sum < best {
			best, nearest = sum, code
		}
	}
	return nearest
}

// asterisk starts and stops a Code 39.
const asterisk = 0x094

// wides39 are the characters of Code 39 as their nine elements, the first the highest
// bit, 1 for wide (ISO/IEC 16388, table 1): 0-9, A-Z, - . space $ / + %, asterisk.
var wides39 = [...]int{
	0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064,
	0x109, 0x049, 0x148, 0x019, 0x118, 0x058, 0x00d, 0x10c, 0x04c, 0x01c,
	0x103, 0x043, 0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016,
	0x181, 0x0c1, 0x1c0, 0x091, 0x190, 0x0d0, 0x085, 0x184, 0x0c4,
	0x0a8, 0x0a2, 0x08a, 0x02a, asterisk,
}

var in39 = func() (in [512]bool) {
	for _, w := range wides39 {
		in[w] = true
	}
	return in
}()

// codes39 leaves in r.codes the wide elements of the characters between edges, and
// reports whether they are a Code 39: between two asterisks and nowhere else one.
func (r *rows) codes39(bars []edge, backwards bool) bool {
	r.codes = r.codes[:0]
	var widths [edgesOf39 - 1]float64
	for i := 0; i < len(bars); i += edgesOf39 {
		elements(widths[:], bars, i, backwards)
		code := wides(&widths)
		if !in39[code] || (code == asterisk) != (i == 0 || i+edgesOf39 == len(bars)) {
			return false
		}
		r.codes = append(r.codes, code)
	}
	return true
}

// wides returns the three widest of nine elements as bits, or 0 where one is as wide as
// the other two together.
func wides(widths *[edgesOf39 - 1]float64) (code int) {
	sum, widest := 0.0, 0.0
	for range 3 {
		at := -1
		for i, w := range widths {
			if code>>(8-i)&1 == 0 && (at < 0 || w > widths[at]) {
				at = i
			}
		}
		code |= 1 << (8 - at)
		sum += widths[at]
		widest = max(widest, widths[at])
	}
	if 2*widest >= sum {
		return 0
	}
	return code
}
