// Package paper draws what an office prints: covers of files, cards, badges and
// label sheets, each as a Drawing that becomes an image, a PDF or an SVG.
//
// A Drawing is made for one device resolution and holds only black rectangles on
// whole dots and outlines of letters, so that every form of it shows the same and
// its reader needs no fonts.
package paper

import (
	"fmt"
	"io"
	"math"

	"github.com/go-text/typesetting/font"
)

// Resolutions of office printers, in dots per inch: thermal label printers have
// 203 or 300, laser printers 300 or 600.
const (
	MinDPI     = 72
	DefaultDPI = 300
	MaxDPI     = 1200
)

const mmPerInch = 25.4

// Drawing is a page or a label, black on white. Lengths are dots of the device
// it was drawn for; x runs right and y down from the top left corner.
type Drawing struct {
	Title         string // for the document's properties
	Width, Height int    // dots
	DPI           int

	shapes []shape // each filled as one path, so that its parts show no seams
	glyphs []glyph
}

// shape is a set of rectangles that do not overlap.
type shape []rect

type rect struct{ x, y, w, h int }

// glyph is an outline in font units with y up, its origin on a baseline.
type glyph struct {
	outline []font.Segment
	x, y    float64 // of the origin
	scale   float64 // dots per font unit
}

// newDrawing returns an empty drawing of a size in millimetres. It refuses a
// resolution outside MinDPI to MaxDPI.
func newDrawing(title string, width, height float64, dpi int) (*Drawing, error) {
	if dpi < MinDPI || dpi > MaxDPI {
		return nil, fmt.Errorf("draw %s: resolution of %d dpi is not from %d to %d", title, dpi, MinDPI, MaxDPI)
	}
	d := &Drawing{Title: title, DPI: dpi}
	d.Width, d.Height = d.dots(width), d.dots(height)
	return d, nil
}

// exact converts millimetres to dots.
func (d *Drawing) exact(mm float64) float64 { return mm * float64(d.DPI) / mmPerInch }

// dots converts millimetres to the nearest whole number of dots.
func (d *Drawing) dots(mm float64) int { return int(math.Round(d.exact(mm))) }

// module is the number of dots of a bar of about mm millimetres, at least one.
func (d *Drawing) module(mm float64) int { return max(1, d.dots(mm)) }

// mm converts dots to millimetres.
func (d *Drawing) mm(dots int) float64 { return float64(dots) * mmPerInch / float64(d.DPI) }

// fill adds a black rectangle given in millimetres, at least one dot wide and high.
func (d *Drawing) fill(x, y, w, h float64) {
	d.shapes = append(d.shapes, shape{{d.dots(x), d.dots(y), max(1, d.dots(w)), max(1, d.dots(h))}})
}

// Formats are the formats a drawing is written in, as file names end in them.
var Formats = [...]string{"pdf", "png", "svg"}

// Write writes the drawing in one of Formats.
func (d *Drawing) Write(w io.Writer, format string) error {
	switch format {
	case "pdf":
		return WritePDF(w, d)
	case "png":
		return d.WritePNG(w)
	case "svg":
		return d.WriteSVG(w)
	}
	return fmt.Errorf("write %s: no format %q, only %s", d.Title, format, Formats)
}
