package decode

import (
	"encoding/binary"
)

// bitmap is a picture of dark (1) and light (0), a byte per pixel.
type bitmap struct {
	w, h int
	pix  []byte // w*h
}

func (b *bitmap) dark(x, y int) bool { return b.pix[y*b.w+x] == 1 }

// floor says which blocks have contrast enough to be thresholded by themselves.
type floor struct {
	levels  int     // grey levels, or
	byNoise float64 // a multiple of what the picture's flat blocks show
}

// The least and greatest floor by noise, in grey levels.
const (
	lowFloor  = 14
	highFloor = 90
)

// binarizer thresholds pictures by blocks of 8x8 pixels: each block by the mean of the
// mid-ranges of the blocks with contrast in the 5x5 around it, as gozxing's hybrid
// binarizer does, but with the middle between extremes rather than the mean of pixels
// (thin strokes do not pull it), and with a contrast floor from the picture's own noise.
type binarizer struct {
	w, h           int // blocks
	low, high      []byte
	threshold      []byte
	contrast       []bool
	sums, counts   []int32 // of columns of five blocks
	noiseHistogram [256]int
}

// run thresholds g into out.
func (z *binarizer) run(g *Gray, out *bitmap, least floor) {
	out.w, out.h = g.W, g.H
	if cap(out.pix) < g.W*g.H {
		out.pix = make([]byte, g.W*g.H)
	}
	out.pix = out.pix[:g.W*g.H]
	z.w, z.h = (g.W+7)/8, (g.H+7)/8
	z.grow(z.w, z.h)
	for by := range z.h {
		z.extremes(g, by)
	}
	z.mark(least)
	z.thresholds()
	for y := range g.H {
		compare(out.pix[y*g.W:(y+1)*g.W], g.row(y), z.threshold[y/8*z.w:])
	}
}

func (z *binarizer) grow(w, h int) {
	n := w * h
	if cap(z.low) < n {
		z.low, z.high, z.threshold, z.contrast = make([]byte, n), make([]byte, n), make([]byte, n), make([]bool, n)
	}
	if cap(z.sums) < w {
		z.sums, z.counts = make([]int32, w), make([]int32, w)
	}
	z.low, z.high, z.threshold, z.contrast = z.low[:n], z.high[:n], z.threshold[:n], z.contrast[:n]
	z.sums, z.counts = z.sums[:w], z.counts[:w]
}

// extremes notes the darkest and lightest pixel of each block in a row of blocks, eight
// pixels at a time.
func (z *binarizer) extremes(g *Gray, by int) {
	bottom := min(by*8+8, g.H)
	for bx := range z.w {
		low, high := byte(255), byte(0)
		if bx < g.W/8 {
			at := by*8*g.Stride + bx*8
			l := binary.LittleEndian.Uint64(g.Pix[at:])
			h := l
			for y := by*8 + 1; y < bottom; y += 2 { // two rows with three comparisons
				at += g.Stride
				v := binary.LittleEndian.Uint64(g.Pix[at:])
				w := v
				if y+1 < bottom {
					at += g.Stride
					w = binary.LittleEndian.Uint64(g.Pix[at:])
				}
				m := lesser(v, w)
				l, h = lesser(l, m), h^(v^w^m)^lesser(h, v^w^m)
			}
			for range 8 {
				low, high = min(low, byte(l)), max(high, byte(h))
				l, h = l>>8, h>>8
			}
		} else {
			for y := by * 8; y < bottom; y++ {
				for _, v := range g.row(y)[bx*8:] {
					low, high = min(low, v), max(high, v)
				}
			}
		}
		z.low[by*z.w+bx], z.high[by*z.w+bx] = low, high
	}
}

// mark notes the blocks with contrast. Noise is what three in ten blocks stay under:
// they are taken for flat paper.
func (z *binarizer) mark(least floor) {
	levels := least.levels
	if least.byNoise > 0 {
		clear(z.noiseHistogram[:])
		for i := range z.low {
			z.noiseHistogram[z.high[i]-z.low[i]]++
		}
		noise, below := 0, z.noiseHistogram[0]
		for below < len(z.low)*3/10 && noise < 255 {
			noise++
			below += z.noiseHistogram[noise]
		}
		levels = min(highFloor, max(lowFloor, int((1.35*float64(noise)+4)*least.byNoise)))
	}
	for i := range z.low {
		z.contrast[i] = int(z.high[i])-int(z.low[i]) > levels
	}
}

// thresholds averages over 5x5 blocks, columns first. Where none has contrast the
// threshold is that of the block before or above.
func (z *binarizer) thresholds() {
	clear(z.sums)
	clear(z.counts)
	for by := range min(2, z.h) {
		z.add(by, 1)
	}
	for by := range z.h {
		if by+2 < z.h {
			z.add(by+2, 1)
		}
		if by > 2 {
			z.add(by-3, -1)
		}
		var sum, n int32 // of the five columns around a block
		for bx := range min(2, z.w) {
			sum, n = sum+z.sums[bx], n+z.counts[bx]
		}
		last := byte(0)
		for bx := range z.w {
			if bx+2 < z.w {
				sum, n = sum+z.sums[bx+2], n+z.counts[bx+2]
			}
			if bx > 2 {
				sum, n = sum-z.sums[bx-3], n-z.counts[bx-3]
			}
			i := by*z.w + bx
			switch {
			case n > 0:
				z.threshold[i] = byte(sum / n)
				last = z.threshold[i]
			case by > 0 && z.threshold[i-z.w] > last:
				z.threshold[i] = z.threshold[i-z.w]
			case last > 0:
				z.threshold[i] = last
			default:
				z.threshold[i] = z.low[i] / 2
			}
		}
	}
}

// add counts a row of blocks in, or with -1 out of, the sums of its columns.
func (z *binarizer) add(by int, sign int32) {
	row := by * z.w
	for bx := range z.w {
		if i := row + bx; z.contrast[i] {
			z.sums[bx] += sign * (int32(z.low[i]) + int32(z.high[i]))
			z.counts[bx] += sign * 2
		}
	}
}

// compare writes 1 where a pixel is not above its block's threshold, eight at a time.
func compare(out, row, thresholds []byte) {
	x := 0
	for ; x+8 <= len(row); x += 8 {
		t := uint64(thresholds[x/8]) * lowBits
		v := binary.LittleEndian.Uint64(row[x:])
		binary.LittleEndian.PutUint64(out[x:], notAbove(v, t)>>7)
	}
	for ; x < len(row); x++ {
		out[x] = 0
		if row[x] <= thresholds[x/8] {
			out[x] = 1
		}
	}
}

// lesser is the lesser of each byte; x ^ y ^ lesser(x, y) is the greater.
func lesser(x, y uint64) uint64 {
	is := notAbove(x, y) >> 7 * 255
	return x&is | y&^is
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// notAbove sets the top bit of each byte where x <= y, unsigned, and clears all others
// (Warren, Hacker's Delight, 2nd ed., section 2-18).
func notAbove(x, y uint64) uint64 {
	d := (y | highBits) - (x &^ highBits)
	return ((y &^ x) | (^(y ^ x) & d)) & highBits
}
