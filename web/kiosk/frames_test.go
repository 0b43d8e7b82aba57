package kiosk

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/gorilla/websocket"
)

// Whatever a page sends is a frame whose pixels are all there, or is refused.
func FuzzReadFrame(f *testing.F) {
	head := func(w, h uint32) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	}
	f.Add(websocket.BinaryMessage, append(head(4, 3), make([]byte, 12)...))
	f.Add(websocket.BinaryMessage, head(1<<31, 1<<31))
	f.Add(websocket.TextMessage, []byte("short"))
	f.Fuzz(func(t *testing.T, kind int, message []byte) {
		pixels, w, h, err := readFrame(kind, bytes.NewReader(message), make([]byte, 8))
		if err != nil {
			return
		}
		if kind != websocket.BinaryMessage || w <= 0 || h <= 0 || w > maxPixels || h > maxPixels || w*h != len(pixels) || len(pixels) > maxPixels || len(pixels)+frameHead != len(message) {
			t.Fatalf("%d bytes of kind %d are a frame of %d x %d with %d pixels", len(message), kind, w, h, len(pixels))
		}
	})
}
