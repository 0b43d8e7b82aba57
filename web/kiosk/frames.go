package kiosk

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Eye says what the frames of one camera show, one after another. at grows; it is
// counted from the first frame. What it returns is told to the page as JSON.
type Eye interface {
	Look(pixels []byte, width, height int, at time.Duration) any
}

// A frame is its width and height, each 4 bytes with the highest first, and a byte
// of grey for every pixel, row after row.
const (
	frameHead = 8
	maxPixels = 2_100_000 // more than any camera's page sends
)

// FramesProtocol is the WebSocket protocol of frames. A page cannot set headers, so
// its token stands among the protocols, after TokenProtocol.
const (
	FramesProtocol = "harkara.frames"
	TokenProtocol  = "bearer."
)

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
	for {
		if err := conn.SetReadDeadline(time.Now().Add(frameEvery)); err != nil {
			return nil
		}
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return nil
		}
		pixels, width, height, err := parseFrame(kind, message)
		if err != nil {
			conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseUnsupportedData, err.Error()), time.Now().Add(answerWait))
			return nil
		}
		view := eye.Look(pixels, width, height, time.Since(began))
		if err := conn.SetWriteDeadline(time.Now().Add(answerWait)); err != nil {
			return nil
		}
		if err := conn.WriteJSON(view); err != nil {
			return nil
		}
	}
}

func parseFrame(kind int, message []byte) (pixels []byte, width, height int, err error) {
	if kind != websocket.BinaryMessage || len(message) < frameHead {
		return nil, 0, 0, fmt.Errorf("not a frame")
	}
	w, h := uint64(binary.BigEndian.Uint32(message)), uint64(binary.BigEndian.Uint32(message[4:]))
	pixels = message[frameHead:]
	if w == 0 || h == 0 || w*h != uint64(len(pixels)) || len(pixels) > maxPixels {
		return nil, 0, 0, fmt.Errorf("%d bytes are no frame of %d x %d", len(pixels), w, h)
	}
	return pixels, int(w), int(h), nil
}
