package decode

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// MostPages is how many pages of a file are looked at: more than a scanner's tray holds.
const MostPages = 1000

// Pages yields the pictures in a picture's file, for Load: itself, or the pages of a
// TIFF. The bytes yielded are valid until the next; raw is changed.
func Pages(raw []byte) iter.Seq[[]byte] {
	switch {
	case bytes.HasPrefix(raw, []byte("II*\x00")):
		return directories(raw, binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte("MM\x00*")):
		return directories(raw, binary.BigEndian)
	}
	return func(yield func([]byte) bool) { yield(raw) }
}

// directories yields a TIFF once for each of its pages, with that page in front: the
// header names it as the first. The bytes are the same ones, changed in place.
func directories(raw []byte, order binary.ByteOrder) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if len(raw) < 8 {
			yield(raw)
			return
		}
		at, seen := order.Uint32(raw[4:]), map[uint32]bool{}
		for range MostPages {
			if at == 0 || int64(at)+2 > int64(len(raw)) || seen[at] { // directories may lead in a ring
				return
			}
			seen[at] = true
			order.PutUint32(raw[4:], at)
			if !yield(raw) {
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
