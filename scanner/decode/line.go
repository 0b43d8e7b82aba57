package decode

import "math"

// line is a row of grey samples read off a picture in any direction: sample i lies at
// origin + i*step*along. It is valid until the sampler's next call.
type line struct {
	origin Point
	along  Point   // unit vector
	step   float64 // pixels
	v      []float64
	pixel  float64 // pixels of the picture as loaded to one of this
}

// at returns where sample i, which need not be whole, lies on the picture as loaded.
func (l *line) at(i float64) Point {
	i *= l.step
	return Point{(l.origin.X + l.along.X*i) * l.pixel, (l.origin.Y + l.along.Y*i) * l.pixel}
}

// sampler keeps the buffers of reading lines.
type sampler struct {
	v, sharp, flipped []float64
	sums              []int32
}

// read samples a line of length pixels centred offset pixels beside centre (to the
// right of along as drawn, y down), averaging a band of lines one pixel apart, which
// takes noise off without blurring bars that cross it squarely. Only the part on the
// picture is returned; it may be empty.
func (s *sampler) read(g *Gray, centre, along Point, offset float64, band int, length, step float64) line {
	across := Point{-along.Y, along.X}
	start := Point{
		centre.X - along.X*length/2 + across.X*offset,
		centre.Y - along.Y*length/2 + across.Y*offset,
	}
	from, to := clip(start.X, along.X, float64(g.W), 0, length)
	from, to = clip(start.Y, along.Y, float64(g.H), from, to)
	l := line{along: along, step: step, pixel: g.pixel()}
	if to <= from || g.W < 2 || g.H < 2 {
		return l
	}
	l.origin = Point{start.X + along.X*from, start.Y + along.Y*from}
	n := int((to-from)/step) + 1
	if cap(s.sums) < n {
		s.sums, s.v = make([]int32, 2*n), make([]float64, 2*n)
	}
	sums := s.sums[:n]
	clear(sums)
	for b := range band {
		o := float64(b) - float64(band-1)/2
		addLine(g, sums, Point{l.origin.X + across.X*o, l.origin.Y + across.Y*o}, Point{along.X * step, along.Y * step})
	}
	l.v = s.v[:n]
	k := 1 / float64(band<<8)
	for i, sum := range sums {
		l.v[i] = float64(sum) * k
	}
	return l
}

// clip cuts the span from..to of start + t*slope to what lies in 0..limit.
func clip(start, slope, limit, from, to float64) (float64, float64) {
	if math.Abs(slope) < 1e-9 {
		if start < 0 || start > limit {
			return 0, -1
		}
		return from, to
	}
	a, b := -start/slope, (limit-start)/slope
	return max(from, min(a, b)), min(to, max(a, b))
}

// addLine adds to each sum the brightness at p, p+d, p+2d..., in 1/256 grey levels,
// bilinear in 1/16 pixels (the rounding is under the noise of one grey level).
func addLine(g *Gray, sums []int32, p, d Point) {
	const one = 1 << 16
	x, y := int((p.X-0.5)*one), int((p.Y-0.5)*one)
	dx, dy := int(math.Round(d.X*one)), int(math.Round(d.Y*one))
	right, bottom := (g.W-1)*one-1, (g.H-1)*one-1
	for i := range sums {
		cx, cy := min(max(x, 0), right), min(max(y, 0), bottom)
		fx, fy := int32(cx>>12)&15, int32(cy>>12)&15
		o := (cy>>16)*g.Stride + cx>>16
		upper, lower := g.Pix[o:o+2:o+2], g.Pix[o+g.Stride:o+g.Stride+2]
		a := int32(upper[0])<<4 + (int32(upper[1])-int32(upper[0]))*fx
		b := int32(lower[0])<<4 + (int32(lower[1])-int32(lower[0]))*fx
		sums[i] += a<<4 + (b-a)*fy
		x += dx
		y += dy
	}
}

// energy is the sum of squared differences across two samples: greatest where the line
// crosses bars squarely and averaging does not blur them.
func energy(v []float64) float64 {
	sum := 0.0
	for i := 2; i < len(v); i++ {
		d := v[i] - v[i-2]
		sum += d * d
	}
	return sum
}

// sharpened returns v plus gain times its difference from the mean of 2*radius+1
// samples around (unsharp masking). It is valid until the next call.
func (s *sampler) sharpened(v []float64, gain float64, radius int) []float64 {
	n := len(v)
	if cap(s.sharp) < n {
		s.sharp = make([]float64, 2*n)
	}
	out := s.sharp[:n]
	sum := 0.0
	for i := -radius; i <= radius; i++ {
		sum += v[min(max(i, 0), n-1)]
	}
	k := 1 / float64(2*radius+1)
	for i := range out {
		out[i] = v[i] + gain*(v[i]-sum*k)
		sum += v[min(i+radius+1, n-1)] - v[max(i-radius, 0)]
	}
	return out
}

// backwards returns v in reverse. It is valid until the next call.
func (s *sampler) backwards(v []float64) []float64 {
	s.flipped = append(s.flipped[:0], v...)
	for i, j := 0, len(v)-1; i < j; i, j = i+1, j-1 {
		s.flipped[i], s.flipped[j] = s.flipped[j], s.flipped[i]
	}
	return s.flipped
}
