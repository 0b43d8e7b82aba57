package decode

import (
	"cmp"
	"math"
	"slices"
)

// barArea is a part of a picture where edges run parallel, as bars do.
type barArea struct {
	centre Point
	along  Point   // unit vector across the bars: the reading direction or its opposite
	length float64 // pixels along it
	height float64 // pixels of the bars
	score  float64
}

const (
	block = 8 // side of a block in pixels

	leastEnergy    = 40   // mean squared gradient of a block with bars, grey levels^2
	leastCoherence = 0.45 // share of a block's gradients in one direction
	turnWithin     = 0.21 // radians between neighbouring blocks of one area, 12 degrees
	leastBlocks    = 6
	leastLength    = 56 // pixels; the shortest label's bars at a pixel a module are 112
)

// barFinder finds areas of bars with the structure tensor: per block the sums of
// products of gradients give the strength, the direction and how much of one direction
// they are (Bigun and Granlund 1987; for bar codes Gallo and Manduchi 2011 use the same
// evidence).
type barFinder struct {
	w, h          int       // blocks
	xx, yy, xy    []float32 // sums of gradient products per block
	angle, weight []float32 // of gradients around a block, radians; coherence 0..1
	mark          []int32   // none, open or the area's number
	stack, blocks []int32
	areas         []barArea
}

const (
	none = -1
	open = 0
)

// find returns areas of bars, the most promising first. The result is valid until the
// next call.
func (f *barFinder) find(g *Gray) []barArea {
	f.areas = f.areas[:0]
	f.w, f.h = g.W/block, g.H/block
	if f.w < 3 || f.h < 3 {
		return nil
	}
	f.grow(f.w * f.h)
	for by := range f.h {
		for bx := range f.w {
			f.measure(g, bx, by)
		}
	}
	for by := range f.h {
		for bx := range f.w {
			f.judge(bx, by)
		}
	}
	number := int32(open)
	for i, m := range f.mark {
		if m == open && f.mark[i] == open {
			number++
			f.flood(int32(i), number)
			if a, ok := f.area(); ok {
				f.areas = append(f.areas, a)
			}
		}
	}
	slices.SortFunc(f.areas, func(a, b barArea) int { return cmp.Compare(b.score, a.score) })
	return f.areas
}

func (f *barFinder) grow(n int) {
	if cap(f.mark) < n {
		f.xx, f.yy, f.xy = make([]float32, n), make([]float32, n), make([]float32, n)
		f.angle, f.weight, f.mark = make([]float32, n), make([]float32, n), make([]int32, n)
	}
	f.xx, f.yy, f.xy = f.xx[:n], f.yy[:n], f.xy[:n]
	f.angle, f.weight, f.mark = f.angle[:n], f.weight[:n], f.mark[:n]
}

// measure sums gradients of a block, at every fourth pixel: as on a chess board, of every
// other row.
func (f *barFinder) measure(g *Gray, bx, by int) {
	var xx, yy, xy int
	for y := max(2, by*block); y < min(g.H-1, (by+1)*block); y += 2 {
		shift := y / 2 % 2
		switch {
		case bx == 0:
			shift = 1 // the first pixel has no neighbour
		case (bx+1)*block == g.W:
			shift = 0 // nor has the last
		}
		at := y*g.Stride + bx*block + shift
		up, row, down := (*[block - 1]byte)(g.Pix[at-g.Stride:]), (*[block + 1]byte)(g.Pix[at-1:]), (*[block - 1]byte)(g.Pix[at+g.Stride:])
		for i := 0; i < block; i += 2 {
			dx, dy := int(row[i+2])-int(row[i]), int(down[i])-int(up[i])
			xx += dx * dx
			yy += dy * dy
			xy += dx * dy
		}
	}
	i := by*f.w + bx
	f.xx[i], f.yy[i], f.xy[i] = float32(xx), float32(yy), float32(xy)
}

// judge opens a block whose neighbourhood of 3x3 blocks has strong gradients mostly in
// one direction.
func (f *barFinder) judge(bx, by int) {
	var xx, yy, xy, n float32
	for y := max(0, by-1); y <= min(f.h-1, by+1); y++ {
		for i := y*f.w + max(0, bx-1); i <= y*f.w+min(f.w-1, bx+1); i++ {
			xx += f.xx[i]
			yy += f.yy[i]
			xy += f.xy[i]
			n++
		}
	}
	i := by*f.w + bx
	f.mark[i] = none
	if xx+yy <= leastEnergy*n*block*block/4 {
		return
	}
	difference := float64(xx - yy)
	f.weight[i] = float32(math.Hypot(difference, float64(2*xy))) / (xx + yy)
	if f.weight[i] > leastCoherence {
		f.angle[i] = float32(math.Atan2(float64(2*xy), difference) / 2)
		f.mark[i] = open
	}
}

// flood gathers the open blocks that hang together with start in direction.
func (f *barFinder) flood(start, number int32) {
	f.mark[start] = number
	f.stack = append(f.stack[:0], start)
	f.blocks = f.blocks[:0]
	for len(f.stack) > 0 {
		i := f.stack[len(f.stack)-1]
		f.stack = f.stack[:len(f.stack)-1]
		f.blocks = append(f.blocks, i)
		bx, by := int(i)%f.w, int(i)/f.w
		for y := max(0, by-1); y <= min(f.h-1, by+1); y++ {
			for x := max(0, bx-1); x <= min(f.w-1, bx+1); x++ {
				j := y*f.w + x
				if f.mark[j] == open && between(f.angle[i], f.angle[j]) < turnWithin {
					f.mark[j] = number
					f.stack = append(f.stack, int32(j))
				}
			}
		}
	}
}

// between is the angle between two directions that have no sense, 0 to pi/2.
func between(a, b float32) float64 {
	d := math.Abs(float64(a - b))
	return min(d, math.Pi-d)
}

// area measures the gathered blocks as a rectangle along their common direction.
func (f *barFinder) area() (barArea, bool) {
	if len(f.blocks) < leastBlocks {
		return barArea{}, false
	}
	var xx, yy, xy, sx, sy, sum float64
	for _, i := range f.blocks {
		xx += float64(f.xx[i])
		yy += float64(f.yy[i])
		xy += float64(f.xy[i])
		w := float64(f.weight[i])
		sx += w * float64(int(i)%f.w)
		sy += w * float64(int(i)/f.w)
		sum += w
	}
	sin, cos := math.Sincos(math.Atan2(2*xy, xx-yy) / 2)
	cx, cy := (sx/sum+0.5)*block, (sy/sum+0.5)*block
	left, right, top, bottom := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, i := range f.blocks {
		x, y := (float64(int(i)%f.w)+0.5)*block-cx, (float64(int(i)/f.w)+0.5)*block-cy
		u, v := x*cos+y*sin, y*cos-x*sin
		left, right = min(left, u), max(right, u)
		top, bottom = min(top, v), max(bottom, v)
	}
	a := barArea{along: Point{cos, sin}, length: right - left + block, height: bottom - top + block}
	if a.length < leastLength || a.height > 4*a.length {
		return barArea{}, false
	}
	u, v := (left+right)/2, (top+bottom)/2
	a.centre = Point{cx + u*cos - v*sin, cy + u*sin + v*cos}
	n := float64(len(f.blocks))
	a.score = n * math.Sqrt(n*block*block/(a.length*a.height)) // large, and full
	return a, true
}
