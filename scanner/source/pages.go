package source

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// pages yields the pictures in a file: itself, the pages of a TIFF, or the images in a
// PDF; or why a page gives none. (harkara decode draws pages with poppler; a station
// is one program.)
func pages(raw []byte) iter.Seq2[[]byte, string] {
	switch {
	case bytes.HasPrefix(raw, []byte("%PDF-")):
		return scans(raw)
	case bytes.HasPrefix(raw, []byte("II*\x00")):
		return directories(raw, binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte("MM\x00*")):
		return directories(raw, binary.BigEndian)
	}
	return func(yield func([]byte, string) bool) { yield(raw, "") }
}

// directories yields a TIFF once for each of its pages, with that page in front:
// the header names it as the first. The bytes are the same ones, changed in place.
func directories(raw []byte, order binary.ByteOrder) iter.Seq2[[]byte, string] {
	return func(yield func([]byte, string) bool) {
		if len(raw) < 8 {
			yield(raw, "")
			return
		}
		at := order.Uint32(raw[4:])
		for range maxPages {
			if at == 0 || int64(at)+2 > int64(len(raw)) {
				return
			}
			order.PutUint32(raw[4:], at)
			if !yield(raw, "") {
				return
			}
			next := int64(at) + 2 + 12*int64(order.Uint16(raw[at:]))
			if next+4 > int64(len(raw)) {
				return
			}
			at = order.Uint32(raw[next:])
		}
	}
}
