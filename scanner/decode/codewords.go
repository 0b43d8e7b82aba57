package decode

import (
	"math/bits"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// codewords puts right the codewords of symbols before gozxing is asked for their text,
// and tells symbols from rubbish: asked about rubbish it takes thirty times as long, and
// a thousand allocations.
type codewords struct {
	layouts map[int]*layout // by size
	front   []bool
	words   []byte
	block   []byte
}

// layout is what a QR code's size fixes.
type layout struct {
	order  []int32 // modules that carry codewords as y*size + x, in reading order
	masked []byte  // of each, bit m: mask m swaps dark and light there
	blocks [4]*decoder.ECBlocks
}

func newCodewords() codewords { return codewords{layouts: map[int]*layout{}} }

// correct returns the modules of a symbol of size modules a side with its codewords put
// right, as seen from the front, though dark be as in a mirror. It returns nil where
// they cannot be. It is valid until the next call.
func (c *codewords) correct(dark []bool, size int) []bool {
	l := c.layoutOf(size)
	if l == nil {
		return nil
	}
	c.front = append(c.front[:0], dark...)
	if c.put(size, l) {
		return c.front
	}
	for y := range size {
		for x := range size {
			c.front[x*size+y] = dark[y*size+x]
		}
	}
	if c.put(size, l) {
		return c.front
	}
	return nil
}

// put puts right the codewords in c.front.
func (c *codewords) put(size int, l *layout) bool {
	format, ok := formatOf(c.front, size)
	if !ok {
		return false
	}
	mask := byte(1) << (format & 7)
	c.words = c.words[:0]
	for i := 0; i+8 <= len(l.order); i += 8 {
		word := byte(0)
		for k, at := range l.order[i : i+8] {
			word <<= 1
			if c.front[at] != (l.masked[i+k]&mask != 0) {
				word |= 1
			}
		}
		c.words = append(c.words, word)
	}
	if !c.correctBlocks(l.blocks[format>>3]) {
		return false
	}
	for i, word := range c.words {
		for k, at := range l.order[8*i : 8*i+8] {
			c.front[at] = (word>>(7-k)&1 == 1) != (l.masked[8*i+k]&mask != 0)
		}
	}
	return true
}

// correctBlocks takes the words apart and puts them back: blocks have them in turns,
// first the data words, of which later blocks may have one more, then the check words
// (ISO/IEC 18004, section 8.6).
func (c *codewords) correctBlocks(plan *decoder.ECBlocks) bool {
	check, blocks, least := plan.GetECCodewordsPerBlock(), plan.GetNumBlocks(), plan.GetECBlocks()[0].GetDataCodewords()
	data := len(c.words) - check*blocks
	shorter := blocks - (data - least*blocks) // so many have no word more
	place := func(b, i int) int {
		switch own := least + max(0, min(1, b-shorter+1)); {
		case i < least:
			return i*blocks + b
		case i < own:
			return least*blocks + b - shorter
		default:
			return data + (i-own)*blocks + b
		}
	}
	for b := range blocks {
		n := least + check
		if b >= shorter {
			n++
		}
		c.block = c.block[:0]
		for i := range n {
			c.block = append(c.block, c.words[place(b, i)])
		}
		if !galois.correct(c.block, check) {
			return false
		}
		for i, word := range c.block {
			c.words[place(b, i)] = word
		}
	}
	return true
}

// formatOf reads the level of correction (bits 3 and 4) and the mask (bits 0 to 2) from
// the two copies around the finder patterns, up to three bits wrong.
func formatOf(dark []bool, size int) (format int, ok bool) {
	var first, second uint
	read := func(into *uint, x, y int) {
		*into <<= 1
		if dark[y*size+x] {
			*into |= 1
		}
	}
	for i := range 15 { // up the rows and columns, past the timing patterns
		switch {
		case i < 6:
			read(&first, i, 8)
		case i < 8:
			read(&first, i+1, 8)
		case i == 8:
			read(&first, 8, 7)
		default:
			read(&first, 8, 14-i)
		}
		if i < 7 {
			read(&second, 8, size-1-i)
		} else {
			read(&second, size-15+i, 8)
		}
	}
	const most = 3 // bits wrong that leave one nearest
	best := most + 1
	for _, unmasked := range [...]uint{0, formatMask} { // some printers forget the mask
		for i, f := range formats {
			f ^= unmasked
			if d := min(bits.OnesCount(first^f), bits.OnesCount(second^f)); d < best {
				best, format = d, i
			}
		}
		if best <= most {
			return format, true
		}
	}
	return 0, false
}

const formatMask = 0x5412

// formats are the 32 words of format information (ISO/IEC 18004, annex C).
var formats = func() (all [32]uint) {
	for i := range all {
		rest := uint(i) << 10
		for bit := 14; bit >= 10; bit-- {
			if rest>>bit&1 == 1 {
				rest ^= 0x537 << (bit - 10)
			}
		}
		all[i] = (uint(i)<<10 | rest) ^ formatMask
	}
	return all
}()

// masks are those, as bits, that swap dark and light at row i, column j (ISO/IEC 18004,
// table 10).
func masks(i, j int) (bits byte) {
	for m, swaps := range [...]bool{
		(i+j)%2 == 0,
		i%2 == 0,
		j%3 == 0,
		(i+j)%3 == 0,
		(i/2+j/3)%2 == 0,
		i*j%2+i*j%3 == 0,
		(i*j%2+i*j%3)%2 == 0,
		((i+j)%2+i*j%3)%2 == 0,
	} {
		if swaps {
			bits |= 1 << m
		}
	}
	return bits
}

// layoutOf returns what a size fixes, or nil where it is no QR code's.
func (c *codewords) layoutOf(size int) *layout {
	if l, ok := c.layouts[size]; ok {
		return l
	}
	version, err := decoder.Version_GetVersionForNumber((size - 17) / 4)
	if err != nil || version.GetDimensionForVersion() != size {
		return nil
	}
	l := &layout{}
	for i := range l.blocks {
		level, _ := decoder.ErrorCorrectionLevel_ForBits(uint(i)) // two bits always are one
		l.blocks[i] = version.GetECBlocksForLevel(level)
	}
	fixed := fixedModules(size, version.GetAlignmentPatternCenters())
	put := func(x, y int) {
		if !fixed[y*size+x] {
			l.order = append(l.order, int32(y*size+x))
			l.masked = append(l.masked, masks(y, x))
		}
	}
	up := true
	for x := size - 1; x > 0; x -= 2 {
		if x == 6 { // the timing pattern's column
			x--
		}
		for i := range size {
			y := i
			if up {
				y = size - 1 - i
			}
			put(x, y)
			put(x-1, y)
		}
		up = !up
	}
	c.layouts[size] = l
	return l
}

// fixedModules are those that carry no codewords: finder, timing and alignment
// patterns, format and version information.
func fixedModules(size int, alignments []int) []bool {
	fixed := make([]bool, size*size)
	area := func(x, y, w, h int) {
		for i := range w * h {
			fixed[(y+i/w)*size+x+i%w] = true
		}
	}
	area(0, 0, 9, 9)
	area(size-8, 0, 8, 9)
	area(0, size-8, 9, 8)
	area(6, 0, 1, size)
	area(0, 6, size, 1)
	last := len(alignments) - 1
	for i, x := range alignments {
		for j, y := range alignments {
			if i == 0 && (j == 0 || j == last) || i == last && j == 0 {
				continue // a finder pattern lies there
			}
			area(x-2, y-2, 5, 5)
		}
	}
	if size >= 45 { // version 7
		area(size-11, 0, 3, 6)
		area(0, size-11, 6, 3)
	}
	return fixed
}
