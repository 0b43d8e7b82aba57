package decode

import (
	"encoding/binary"
	"slices"
	"testing"
)

// Three pages in one TIFF, linked by hand in a ring.
func TestPagesOfATIFF(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		mark := map[binary.AppendByteOrder]string{binary.LittleEndian: "II*\x00", binary.BigEndian: "MM\x00*"}[order]
		raw := []byte(mark)
		raw = order.AppendUint32(raw, 8)
		for _, next := range []uint32{26, 44, 8} { // directories of one entry; the last leads back to the first
			raw = order.AppendUint16(raw, 1)
			raw = append(raw, make([]byte, 12)...)
			raw = order.AppendUint32(raw, next)
		}
		var first []uint32
		for page := range Pages(raw) {
			first = append(first, order.(binary.ByteOrder).Uint32(page[4:]))
		}
		if !slices.Equal(first, []uint32{8, 26, 44}) {
			t.Errorf("%v", first)
		}
	}
}

func FuzzPages(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00"))
	f.Add([]byte("MM\x00*"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n := 0
		for page := range Pages(raw) {
			if n++; n > MostPages || len(page) > len(raw) {
				t.Fatal("too many pages")
			}
		}
	})
}
