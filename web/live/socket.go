package live

import (
	"context"
	"time"

	"github.com/gorilla/websocket"
)

// Timings of a socket.
const (
	writeWait = 5 * time.Second  // one message may take to be taken by the network
	pingEvery = 20 * time.Second // proxies cut what is silent longer
	pongWait  = 2*pingEvery + writeWait
	recheck   = 3 * time.Second // whether the watcher may still watch: see gate.Still
	readLimit = 512             // bytes: a page has nothing to say
)

// Codes with which a socket is closed, of the range that is an application's own.
const (
	CloseSlow   = 4008 // it could not keep up: come back with what you have seen
	CloseDenied = 4001 // it may not watch any longer: do not come back
	CloseGone   = websocket.CloseGoingAway
)

// Serve writes a watcher's messages to its socket until the socket ends, the hub
// lets it go, or may, asked every few seconds, says no. It closes the socket. It is the
// one writer; one goroutine that it waits for reads.
func (w *Watcher) Serve(ctx context.Context, conn *websocket.Conn, may func(context.Context) bool) {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		listen(conn)
	}()
	if code := w.write(ctx, conn, may, gone); code != 0 {
		conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(writeWait))
	}
	conn.Close()
	<-gone
}

// listen takes pongs and notices the end; it returns when the socket is closed.
func listen(conn *websocket.Conn) {
	conn.SetReadLimit(readLimit)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(pongWait)) }
	conn.SetPongHandler(alive)
	for err := alive(""); err == nil; {
		_, _, err = conn.ReadMessage()
	}
}

// write returns the code to close with; 0 when there is nobody to tell.
func (w *Watcher) write(ctx context.Context, conn *websocket.Conn, may func(context.Context) bool, gone <-chan struct{}) int {
	ping, check := time.NewTicker(pingEvery), time.NewTicker(recheck)
	defer ping.Stop()
	defer check.Stop()
	for {
		var err error
		select {
		case f := <-w.queue:
			if err = conn.SetWriteDeadline(time.Now().Add(writeWait)); err == nil {
				err = conn.WritePreparedMessage(f)
			}
		case <-ping.C:
			err = conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
		case <-check.C:
			if !may(ctx) {
				return CloseDenied
			}
		case code := <-w.end:
			return code
		case <-gone:
			return 0
		}
		if err != nil {
			return 0
		}
	}
}
