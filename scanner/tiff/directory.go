package tiff

import (
	"encoding/binary"
	"math"

	"harkara/scanner/decode"
)

// Tags of a page's directory (TIFF 6.0; JPEGTables of Technical Note 2).
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagFillOrder    = 266
	tagStripOffsets = 273
	tagOrientation  = 274
	tagSamples      = 277
	tagRowsPerStrip = 278
	tagStripCounts  = 279
	tagPlanar       = 284
	tagFaxOptions   = 292
	tagPredictor    = 317
	tagColorMap     = 320
	tagTileWidth    = 322
	tagTileHeight   = 323
	tagTileOffsets  = 324
	tagTileCounts   = 325
	tagExtraSamples = 338
	tagSampleFormat = 339
	tagJPEGTables   = 347
	tagOldJPEG      = 513
	tagOldJPEGCount = 514
	tagSubsampling  = 530
)

// directory is the first page's, by tag; values lie in the file.
type directory map[uint16]field

type field struct {
	size  int // bytes of a value
	raw   []byte
	order binary.ByteOrder
}

// sizes of a value by its type: BYTE, SHORT, LONG, UNDEFINED.
var sizes = map[uint16]int{1: 1, 3: 2, 4: 4, 7: 1}

// magics are what the two kinds of TIFF begin with.
var magics = map[string]binary.ByteOrder{"II*\x00": binary.LittleEndian, "MM\x00*": binary.BigEndian}

// Is reports whether a file's beginning is a TIFF's.
func Is(head []byte) bool { return magics[string(head[:min(4, len(head))])] != nil }

// parse reads the first page's directory. A value outside of the file is left out.
func parse(raw []byte) directory {
	if len(raw) < 8 || !Is(raw) {
		return nil
	}
	d, _ := parseAt(raw, magics[string(raw[:4])].Uint32(raw[4:]))
	return d
}

// parseAt reads a directory and where the next one is, 0 behind the last. It is nil where
// the file ends within it.
func parseAt(raw []byte, at uint32) (d directory, next uint32) {
	order := magics[string(raw[:4])]
	entries := from(raw, at)
	if at == 0 || len(entries) < 2 {
		return nil, 0
	}
	n := int(order.Uint16(entries))
	if entries = entries[2:]; len(entries) < 12*n {
		return nil, 0
	}
	if link := entries[12*n:]; len(link) >= 4 {
		next = order.Uint32(link)
	}
	d = directory{}
	for ; n > 0; n, entries = n-1, entries[12:] {
		f := field{size: sizes[order.Uint16(entries[2:])], order: order}
		length := uint64(order.Uint32(entries[4:])) * uint64(f.size)
		value := entries[8:12]
		if length > 4 {
			value = from(raw, order.Uint32(value))
		}
		if length > 0 && length <= uint64(len(value)) {
			f.raw = value[:length]
			d[order.Uint16(entries)] = f
		}
	}
	return d, next
}

// Whole reports whether a file holds every page that it names, to its end.
func Whole(raw []byte) bool {
	if len(raw) < 8 || !Is(raw) {
		return false
	}
	at := magics[string(raw[:4])].Uint32(raw[4:])
	for range decode.MostPages {
		d, next := parseAt(raw, at)
		if d == nil {
			return false
		}
		for _, tags := range [][2]uint16{{tagStripOffsets, tagStripCounts}, {tagTileOffsets, tagTileCounts}} {
			offsets, counts := d[tags[0]], d[tags[1]]
			for i := range min(offsets.len(), counts.len()) {
				if offsets.at(i)+counts.at(i) > len(raw) {
					return false
				}
			}
		}
		if at = next; at == 0 {
			break
		}
	}
	return true
}

// from is what lies at an offset and behind it.
func from(raw []byte, at uint32) []byte { return raw[min(uint64(at), uint64(len(raw))):] }

// number is a tag's first value, or what it is where it is left out.
func (d directory) number(tag uint16, absent int) int {
	if f := d[tag]; f.len() > 0 {
		return f.at(0)
	}
	return absent
}

func (f field) len() int { return len(f.raw) / max(f.size, 1) }

// at is the value at place i; no size or offset that counts is as large as an int32 holds.
func (f field) at(i int) int {
	switch v := f.raw[i*f.size:]; f.size {
	case 1:
		return int(v[0])
	case 2:
		return int(f.order.Uint16(v))
	default:
		return int(min(f.order.Uint32(v), math.MaxInt32/2)) // two together are an int, too
	}
}
