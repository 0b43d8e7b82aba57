package paper

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/vector"
)

// Image renders the drawing, one pixel a dot, black on white with grey edges on
// letters only.
func (d *Drawing) Image() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, d.Width, d.Height))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for _, s := range d.shapes {
		for _, r := range s {
			area := image.Rect(r.x, r.y, r.x+r.w, r.y+r.h).Intersect(img.Rect)
			for y := area.Min.Y; y < area.Max.Y; y++ {
				clear(img.Pix[img.PixOffset(area.Min.X, y):img.PixOffset(area.Max.X, y)])
			}
		}
	}
	var brush brush
	for _, g := range d.glyphs {
		brush.paint(img, g)
	}
	return img
}

// brush rasterises glyphs; it keeps its buffers from one to the next.
type brush struct {
	raster vector.Rasterizer
	mask   image.Alpha
}

func (b *brush) paint(img *image.Gray, g glyph) {
	area := extent(g)
	if !area.Overlaps(img.Rect) {
		return
	}
	b.raster.Reset(area.Dx(), area.Dy())
	at := func(p font.SegmentPoint) (x, y float32) {
		px, py := g.at(p)
		return float32(px - float64(area.Min.X)), float32(py - float64(area.Min.Y))
	}
	for _, s := range g.outline {
		x0, y0 := at(s.Args[0])
		x1, y1 := at(s.Args[1])
		x2, y2 := at(s.Args[2])
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			b.raster.ClosePath()
			b.raster.MoveTo(x0, y0)
		case opentype.SegmentOpLineTo:
			b.raster.LineTo(x0, y0)
		case opentype.SegmentOpQuadTo:
			b.raster.QuadTo(x0, y0, x1, y1)
		case opentype.SegmentOpCubeTo:
			b.raster.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	b.raster.ClosePath()
	b.mask = image.Alpha{Pix: grow(b.mask.Pix, area.Dx()*area.Dy()), Stride: area.Dx(), Rect: image.Rect(0, 0, area.Dx(), area.Dy())}
	b.raster.Draw(&b.mask, b.mask.Rect, image.NewUniform(color.Opaque), image.Point{})
	seen := area.Intersect(img.Rect)
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		row := img.Pix[img.PixOffset(seen.Min.X, y):img.PixOffset(seen.Max.X, y)]
		mask := b.mask.Pix[(y-area.Min.Y)*b.mask.Stride+seen.Min.X-area.Min.X:]
		for x := range row {
			row[x] = byte(uint16(row[x]) * uint16(0xff-mask[x]) / 0xff)
		}
	}
}

// grow returns n cleared bytes, in pix where they fit.
func grow(pix []byte, n int) []byte {
	if cap(pix) < n {
		return make([]byte, n)
	}
	pix = pix[:n]
	clear(pix)
	return pix
}

// at converts a point of the outline to dots.
func (g glyph) at(p font.SegmentPoint) (x, y float64) {
	return g.x + float64(p.X)*g.scale, g.y - float64(p.Y)*g.scale
}

// extent is the least rectangle of whole dots around the outline's points.
func extent(g glyph) image.Rectangle {
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for i := range g.outline {
		for _, p := range g.outline[i].ArgsSlice() {
			x, y := g.at(p)
			minX, maxX = min(minX, x), max(maxX, x)
			minY, maxY = min(minY, y), max(maxY, y)
		}
	}
	return image.Rect(int(math.Floor(minX)), int(math.Floor(minY)), int(math.Ceil(maxX)), int(math.Ceil(maxY)))
}

// WritePNG writes the drawing as a PNG that knows its resolution, so that it
// prints at its true size.
func (d *Drawing) WritePNG(w io.Writer) error {
	var b bytes.Buffer
	if err := png.Encode(&b, d.Image()); err != nil {
		return fmt.Errorf("encode %s as PNG: %w", d.Title, err)
	}
	// pHYs stands between the header (8 + 25 bytes) and the data.
	const header = 8 + 25
	perMetre := uint32(math.Round(float64(d.DPI) * 1000 / mmPerInch))
	phys := binary.BigEndian.AppendUint32(nil, 9)
	phys = append(phys, "pHYs"...)
	phys = binary.BigEndian.AppendUint32(phys, perMetre)
	phys = binary.BigEndian.AppendUint32(phys, perMetre)
	phys = append(phys, 1)
	phys = binary.BigEndian.AppendUint32(phys, crc32.ChecksumIEEE(phys[4:]))
	for _, part := range [][]byte{b.Bytes()[:header], phys, b.Bytes()[header:]} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write %s as PNG: %w", d.Title, err)
		}
	}
	return nil
}
