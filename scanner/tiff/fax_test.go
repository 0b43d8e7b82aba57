package tiff

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"golang.org/x/image/ccitt"
	"pgregory.net/rapid"
)

// bitsOf packs bits, the highest first.
type bitsOf struct {
	b []byte
	n uint
}

func (p *bitsOf) put(code string) {
	for _, bit := range code {
		if p.n%8 == 0 {
			p.b = append(p.b, 0)
		}
		p.b[p.n/8] |= byte(bit-'0') << (7 - p.n%8)
		p.n++
	}
}

// codeOf is the code of a value in a table.
func codeOf(t []faxCode, n uint, value int) (code string) {
	for i, c := range t {
		if c.bits > 0 && c.value == value {
			for bit := range c.bits {
				code += string(rune('0' + i>>(n-1-bit)&1))
			}
			return code
		}
	}
	panic("no code")
}

func (p *bitsOf) run(colour, n int) {
	for ; n >= 64; n -= min(n/64*64, 2560) {
		p.put(codeOf(runCodes[colour], runBits, min(n/64*64, 2560)))
	}
	p.put(codeOf(runCodes[colour], runBits, n))
}

// changes of a row of bits, 1 black.
func changes(row []byte, width int) (out []int) {
	last := byte(0)
	for x := range width {
		if v := row[x/8] >> (7 - x%8) & 1; v != last {
			out, last = append(out, x), v
		}
	}
	return out
}

// faxed packs rows as a facsimile.
func faxed(form faxForm, rows [][]byte, width int) []byte {
	const mark = "000000000001"
	p := &bitsOf{}
	above := []int{}
	for y, row := range rows {
		this := changes(row, width)
		plane := form.plane
		if form.marks {
			p.put(mark)
			if form.plane {
				plane = y%4 != 0
				p.put(map[bool]string{false: "1", true: "0"}[plane])
			}
		}
		if plane {
			p.plane(this, above, width)
		} else {
			x, colour := 0, 0
			for _, to := range append(slices.Clone(this), width) {
				p.run(colour, to-x)
				x, colour = to, colour^1
			}
		}
		for form.align > 0 && p.n%form.align != 0 {
			p.put("0")
		}
		above = this
	}
	switch {
	case form.marks && form.plane:
		for range 6 {
			p.put(mark + "1")
		}
	case form.marks:
		for range 6 {
			p.put(mark)
		}
	case form.plane:
		p.put(mark + mark)
	}
	return p.b
}

// plane packs a row by how it differs from the one above (T.4, 4.2.1.3.3).
func (p *bitsOf) plane(this, above []int, width int) {
	next := func(row []int, x, colour int) int { // the first change to the other colour right of x
		for i, at := range row {
			if at > x && i%2 == colour {
				return at
			}
		}
		return width
	}
	after := func(row []int, x int) int {
		for _, at := range row {
			if at > x {
				return at
			}
		}
		return width
	}
	for x, colour := -1, 0; x < width; {
		a1, b1 := next(this, x, colour), next(above, x, colour)
		b2 := after(above, b1)
		switch d := a1 - b1; {
		case b2 < a1:
			p.put(codeOf(modeTable, modeBits, pass))
			x = b2
		case d >= -3 && d <= 3:
			p.put(codeOf(modeTable, modeBits, d))
			x, colour = a1, colour^1
		default:
			a2 := after(this, a1)
			p.put(codeOf(modeTable, modeBits, horizontal))
			p.run(colour, a1-max(x, 0))
			p.run(colour^1, a2-a1)
			x = a2
		}
	}
}

// forms of a facsimile, and what x/image/ccitt calls those that it reads.
var forms = []struct {
	faxForm
	theirs ccitt.SubFormat
	known  bool
}{
	{faxForm{align: 8}, 0, false},
	{faxForm{align: 16}, 0, false},
	{faxForm{marks: true}, ccitt.Group3, true},
	{faxForm{marks: true, plane: true}, 0, false},
	{faxForm{plane: true}, ccitt.Group4, true},
}

// Rows come back as they were, and are those that another decoder reads.
func TestRowsOfAFacsimileComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.SampledFrom(forms).Draw(t, "form")
		width := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 6000)).Draw(t, "width")
		var rows [][]byte
		for range rapid.IntRange(1, 9).Draw(t, "rows") {
			row := make([]byte, (width+7)/8)
			if n := len(rows); n > 0 && rapid.Bool().Draw(t, "alike") {
				copy(row, rows[n-1])
			}
			for range rapid.IntRange(0, 9).Draw(t, "runs") {
				from := rapid.IntRange(0, width-1).Draw(t, "from")
				for x := from; x < min(width, from+rapid.SampledFrom([]int{1, 2, 3, 64, 3000}).Draw(t, "length")); x++ {
					row[x/8] ^= 0x80 >> (x % 8)
				}
			}
			rows = append(rows, row)
		}
		packed := faxed(form.faxForm, rows, width)
		want := bytes.Join(rows, nil)
		got, err := io.ReadAll(newFax(form.faxForm, packed, width))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%x, want %x", got, want)
		}
		if !form.known {
			return
		}
		theirs, err := io.ReadAll(ccitt.NewReader(bytes.NewReader(packed), ccitt.MSB, form.theirs, width, len(rows), &ccitt.Options{Invert: true}))
		if err != nil || !bytes.Equal(theirs, want) {
			t.Fatalf("they read %x, %v, want %x", theirs, err, want)
		}
	})
}

// Behind a row that is damaged rows with marks are read on.
func TestRowsBehindDamage(t *testing.T) {
	var rows [][]byte
	for y := range 40 {
		rows = append(rows, bytes.Repeat([]byte{0xf0, byte(y), 0x0f}, 40))
	}
	for _, form := range forms[2:4] {
		packed := faxed(form.faxForm, rows, 960)
		copy(packed[len(packed)/2:], "\x00\x01\xff\x80\x00\x02")
		got, err := io.ReadAll(newFax(form.faxForm, packed, 960))
		if err != nil || !bytes.HasSuffix(got, rows[39]) || !bytes.HasPrefix(got, rows[0]) {
			t.Errorf("%+v: %v", form, err)
		}
	}
}

// Whatever bytes come, rows end, and are whole.
func FuzzFax(f *testing.F) {
	rows := [][]byte{{0xf0, 0x0f}, {0xf1, 0x0f}, {0, 0}}
	for i, form := range forms {
		f.Add(faxed(form.faxForm, rows, 16), i, 16)
	}
	f.Add(make([]byte, 99), 3, 5)
	f.Fuzz(func(t *testing.T, raw []byte, form, width int) {
		width = 1 + int(uint(width)%3000)
		in := newFax(forms[uint(form)%uint(len(forms))].faxForm, raw, width)
		most := int64(len(raw)+1) * 8 * int64(len(in.packed)) // a row takes a bit at least
		n, err := io.Copy(io.Discard, io.LimitReader(in, most+1))
		if err != nil || n > most || n%int64(len(in.packed)) != 0 {
			t.Fatalf("%d bytes of %d: %v", n, len(raw), err)
		}
	})
}
