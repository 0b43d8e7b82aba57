package live

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// pipes is a network in memory, whose connections know the bubble's clock.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (pipes) Close() error     { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A page that is gone without a word, whose line still takes everything, is let go after
// two pings that nothing answers; one that answers them stays.
func TestSilentPageIsLetGo(t *testing.T) {
	for name, tt := range map[string]struct {
		listen func(net.Conn, *websocket.Conn)
		within time.Duration // 0: never
	}{
		"swallowed": {func(line net.Conn, _ *websocket.Conn) { _, _ = io.Copy(io.Discard, line) }, pongWait},
		"stuck":     {func(net.Conn, *websocket.Conn) {}, pingEvery + writeWait},
		"there": {func(_ net.Conn, page *websocket.Conn) {
			for {
				if _, _, err := page.ReadMessage(); err != nil {
					return
				}
			}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var h Hub[string]
				var up websocket.Upgrader
				network, left := make(pipes), make(chan struct{})
				server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					conn, err := up.Upgrade(rw, r, nil)
					if err != nil {
						t.Error(err)
						return
					}
					h.Join("board").Serve(r.Context(), conn, func(context.Context) bool { return true })
					close(left)
				})}
				served := make(chan struct{})
				go func() { defer close(served); _ = server.Serve(network) }()
				here, there := net.Pipe()
				network <- there
				dialer := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}
				page, _, err := dialer.DialContext(t.Context(), "ws://office", nil)
				if err != nil {
					t.Fatal(err)
				}
				heard := make(chan struct{})
				go func() { defer close(heard); tt.listen(here, page) }()
				began := time.Now()
				select {
				case <-left:
					if took := time.Since(began); tt.within == 0 || took > tt.within {
						t.Errorf("let go after %v", took)
					}
				case <-time.After(10 * time.Minute):
					if tt.within > 0 {
						t.Error("it is kept for ever")
					}
				}
				_ = here.Close()
				<-heard
				<-left
				close(network)
				_ = server.Close()
				<-served
			})
		})
	}
}
