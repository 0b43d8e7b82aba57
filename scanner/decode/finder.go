package decode

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// eye is a finder pattern: the square of squares in three corners of a QR code.
type eye struct {
	Point
	module float64 // pixels, along rows and columns: up to 1.41 too large when turned
	rows   int     // that crossed it
}

// mostEyes bounds the work on a page of squares: none has so many finder patterns.
const mostEyes = 200

// mostCandidates bounds it on a page of checks: a cover has some thousands of runs that
// look like an eye in one direction.
const mostCandidates = 40_000

// finder keeps the buffers of finding eyes.
type finder struct {
	eyes       []eye
	triples    []triple
	candidates int
	density    int // runs of a colour in a hundred pixels
}

// Tolerances of the ratio 1:1:3:1:1, in twentieths of a module for the narrow runs.
const (
	tolerance      = 14
	toleranceCross = 15
)

// find walks every step-th row of a bitmap for runs of 1:1:3:1:1 and checks them down
// and across, as ISO/IEC 18004 annex and ZXing do. The result is valid until the next
// call.
func (f *finder) find(b *bitmap, step int) []eye {
	f.eyes, f.candidates = f.eyes[:0], 0
	count, pixels := 0, 0
	for y := step / 2; y < b.h && f.candidates < mostCandidates; y += step {
		row := b.pix[y*b.w : (y+1)*b.w]
		var runs [5]int // the last five, the newest last
		for x := 0; x < len(row); {
			start, colour := x, row[x]
			x = endOfRun(row, x)
			runs = [5]int{runs[1], runs[2], runs[3], runs[4], x - start}
			count++
			if colour == 1 && runs[0] > 0 && isEye(&runs, tolerance) {
				f.candidates++
				f.confirm(b, &runs, x-runs[4]-runs[3]-(runs[2]+1)/2, y)
			}
		}
		pixels += len(row)
	}
	f.density = 100 * count / max(1, pixels)
	return f.eyes
}

// endOfRun returns where the pixels of one colour that start at x end, eight at a time.
func endOfRun(row []byte, x int) int {
	colour := row[x]
	for all := uint64(colour) * lowBits; x+8 <= len(row); x += 8 {
		if other := binary.LittleEndian.Uint64(row[x:]) ^ all; other != 0 {
			return x + bits.TrailingZeros64(other)/8
		}
	}
	for x < len(row) && row[x] == colour {
		x++
	}
	return x
}

// isEye reports whether five runs are near 1:1:3:1:1.
func isEye(runs *[5]int, tolerance int) bool {
	total := sum(runs)
	if total < 7 {
		return false
	}
	off := tolerance * total // in 140ths of a module, as are the differences
	return 20*abs(total-7*runs[0]) < off && 20*abs(total-7*runs[1]) < off &&
		20*abs(3*total-7*runs[2]) < 3*off &&
		20*abs(total-7*runs[3]) < off && 20*abs(total-7*runs[4]) < off
}

func sum(runs *[5]int) int { return runs[0] + runs[1] + runs[2] + runs[3] + runs[4] }

// confirm checks runs around (x, y) down, then across, and adds the eye or counts it
// to one already there.
func (f *finder) confirm(b *bitmap, runs *[5]int, x, y int) {
	if x < 0 || !b.dark(x, y) {
		return
	}
	wide := sum(runs)
	down, offset, ok := b.cross(x, y, 0, 1, wide)
	if !ok || !isEye(&down, toleranceCross) {
		return
	}
	if tall := sum(&down); tall*5 < wide*2 || tall*2 > wide*5 {
		return
	}
	middle := y + int(math.Round(offset))
	if middle < 0 || middle >= b.h || !b.dark(x, middle) {
		return
	}
	across, offsetX, ok := b.cross(x, middle, 1, 0, wide)
	if !ok || !isEye(&across, toleranceCross) {
		return
	}
	f.add(eye{
		Point:  Point{float64(x) + offsetX + 0.5, float64(y) + offset + 0.5},
		module: float64(sum(&across)+sum(&down)) / 14,
		rows:   1,
	})
}

func (f *finder) add(e eye) {
	for i := range f.eyes {
		o := &f.eyes[i]
		if math.Abs(o.X-e.X) < 1.5*o.module && math.Abs(o.Y-e.Y) < 1.5*o.module && e.module < 1.8*o.module && o.module < 1.8*e.module {
			n := float64(o.rows)
			o.X, o.Y, o.module = (o.X*n+e.X)/(n+1), (o.Y*n+e.Y)/(n+1), (o.module*n+e.module)/(n+1)
			o.rows++
			return
		}
	}
	if len(f.eyes) < mostEyes {
		f.eyes = append(f.eyes, e)
	}
}

// cross counts the five runs through a dark pixel along (dx, dy), none longer than
// longest, and returns how far their middle lies from it in pixels.
func (b *bitmap) cross(x, y, dx, dy, longest int) (runs [5]int, offset float64, ok bool) {
	at := func(k int) int {
		px, py := x+k*dx, y+k*dy
		if px < 0 || py < 0 || px >= b.w || py >= b.h {
			return -1
		}
		return int(b.pix[py*b.w+px])
	}
	walk := func(k, direction, colour, limit int) (end, n int) {
		for ; at(k) == colour && n <= limit; k += direction {
			n++
		}
		return k, n
	}
	before, left := walk(0, -1, 1, 3*longest)
	after, right := walk(1, 1, 1, 3*longest)
	runs[2] = left + right
	if runs[2] > 3*longest {
		return runs, 0, false
	}
	k := before
	k, runs[1] = walk(k, -1, 0, longest)
	_, runs[0] = walk(k, -1, 1, longest)
	k = after
	k, runs[3] = walk(k, 1, 0, longest)
	_, runs[4] = walk(k, 1, 1, longest)
	ok = runs[0] > 0 && runs[1] > 0 && runs[2] > 0 && runs[3] > 0 && runs[4] > 0
	return runs, float64(before+after) / 2, ok
}
