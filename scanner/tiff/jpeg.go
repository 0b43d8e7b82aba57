package tiff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"io"

	"harkara/scanner/decode"
)

// Marks of a JPEG stream.
var (
	startOfImage = []byte("\xff\xd8")
	endOfImage   = []byte("\xff\xd9")
	startOfScan  = []byte("\xff\xda")

	// Adobe's segment says that colours are what they are, not YCbCr.
	adobePlain = []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
)

// Work that a stream may make: each of its scans goes over all pixels.
const (
	maxScans      = 4 // of any picture
	maxScanPixels = 64_000_000
)

func (p *page) jpeg() bool { return p.compression == packedJPEG || p.compression == packedOldJPEG }

// jpegTables is how the stream of each block begins: the tables that they share.
func (p *page) jpegTables() error {
	if !p.jpeg() {
		return nil
	}
	grey := p.apart || p.samples == 1
	switch {
	case p.bits != 8 || p.photometric == palette || p.photometric > yCbCr,
		!grey && (p.samples != 3 && p.photometric != cmyk || p.photometric < rgb),
		!grey && p.photometric == cmyk && p.samples != 4,
		p.apart && p.photometric == yCbCr:
		return fmt.Errorf("%w: JPEG of %d samples of %d bits, photometric interpretation %d", ErrKind, p.samples, p.bits, p.photometric)
	}
	p.tables = bytes.Clone(startOfImage)
	if !grey && p.photometric != yCbCr && p.compression == packedJPEG {
		p.tables = append(p.tables, adobePlain...)
	}
	t := p.directory[tagJPEGTables].raw
	if len(t) > maxTables {
		return fmt.Errorf("%w: %d bytes of tables", ErrKind, len(t))
	}
	p.tables = append(p.tables, bytes.TrimSuffix(bytes.TrimPrefix(t, startOfImage), endOfImage)...)
	return nil
}

// jpegBlock unpacks a block that is a JPEG stream onto its area. It may be smaller than
// it should be, as for libtiff, but not larger.
func (p *page) jpegBlock(ctx context.Context, sheet *image.Gray, area image.Rectangle, packed []byte, plane int) error {
	packed, begins := bytes.CutPrefix(packed, startOfImage)
	if !begins {
		return errors.New("no JPEG")
	}
	stream := func() io.Reader {
		return wanted{ctx, io.MultiReader(bytes.NewReader(p.tables), bytes.NewReader(packed))}
	}
	size, err := jpeg.DecodeConfig(stream())
	if err != nil {
		return err
	}
	if size.Width > p.size.X || size.Height > p.size.Y {
		return fmt.Errorf("%d by %d pixels", size.Width, size.Height)
	}
	if scans := bytes.Count(packed, startOfScan); scans > maxScans && scans > maxScanPixels/(size.Width*size.Height) {
		return fmt.Errorf("%d scans", scans)
	}
	img, err := jpeg.Decode(stream())
	if err != nil {
		return err
	}
	if inks, inverted := img.(*image.CMYK); inverted { // as Adobe stores them, which TIFF does not
		for i, v := range inks.Pix {
			inks.Pix[i] = ^v
		}
	}
	g := decode.FromImage(img)
	shown := image.Rect(0, 0, min(g.W, area.Dx()), min(g.H, area.Dy()))
	if !p.apart && p.samples > 1 {
		draw.Draw(sheet, shown.Add(area.Min), &image.Gray{Pix: g.Pix, Stride: g.Stride, Rect: image.Rect(0, 0, g.W, g.H)}, image.Point{}, draw.Src)
		return nil
	}
	for y := range shown.Dy() {
		line := sheet.Pix[sheet.PixOffset(area.Min.X, area.Min.Y+y):][:shown.Dx()]
		if plane == 0 {
			for x := range line {
				line[x] = p.start
			}
		}
		p.shades[plane].add(line, g.Pix[y*g.Stride:][:shown.Dx()])
	}
	return nil
}
