package tiff

import (
	"errors"
	"io"
)

// fax unpacks rows of a facsimile, T.4 and T.6, as bits of which 1 is black. What is
// damaged is left white up to where rows can be told apart again. (x/image/ccitt reads
// neither two-dimensional Group 3 nor rows without marks, and nothing behind damage.)
type fax struct {
	faxForm
	data  []byte
	at    uint // in bits
	width int

	above, row []int  // changes of colour, the first to black
	out        []byte // the row's bytes that nobody has read yet
	packed     []byte // where out lies
	ended      bool
}

// faxForm is how rows are packed.
type faxForm struct {
	marks bool // rows begin with a mark (EOL): Group 3
	plane bool // rows are of two dimensions: Group 4, and of Group 3 those whose mark says so
	align uint // rows begin at a multiple of so many bits: modified Huffman
}

func newFax(form faxForm, data []byte, width int) *fax {
	return &fax{faxForm: form, data: data, width: width, packed: make([]byte, (width+7)/8)}
}

func (f *fax) Read(p []byte) (int, error) {
	if len(f.out) == 0 {
		if !f.next() {
			return 0, io.EOF
		}
		f.paint()
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

// peek is the next n bits, n <= 24; behind the data they are 0.
func (f *fax) peek(n uint) uint {
	v, i := uint(0), f.at/8
	for k := range uint(4) {
		v <<= 8
		if i+k < uint(len(f.data)) {
			v |= uint(f.data[i+k])
		}
	}
	return v >> (32 - f.at%8 - n) & (1<<n - 1)
}

func (f *fax) over() bool { return f.at >= uint(len(f.data))*8 }

const markZeros = 11 // a mark is so many 0 bits or more, and a 1

// mark takes a mark, if one is next.
func (f *fax) mark() bool {
	if f.peek(markZeros) != 0 {
		return false
	}
	begin := f.at
	for !f.over() {
		switch {
		case f.peek(24) == 0:
			f.at += 24
		case f.peek(1) == 0:
			f.at++
		default:
			f.at++
			return true
		}
	}
	f.at = max(begin, uint(len(f.data))*8)
	return false
}

// seek goes to the next mark.
func (f *fax) seek() {
	for !f.over() && f.peek(markZeros) != 0 {
		f.at++
	}
}

// next unpacks a row; false at the end.
func (f *fax) next() bool {
	if f.align > 0 {
		f.at = (f.at + f.align - 1) / f.align * f.align
	}
	plane := f.plane && !f.marks
	if f.marks && f.mark() {
		plane = f.plane && f.bit() == 0
		for n := 0; f.mark(); n++ { // several together end the page
			if n > 0 {
				return false
			}
			if f.plane {
				plane = f.bit() == 0
			}
		}
	}
	if f.ended || f.over() {
		return false
	}
	f.above, f.row = f.row, f.above[:0]
	err := f.flatRow
	if plane {
		err = f.planeRow
	}
	if err() == nil {
		return true
	}
	if len(f.row)%2 == 1 { // black from there on
		f.row = f.row[:len(f.row)-1]
	}
	switch {
	case f.marks:
		f.seek()
	case f.align > 0:
		f.at++
	default: // Group 4 cannot go on
		f.ended = true
		return len(f.row) > 0
	}
	return true
}

func (f *fax) bit() uint {
	b := f.peek(1)
	f.at++
	return b
}

var errFax = errors.New("no code of a facsimile")

// run takes a run of pixels of a colour.
func (f *fax) run(colour int) (int, error) {
	for n := 0; ; {
		c := runCodes[colour][f.peek(runBits)]
		if c.bits == 0 || f.over() {
			return n, errFax
		}
		f.at += c.bits
		if n = min(n+c.value, f.width); c.value < 64 {
			return n, nil
		}
	}
}

func (f *fax) flatRow() error {
	x := 0
	for colour := 0; x < f.width; colour ^= 1 {
		n, err := f.run(colour)
		if err != nil {
			return err
		}
		if err := f.change(&x, x+n); err != nil {
			return err
		}
	}
	return nil
}

func (f *fax) planeRow() error {
	x, i := 0, 0 // i is of the first change above, to the other colour, to the right of x
	for x < f.width {
		colour := len(f.row) % 2
		for i = max(i-1, 0); i < len(f.above) && (i%2 != colour || f.above[i] <= x && (x > 0 || len(f.row) > 0)); i++ {
		}
		m := modeTable[f.peek(modeBits)]
		if m.bits == 0 || f.over() {
			return errFax
		}
		f.at += m.bits
		switch m.value {
		case pass:
			x = f.changeAbove(i + 1)
		case horizontal:
			for k := range 2 {
				n, err := f.run(colour ^ k)
				if err != nil {
					return err
				}
				if err := f.change(&x, x+n); err != nil {
					return err
				}
			}
		default:
			if err := f.change(&x, f.changeAbove(i)+m.value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *fax) changeAbove(i int) int {
	if i < len(f.above) {
		return f.above[i]
	}
	return f.width
}

// change notes that the colour changes at to.
func (f *fax) change(x *int, to int) error {
	if to < *x || len(f.row) > f.width+1 {
		return errFax
	}
	*x = min(to, f.width)
	f.row = append(f.row, *x)
	return nil
}

// paint makes the row's bytes.
func (f *fax) paint() {
	clear(f.packed)
	for i := 0; i < len(f.row); i += 2 {
		from, to := f.row[i], f.width
		if i+1 < len(f.row) {
			to = f.row[i+1]
		}
		for ; from < to && from%8 != 0; from++ {
			f.packed[from/8] |= 0x80 >> (from % 8)
		}
		for ; from+8 <= to; from += 8 {
			f.packed[from/8] = 0xff
		}
		for ; from < to; from++ {
			f.packed[from/8] |= 0x80 >> (from % 8)
		}
	}
	f.out = f.packed
}
