package decode

import (
	"bytes"
	"encoding/binary"
	"image"
)

// webpSize is the larger of the size that a WebP declares and that of the frames in it:
// golang.org/x/image/webp believes the first and unpacks the second. (RFC 9649, 2.7;
// RFC 6386, 9.1.)
func webpSize(raw []byte, declared image.Config) (w, h int) {
	w, h = declared.Width, declared.Height
	for chunk := raw[min(len(raw), 12):]; len(chunk) >= 8; {
		body := chunk[8:]
		length := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch {
		case bytes.HasPrefix(chunk, []byte("VP8 ")) && len(body) >= 10:
			w = max(w, int(binary.LittleEndian.Uint16(body[6:])&0x3fff))
			h = max(h, int(binary.LittleEndian.Uint16(body[8:])&0x3fff))
		case bytes.HasPrefix(chunk, []byte("VP8L")) && len(body) >= 5:
			bits := binary.LittleEndian.Uint32(body[1:])
			w, h = max(w, int(bits&0x3fff)+1), max(h, int(bits>>14&0x3fff)+1)
		}
		if length += length & 1; length >= int64(len(body)) {
			break
		}
		chunk = body[length:]
	}
	return w, h
}
