// Package tiff loads pictures, among them the pages of a TIFF that document scanners
// pack as JPEG (TIFF Technical Note 2), which golang.org/x/image/tiff does not read.
package tiff

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"harkara/scanner/decode"
)

// Limits of a page that is packed as JPEG.
const (
	maxPixels = 50_000_000 // with the margin of its tiles: as decode.Load's
	maxBlocks = 1 << 14    // strips or tiles
	maxTables = 1 << 13    // bytes that each block shares
)

// ErrKind means a TIFF that cannot be read, for how it is packed or for damage.
var ErrKind = errors.New("TIFF of a kind that cannot be read")

// Load is decode.Load, for a TIFF's first page also where it is packed as JPEG.
// Errors: ErrKind and decode.Load's.
func Load(ctx context.Context, r io.Reader) (*decode.Gray, error) {
	in := bufio.NewReader(r)
	if head, _ := in.Peek(4); !Is(head) { // what r fails with comes again
		return decode.Load(ctx, in)
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("load picture: %w", err)
	}
	g, err := decode.Load(ctx, bytes.NewReader(raw))
	if !errors.Is(err, decode.ErrNotImage) {
		return g, err
	}
	return unpack(raw)
}

// What a page's photometric interpretation and compression say.
const (
	whiteIsZero = 0
	blackIsZero = 1
	rgb         = 2
	yCbCr       = 6

	packedJPEG = 7
)

// unpack puts the strips or tiles of a page together.
func unpack(raw []byte) (g *decode.Gray, err error) {
	defer func() {
		if p := recover(); p != nil { // the JPEG decoder met bytes it did not expect
			g, err = nil, fmt.Errorf("%w: %v", ErrKind, p)
		}
	}()
	d := parse(raw)
	colours, samples := d.number(tagPhotometric, -1), d.number(tagSamples, 1)
	grey := samples == 1 && (colours == whiteIsZero || colours == blackIsZero)
	if d.number(tagCompression, 1) != packedJPEG || d.number(tagBits, 1) != 8 || d.number(tagPlanar, 1) != 1 ||
		!grey && (samples != 3 || colours != rgb && colours != yCbCr) {
		return nil, fmt.Errorf("%w: compression %d, photometric interpretation %d", ErrKind, d.number(tagCompression, 1), colours)
	}
	w, h := d.number(tagWidth, 0), d.number(tagHeight, 0)
	block := image.Pt(w, min(d.number(tagRowsPerStrip, h), h))
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripCounts)
	if _, tiled := d[tagTileWidth]; tiled {
		block = image.Pt(d.number(tagTileWidth, 0), d.number(tagTileHeight, 0))
		offsets, counts = tagTileOffsets, tagTileCounts
	}
	switch {
	case min(w, h, block.X, block.Y) <= 0:
		return nil, fmt.Errorf("%w: no size", ErrKind)
	case max(w, h, block.X, block.Y) > maxPixels:
		return nil, decode.ErrTooLarge
	}
	across, down := (w+block.X-1)/block.X, (h+block.Y-1)/block.Y
	switch {
	case across*block.X > maxPixels/(down*block.Y):
		return nil, decode.ErrTooLarge
	case across > maxBlocks/down || d[offsets].len() < across*down || d[counts].len() < across*down:
		return nil, fmt.Errorf("%w: %d by %d blocks", ErrKind, across, down)
	}
	tables, err := d.tables(colours == rgb)
	if err != nil {
		return nil, err
	}
	page := image.NewGray(image.Rect(0, 0, w, h))
	left := len(raw) // bytes of blocks that do not overlap
	for i := range across * down {
		packed := d.cut(raw, offsets, counts, i)
		if left -= len(packed); left < 0 {
			return nil, fmt.Errorf("%w: its blocks overlap", ErrKind)
		}
		b, err := unpackBlock(tables, packed, block)
		if err != nil {
			return nil, fmt.Errorf("%w: block %d: %w", ErrKind, i, err)
		}
		at := image.Pt(i%across*block.X, i/across*block.Y)
		for y := range min(b.H, h-at.Y) {
			row := page.Pix[page.PixOffset(at.X, at.Y+y):][:min(b.W, w-at.X)]
			copy(row, b.Pix[y*b.Stride:])
			if colours == whiteIsZero {
				for x := range row {
					row[x] = ^row[x]
				}
			}
		}
	}
	return decode.FromImage(page), nil
}

// Marks of a JPEG stream.
var (
	startOfImage = []byte("\xff\xd8")
	endOfImage   = []byte("\xff\xd9")

	// Adobe's segment says that three colours are red, green and blue.
	adobeRGB = []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
)

// tables is how the stream of each block begins: the tables that they share.
func (d directory) tables(coloured bool) ([]byte, error) {
	out := bytes.Clone(startOfImage)
	if coloured {
		out = append(out, adobeRGB...)
	}
	t := d[tagJPEGTables].raw
	if len(t) > maxTables {
		return nil, fmt.Errorf("%w: %d bytes of tables", ErrKind, len(t))
	}
	return append(out, bytes.TrimSuffix(bytes.TrimPrefix(t, startOfImage), endOfImage)...), nil
}

// unpackBlock reads one strip or tile. It may be smaller than it should be, as for
// libtiff, but not larger.
func unpackBlock(tables, packed []byte, most image.Point) (*decode.Gray, error) {
	packed, begins := bytes.CutPrefix(packed, startOfImage)
	if !begins {
		return nil, errors.New("no JPEG")
	}
	stream := func() io.Reader { return io.MultiReader(bytes.NewReader(tables), bytes.NewReader(packed)) }
	size, err := jpeg.DecodeConfig(stream())
	if err != nil {
		return nil, err
	}
	if size.Width > most.X || size.Height > most.Y {
		return nil, fmt.Errorf("%d by %d pixels", size.Width, size.Height)
	}
	img, err := jpeg.Decode(stream())
	if err != nil {
		return nil, err
	}
	return decode.FromImage(img), nil
}
