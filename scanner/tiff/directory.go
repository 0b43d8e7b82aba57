package tiff

import (
	"encoding/binary"
	"math"
)

// Tags of a page's directory (TIFF 6.0; JPEGTables of Technical Note 2).
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagStripOffsets = 273
	tagSamples      = 277
	tagRowsPerStrip = 278
	tagStripCounts  = 279
	tagPlanar       = 284
	tagTileWidth    = 322
	tagTileHeight   = 323
	tagTileOffsets  = 324
	tagTileCounts   = 325
	tagJPEGTables   = 347
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
	order := magics[string(raw[:4])]
	d := directory{}
	entries := from(raw, order.Uint32(raw[4:]))
	if len(entries) < 2 {
		return nil
	}
	n := int(order.Uint16(entries))
	for entries = entries[2:]; n > 0 && len(entries) >= 12; n, entries = n-1, entries[12:] {
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
	return d
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
		return int(min(f.order.Uint32(v), math.MaxInt32))
	}
}

// cut is what lies at the offset and is as long as the count at place i of two tags.
func (d directory) cut(raw []byte, offsets, counts uint16, i int) []byte {
	raw = raw[min(d[offsets].at(i), len(raw)):]
	return raw[:min(d[counts].at(i), len(raw))]
}
