package jpeg

import (
	"encoding/binary"
	"fmt"
)

// frame is what a picture's header says.
type frame struct {
	width, height int
	progressive   bool
	components    []component
}

// component is a colour: its name and how many blocks of it an MCU has.
type component struct {
	id         byte
	wide, tall int
}

// parse reads a frame header (T.81, B.2.2).
func (f *frame) parse(body []byte, progressive bool) error {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) || body[5] == 0 || body[5] > 4 {
		return fmt.Errorf("%w: its header is damaged", ErrFormat)
	}
	f.progressive = progressive
	f.height, f.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	for c := body[6:]; len(f.components) < int(body[5]); c = c[3:] {
		f.components = append(f.components, component{c[0], max(1, int(c[1]>>4)), max(1, int(c[1]&15))})
	}
	if len(f.components) == 1 {
		f.components[0].wide, f.components[0].tall = 1, 1 // its MCU is a block, whatever it says
	}
	return nil
}

// lateHeight takes the height from behind the first scan, where it stands when it was
// not known before (T.81, B.2.5), and returns the header with it.
func (f *frame) lateHeight(header, rest []byte) []byte {
	for at := 0; ; at += 2 {
		marker, begin := nextMarker(rest, at)
		if marker == 0 {
			return header
		}
		if at = begin; marker == dnl && begin+6 <= len(rest) {
			f.height = int(binary.BigEndian.Uint16(rest[begin+4:]))
			header = append([]byte(nil), header...)
			binary.BigEndian.PutUint16(header[5:], uint16(f.height))
			return header
		}
	}
}

// mcus is how many MCUs an interleaved scan has.
func (f *frame) mcus() int {
	wide, tall := 8*f.components[0].wide, 8*f.components[0].tall
	return ((f.width + wide - 1) / wide) * ((f.height + tall - 1) / tall)
}

// blocks is how many blocks the picture has in all its colours.
func (f *frame) blocks() int {
	n := 0
	for _, c := range f.components {
		n += c.wide * c.tall
	}
	return n * f.mcus()
}

// coefficients of a block.
const coefficients = 64

// Work is counted in coefficients visited, of about three quarters of a nanosecond.
const (
	blockWork = 28 // to fetch and store a block of a scan
	bitWork   = 4  // to decode a bit
	mostScans = 30 // each of every coefficient: libjpeg's ten scans of a sharp photograph need two thirds of it
)

// mostWork is what unpacking the picture may take.
func (f *frame) mostWork() int { return f.blocks() * coefficients * mostScans }

// scan is one pass over the picture, or over some colours and coefficients of it.
type scan struct {
	blocks   int // of one MCU
	mcus     int
	from, to int  // coefficients
	refines  bool // adds a bit to what is known
	dc, ac   [4]byte
	colours  int
	tables   tables
	interval int
	restarts bool // its data was cut at its restart markers
}

// scanned reads a scan header (T.81, B.2.3).
func (f *frame) scanned(body []byte) (c scan, ok bool) {
	if len(body) < 1 || body[0] == 0 || body[0] > 4 || len(body) != 4+2*int(body[0]) {
		return c, false
	}
	c.colours, c.mcus = int(body[0]), f.mcus()
	for i := range c.colours {
		id, selects := body[1+2*i], body[2+2*i]
		c.dc[i], c.ac[i] = selects>>4&3, selects&3
		for _, o := range f.components {
			if o.id == id {
				c.blocks += o.wide * o.tall
			}
		}
	}
	c.to = coefficients - 1
	if f.progressive {
		last := body[len(body)-3:]
		c.from, c.to, c.refines = int(last[0]), int(last[1])&63, last[2]>>4 != 0
	}
	return c, true
}

// work is what a scan with so many bytes of data takes at most.
func (c *scan) work(bytes int) int {
	band := c.to - c.from + 1
	blocks := c.blocks * c.mcus
	bits := min(8*bytes, 2*band*blocks)
	each := blockWork
	if c.refines || band == coefficients { // it looks at all of them, or transforms them
		each += band
	}
	return each*blocks + bitWork*bits
}

// filling is how many zeros are more than so many MCUs of the scan can be.
func (c *scan) filling(mcus int) int {
	most := 0 // bits of a block
	for i := range c.colours {
		bits := 0
		if c.from == 0 {
			bits += c.tables.dc[c.dc[i]].bits() + 1
		}
		if c.to > 0 {
			bits += coefficients * (c.tables.ac[c.ac[i]].bits() + 1)
		}
		most = max(most, bits)
	}
	return (most*c.blocks*mcus + 7) / 8
}
