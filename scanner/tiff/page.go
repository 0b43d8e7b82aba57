package tiff

import (
	"fmt"
	"image"
	"slices"

	"harkara/scanner/decode"
)

// Limits of a page.
const (
	maxPixels  = 50_000_000    // with the margin of its tiles: as decode.Load's
	maxBytes   = 8 * maxPixels // unpacked
	maxBlocks  = 1 << 15       // strips or tiles
	maxSamples = 8             // of a pixel
	maxTables  = 1 << 13       // bytes of JPEG tables, which each block shares
)

// How a page is packed.
const (
	unpacked       = 1
	packedHuffman  = 2
	packedGroup3   = 3
	packedGroup4   = 4
	packedLZW      = 5
	packedOldJPEG  = 6
	packedJPEG     = 7
	packedDeflate  = 8
	packedHuffmanW = 32771 // rows begin at words
	packedPackBits = 32773
	packedDeflateA = 32946 // before it had a number of its own
)

// page is how a page is stored.
type page struct {
	directory
	w, h          int
	bits, samples int
	photometric   int
	compression   int
	predicted     bool
	reversed      bool // bits of a byte: FillOrder 2
	apart         bool // each sample in blocks of its own
	size          image.Point
	across, down  int
	offsets       field
	ends          []int // of the blocks, in the file
	shades        []shade
	start         byte
	tables        []byte // that JPEG streams begin with
}

// layout reads how a page is stored, and refuses what is too large or cannot be read.
func layout(d directory, length int) (*page, error) {
	p := &page{
		directory: d, w: d.number(tagWidth, 0), h: d.number(tagHeight, 0), bits: d.number(tagBits, 1), samples: d.number(tagSamples, 1),
		compression: d.number(tagCompression, unpacked), reversed: d.number(tagFillOrder, 1) == 2, apart: d.number(tagPlanar, 1) == 2 && d.number(tagSamples, 1) > 1,
	}
	strip := min(d.number(tagRowsPerStrip, p.h), p.h)
	p.size = image.Pt(p.w, strip)
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripCounts)
	switch _, tiled := d[tagTileWidth]; {
	case p.compression == packedOldJPEG: // one stream, where there is any
		p.size, offsets, counts = image.Pt(p.w, p.h), tagOldJPEG, tagOldJPEGCount
	case tiled:
		p.size = image.Pt(d.number(tagTileWidth, 0), d.number(tagTileHeight, 0))
		offsets, counts = tagTileOffsets, tagTileCounts
	}
	p.offsets = d[offsets]
	switch {
	case min(p.w, p.h, p.size.X, p.size.Y) <= 0:
		return nil, fmt.Errorf("%w: no size", ErrKind)
	case max(p.w, p.h, p.size.X, p.size.Y) > maxPixels:
		return nil, decode.ErrTooLarge
	case p.samples < 1 || p.samples > maxSamples || p.bits < 1 || p.bits > 16 && p.bits != 32:
		return nil, fmt.Errorf("%w: %d samples of %d bits", ErrKind, p.samples, p.bits)
	}
	for i := range d[tagBits].len() {
		if d[tagBits].at(i) != p.bits {
			return nil, fmt.Errorf("%w: samples of different sizes", ErrKind)
		}
	}
	p.across, p.down = (p.w+p.size.X-1)/p.size.X, (p.h+p.size.Y-1)/p.size.Y
	area := p.across * p.size.X
	switch {
	case area > maxPixels/(p.down*p.size.Y), area > maxBytes/(p.down*p.size.Y)*8/(p.samples*p.bits):
		return nil, decode.ErrTooLarge
	case p.across > maxBlocks/p.down/p.samples || p.offsets.len() < p.blocks():
		return nil, fmt.Errorf("%w: %d by %d blocks", ErrKind, p.across, p.down)
	}
	switch d.number(tagPredictor, 1) {
	case 1:
	case 2:
		p.predicted = p.compression == packedLZW || p.compression == packedDeflate || p.compression == packedDeflateA
		if p.predicted && p.bits != 8 && p.bits != 16 {
			return nil, fmt.Errorf("%w: predicted samples of %d bits", ErrKind, p.bits)
		}
	default:
		return nil, fmt.Errorf("%w: predictor %d", ErrKind, d.number(tagPredictor, 1))
	}
	if err := p.colours(); err != nil {
		return nil, err
	}
	if err := p.blockEnds(d[counts], length); err != nil {
		return nil, err
	}
	return p, p.jpegTables()
}

// planes is how many blocks hold the samples of the same pixels.
func (p *page) planes() int {
	if p.apart {
		return p.samples
	}
	return 1
}

func (p *page) blocks() int { return p.across * p.down * p.planes() }

// blockEnds finds where blocks end. Where a count is left out or 0, as some scanners do,
// a block ends where the next begins. All together they are no longer than the file
// twice: else they lie over one another to be work.
func (p *page) blockEnds(counts field, length int) error {
	begins := make([]int, p.blocks())
	for i := range begins {
		begins[i] = min(p.offsets.at(i), length)
	}
	p.ends = slices.Clone(begins)
	slices.Sort(begins)
	total := 0
	for i, begin := range p.ends {
		end := begin
		if i < counts.len() {
			end = min(begin+counts.at(i), length)
		}
		if end == begin {
			end = length
			if n, _ := slices.BinarySearch(begins, begin+1); n < len(begins) {
				end = begins[n]
			}
		}
		p.ends[i] = end
		if total += end - begin; total > 2*length {
			return fmt.Errorf("%w: its blocks overlap", ErrKind)
		}
	}
	return nil
}

// packed is block i as it lies in the file.
func (p *page) packed(raw []byte, i int) []byte {
	return raw[min(p.offsets.at(i), len(raw)):p.ends[i]]
}

// upright turns a page the way it is to be looked at (Orientation).
func (p *page) upright(g *image.Gray) *image.Gray {
	o := p.number(tagOrientation, 1)
	if o < 2 || o > 8 {
		return g
	}
	w, h := p.w, p.h
	if o > 4 { // rows are columns
		w, h = h, w
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range p.h {
		for x := range p.w {
			to := image.Pt(x, y)
			if o == 2 || o == 3 || o == 7 || o == 8 {
				to.X = p.w - 1 - x
			}
			if o == 3 || o == 4 || o == 6 || o == 7 {
				to.Y = p.h - 1 - y
			}
			if o > 4 {
				to.X, to.Y = to.Y, to.X
			}
			out.Pix[to.Y*out.Stride+to.X] = g.Pix[y*g.Stride+x]
		}
	}
	return out
}
