package paper

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf16"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// WritePDF writes drawings as the pages of one PDF. Equal drawings make equal bytes:
// nothing in it says when it was made. Each outline is written once and used wherever
// its letter stands, on whatever page. It asks the reader to print it at its true size,
// since a page shrunk to fit has bars of uneven width.
func WritePDF(w io.Writer, pages ...*Drawing) error {
	if len(pages) == 0 {
		return errors.New("write PDF: no pages")
	}
	doc, err := document(pages)
	if err == nil {
		_, err = w.Write(doc)
	}
	if err != nil {
		return fmt.Errorf("write %s as PDF: %w", pages[0].Title, err)
	}
	return nil
}

// pdf is a document in the making (ISO 32000-1, 7.5): numbered objects one after
// another, and where each begins.
type pdf struct {
	bytes.Buffer
	begins   []int // of the objects, which are numbered from 1
	packer   *zlib.Writer
	packed   bytes.Buffer
	outlines map[*font.Segment]int // of the objects that draw them, by their beginning
}

// The objects whose numbers others need before they are written.
const (
	catalogObject = 1 + iota
	pagesObject
	resourcesObject
	infoObject
	reserved
)

// document is the whole of a PDF.
func document(pages []*Drawing) ([]byte, error) {
	p := &pdf{begins: make([]int, reserved-1), outlines: map[*font.Segment]int{}}
	p.packer = zlib.NewWriter(&p.packed)
	p.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	var kids, letters bytes.Buffer
	for _, d := range pages {
		page, err := p.page(d, &letters)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&kids, "%d 0 R ", page)
	}
	p.object(catalogObject, "/Type /Catalog\n/ViewerPreferences << /PrintScaling /None >>\n/Pages %d 0 R", pagesObject)
	p.object(pagesObject, "/Type /Pages\n/Count %d\n/Kids [ %s]\n/Resources %d 0 R", len(pages), kids.Bytes(), resourcesObject)
	p.object(resourcesObject, "/ProcSet [ /PDF ]\n/XObject <<\n%s>>", letters.Bytes())
	p.object(infoObject, "/Title <%s>", textString(pages[0].Title))
	table := p.Len()
	fmt.Fprintf(p, "xref\n0 %d\n0000000000 65535 f \n", len(p.begins)+1)
	for _, at := range p.begins {
		fmt.Fprintf(p, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(p, "trailer\n<<\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n>>\nstartxref\n%d\n%%%%EOF\n", len(p.begins)+1, catalogObject, infoObject, table)
	return p.Bytes(), nil
}

// next is the number of an object that is not written yet.
func (p *pdf) next() int {
	p.begins = append(p.begins, 0)
	return len(p.begins)
}

// object writes a dictionary as an object.
func (p *pdf) object(number int, format string, args ...any) {
	p.begins[number-1] = p.Len()
	fmt.Fprintf(p, "%d 0 obj\n<<\n", number)
	fmt.Fprintf(p, format, args...)
	p.WriteString("\n>>\nendobj\n")
}

// stream writes content as an object, packed, and returns its number.
func (p *pdf) stream(dictionary string, content []byte) (int, error) {
	p.packed.Reset()
	p.packer.Reset(&p.packed)
	if _, err := p.packer.Write(content); err != nil {
		return 0, err
	}
	if err := p.packer.Close(); err != nil {
		return 0, err
	}
	number := p.next()
	p.begins[number-1] = p.Len()
	fmt.Fprintf(p, "%d 0 obj\n<<%s /Filter /FlateDecode /Length %d >>\nstream\n", number, dictionary, p.packed.Len())
	p.Write(p.packed.Bytes())
	p.WriteString("\nendstream\nendobj\n")
	return number, nil
}

// page writes the drawing as a page of its size and returns its number; letters get the
// names of the outlines that no page before had.
func (p *pdf) page(d *Drawing, letters *bytes.Buffer) (int, error) {
	k := float64(pointsPerInch) / float64(d.DPI) // points per dot
	width, height := number(float64(d.Width)*k, 4), number(float64(d.Height)*k, 4)
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s 0 0 -%[1]s 0 %s cm\n", number(k, 8), height) // from here on in dots, y down
	for _, s := range d.shapes {
		x, y := s[0].x, s[0].y
		fmt.Fprintf(&b, "q 1 0 0 1 %d %d cm\n", x, y) // equal codes are equal text, which packs
		for _, r := range s {
			fmt.Fprintf(&b, "%d %d %d %d re\n", r.x-x, r.y-y, r.w, r.h)
		}
		b.WriteString("f Q\n")
	}
	for _, g := range d.glyphs {
		outline, known := p.outlines[&g.outline[0]]
		if !known {
			var err error
			if outline, err = p.outline(g.outline); err != nil {
				return 0, err
			}
			p.outlines[&g.outline[0]] = outline
			fmt.Fprintf(letters, "/g%d %[1]d 0 R\n", outline)
		}
		scale := number(g.scale, 6)
		fmt.Fprintf(&b, "q %s 0 0 -%[1]s %s %s cm /g%d Do Q\n", scale, number(g.x, 2), number(g.y, 2), outline)
	}
	content, err := p.stream("", b.Bytes())
	if err != nil {
		return 0, err
	}
	page := p.next()
	p.object(page, "/Type /Page\n/Parent %d 0 R\n/MediaBox [ 0 0 %s %s ]\n/Contents %d 0 R", pagesObject, width, height, content)
	return page, nil
}

// outline writes an outline, in font units, as an object that a page draws (8.10), and
// returns its number. A PDF has no quadratic curves: they are raised to cubic ones.
func (p *pdf) outline(outline []font.Segment) (int, error) {
	var b bytes.Buffer
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	put := func(x, y float64) {
		minX, maxX, minY, maxY = min(minX, x), max(maxX, x), min(minY, y), max(maxY, y)
		b.WriteString(number(x, 2) + " " + number(y, 2) + " ")
	}
	var x, y float64 // where the pen is
	for i, s := range outline {
		at := func(n int) (float64, float64) { return float64(s.Args[n].X), float64(s.Args[n].Y) }
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				b.WriteString("h\n")
			}
			x, y = at(0)
			put(x, y)
			b.WriteString("m\n")
		case opentype.SegmentOpLineTo:
			x, y = at(0)
			put(x, y)
			b.WriteString("l\n")
		case opentype.SegmentOpQuadTo:
			x0, y0 := x, y
			cx, cy := at(0)
			x, y = at(1)
			put(x0+(cx-x0)*2/3, y0+(cy-y0)*2/3)
			put(x+(cx-x)*2/3, y+(cy-y)*2/3)
			put(x, y)
			b.WriteString("c\n")
		case opentype.SegmentOpCubeTo:
			put(at(0))
			put(at(1))
			x, y = at(2)
			put(x, y)
			b.WriteString("c\n")
		}
	}
	b.WriteString("h f\n")
	within := fmt.Sprintf(" /Type /XObject /Subtype /Form /BBox [ %s %s %s %s ]", number(minX-1, 0), number(minY-1, 0), number(maxX+1, 0), number(maxY+1, 0))
	return p.stream(within, b.Bytes())
}

// number writes a number with so many decimals at most.
func number(v float64, decimals int) string {
	power := math.Pow10(decimals)
	return strconv.FormatFloat(math.Round(v*power)/power, 'f', -1, 64)
}

// textString is a text as a PDF has it in hexadecimal: UTF-16 with a byte-order mark.
func textString(text string) string {
	b := []byte{0xfe, 0xff}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = append(b, byte(unit>>8), byte(unit))
	}
	return hex.EncodeToString(b)
}
