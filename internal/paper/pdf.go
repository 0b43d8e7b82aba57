package paper

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// WritePDF writes drawings as the pages of one PDF. Equal drawings make equal bytes:
// the document's date is always the same. It asks the reader to print it at its true
// size, since a page shrunk to fit has bars of uneven width.
func WritePDF(w io.Writer, pages ...*Drawing) error {
	if len(pages) == 0 {
		return errors.New("write PDF: no pages")
	}
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt"})
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(time.Unix(0, 0).UTC())
	pdf.SetModificationDate(time.Unix(0, 0).UTC())
	pdf.SetTitle(pages[0].Title, true)
	pdf.SetAutoPageBreak(false, 0)
	for _, d := range pages {
		d.page(pdf)
	}
	var doc bytes.Buffer
	if err := pdf.Output(&doc); err != nil {
		return fmt.Errorf("write %s as PDF: %w", pages[0].Title, err)
	}
	update, err := trueSize(doc.Bytes())
	if err != nil {
		return fmt.Errorf("write %s as PDF: %w", pages[0].Title, err)
	}
	for _, part := range [][]byte{doc.Bytes(), update} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write %s as PDF: %w", pages[0].Title, err)
		}
	}
	return nil
}

// ending is the end of a document as fpdf writes it: the catalog's dictionary, and
// what the trailer says of its size, the catalog's number and the table's place.
var ending = regexp.MustCompile(`(?s)obj\n<<\n/Type /Catalog\n(.*?)>>\nendobj\nxref\n.*/Size (\d+)\n/Root (\d+) 0 R\n(.*?)>>\nstartxref\n(\d+)\n%%EOF\s*$`)

// trueSize returns an incremental update (ISO 32000-1, 7.5.6) of a document that adds
// to its catalog that pages are not to be scaled for printing: fpdf cannot.
func trueSize(doc []byte) ([]byte, error) {
	m := ending.FindSubmatch(doc)
	if m == nil {
		return nil, errors.New("the document has no catalog")
	}
	catalog, size, root, info, previous := m[1], m[2], m[3], m[4], m[5]
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s 0 obj\n<<\n/Type /Catalog\n/ViewerPreferences << /PrintScaling /None >>\n%s>>\nendobj\n", root, catalog)
	table := len(doc) + b.Len()
	fmt.Fprintf(&b, "xref\n%s 1\n%010d 00000 n \n", root, len(doc))
	fmt.Fprintf(&b, "trailer\n<<\n/Size %s\n/Root %s 0 R\n%s/Prev %s\n>>\nstartxref\n%d\n%%%%EOF\n", size, root, info, previous, table)
	return b.Bytes(), nil
}

// page adds the drawing as a page of its size.
func (d *Drawing) page(pdf *fpdf.Fpdf) {
	k := pointsPerInch / float64(d.DPI) // points per dot
	pdf.AddPageFormat("P", fpdf.SizeType{Wd: float64(d.Width) * k, Ht: float64(d.Height) * k})
	pdf.SetFillColor(0, 0, 0)
	for _, s := range d.shapes {
		for _, r := range s {
			x0, y0, x1, y1 := float64(r.x)*k, float64(r.y)*k, float64(r.x+r.w)*k, float64(r.y+r.h)*k
			pdf.MoveTo(x0, y0)
			pdf.LineTo(x1, y0)
			pdf.LineTo(x1, y1)
			pdf.LineTo(x0, y1)
			pdf.ClosePath()
		}
		pdf.DrawPath("f")
	}
	for _, g := range d.glyphs {
		g.x, g.y, g.scale = g.x*k, g.y*k, g.scale*k
		trace(pdf, g)
	}
}

// trace fills a glyph given in points. A PDF has no quadratic curves: they are
// raised to cubic ones.
func trace(pdf *fpdf.Fpdf, g glyph) {
	var x, y float64 // where the pen is
	to := func(p font.SegmentPoint) (float64, float64) {
		x, y = g.at(p)
		return x, y
	}
	for i, s := range g.outline {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				pdf.ClosePath()
			}
			pdf.MoveTo(to(s.Args[0]))
		case opentype.SegmentOpLineTo:
			pdf.LineTo(to(s.Args[0]))
		case opentype.SegmentOpQuadTo:
			x0, y0 := x, y
			cx, cy := g.at(s.Args[0])
			x1, y1 := to(s.Args[1])
			pdf.CurveBezierCubicTo(x0+(cx-x0)*2/3, y0+(cy-y0)*2/3, x1+(cx-x1)*2/3, y1+(cy-y1)*2/3, x1, y1)
		case opentype.SegmentOpCubeTo:
			ax, ay := g.at(s.Args[0])
			bx, by := g.at(s.Args[1])
			x1, y1 := to(s.Args[2])
			pdf.CurveBezierCubicTo(ax, ay, bx, by, x1, y1)
		}
	}
	pdf.ClosePath()
	pdf.DrawPath("f")
}
