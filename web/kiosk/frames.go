package kiosk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Eye says what the frames of one camera show, one after another. at grows; it is
// counted from the first frame. What it returns is told to the page as JSON; the pixels
// are the next frame's after that.
type Eye interface {
	Look(pixels []byte, width, height int, at time.Duration) any
}

// A frame is its width and height, each 4 bytes with the highest first, and a byte
// of grey for every pixel, row after row.
const (
	frameHead = 8
	maxPixels = 2_100_000 // more than any camera's page sends
)

// FramesProtocol is the WebSocket protocol of frames; the token stands beside it, after
// wire.TokenProtocol.
const FramesProtocol = "harkara.frames"

// Timings of a camera's socket: a page sends a frame twice a second even of a still
// scene.
const (
	frameEvery = 30 * time.Second
	answerWait = 5 * time.Second
)

var upgrader = websocket.Upgrader{
	ReadBufferSize: 64 << 10, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: 10 * time.Second, Subprotocols: []string{FramesProtocol},
}

// ServeFrames takes frames over a WebSocket and answers each with what the eye sees,
// until the page is gone or sends something else.
func ServeFrames(w http.ResponseWriter, r *http.Request, eye Eye) error {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil // the upgrader has answered
	}
	defer conn.Close()
	conn.SetReadLimit(frameHead + maxPixels)
	began := time.Now()
	var memory []byte // of one frame after another
	for {
		if err := conn.SetReadDeadline(time.Now().Add(frameEvery)); err != nil {
			return nil
		}
		kind, message, err := conn.NextReader()
		if err != nil {
			return nil
		}
		pixels, width, height, err := readFrame(kind, message, memory)
		if err != nil {
			conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseUnsupportedData, err.Error()), time.Now().Add(answerWait))
			return nil
		}
		memory = pixels
		view := eye.Look(pixels, width, height, time.Since(began))
		if err := conn.SetWriteDeadline(time.Now().Add(answerWait)); err != nil {
			return nil
		}
		if err := conn.WriteJSON(view); err != nil {
			return nil
		}
	}
}

// readFrame reads a frame into memory, or into more where it is too small.
func readFrame(kind int, message io.Reader, memory []byte) (pixels []byte, width, height int, err error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(message, head[:]); err != nil || kind != websocket.BinaryMessage {
		return nil, 0, 0, errors.New("not a frame")
	}
	w, h := uint64(binary.BigEndian.Uint32(head[:])), uint64(binary.BigEndian.Uint32(head[4:]))
	if w == 0 || h == 0 || w > maxPixels || h > maxPixels || w*h > maxPixels {
		return nil, 0, 0, fmt.Errorf("no frame is %d x %d", w, h)
	}
	pixels = slices.Grow(memory[:0], int(w*h))[:w*h]
	if _, err := io.ReadFull(message, pixels); err != nil {
		return nil, 0, 0, fmt.Errorf("too few pixels for %d x %d", w, h)
	}
	if _, err := io.ReadFull(message, head[:1]); !errors.Is(err, io.EOF) {
		return nil, 0, 0, fmt.Errorf("too many pixels for %d x %d", w, h)
	}
	return pixels, int(w), int(h), nil
}
