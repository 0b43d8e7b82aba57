package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func message(t *testing.T, text string) *Message {
	t.Helper()
	f, err := Encode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// served is a server whose sockets watch "board"; joined tells of each.
func served(t *testing.T, h *Hub[string], first ...*Message) (url string, joined <-chan *Watcher) {
	t.Helper()
	watchers := make(chan *Watcher, 8)
	var up websocket.Upgrader
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		conn, err := up.Upgrade(rw, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		w := h.Join("board", first...)
		defer h.Leave("board", w)
		watchers <- w
		w.Serve(r.Context(), conn, func(context.Context) bool { return true })
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http"), watchers
}

func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func read(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	_, text, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWatchersOfTheSameGetTheSame(t *testing.T) {
	var h Hub[string]
	url, joined := served(t, &h, message(t, "first"))
	a, b := dial(t, url), dial(t, url)
	<-joined
	<-joined
	h.Send("room", message(t, "another's"))
	h.Send("board", message(t, "one"))
	h.Send("board", message(t, "two"))
	for _, conn := range []*websocket.Conn{a, b} {
		for _, want := range []string{"first", "one", "two"} {
			if got := read(t, conn); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
	if got := h.Keys(); len(got) != 1 || got[0] != "board" || h.Watchers() != 2 {
		t.Errorf("%v, %d watchers", got, h.Watchers())
	}
	h.Close()
	if _, _, err := a.ReadMessage(); !websocket.IsCloseError(err, CloseGone) {
		t.Errorf("at the server's end: %v", err)
	}
}

// A watcher whose queue is full is let go with a code of its own, and holds up
// nobody.
func TestSlowWatcherIsLetGo(t *testing.T) {
	var h Hub[string]
	slow := h.Join("board")
	quick := h.Join("board")
	for i := range queued + 1 {
		h.Send("board", message(t, fmt.Sprint(i)))
		<-quick.queue
	}
	select {
	case code := <-slow.end:
		if code != CloseSlow {
			t.Errorf("let go with %d", code)
		}
	default:
		t.Fatal("a full queue was not noticed")
	}
	if h.Watchers() != 1 {
		t.Errorf("%d watchers", h.Watchers())
	}
	h.Leave("board", slow) // once more does no harm

	url, joined := served(t, &h)
	conn := dial(t, url)
	w := <-joined
	h.mu.Lock()
	h.drop("board", w)
	w.end <- CloseSlow
	h.mu.Unlock()
	var closed *websocket.CloseError
	if _, _, err := conn.ReadMessage(); !errors.As(err, &closed) || closed.Code != CloseSlow {
		t.Errorf("closed with %v", err)
	}
	h.Leave("board", quick)
	if keys := h.Keys(); len(keys) != 0 {
		t.Errorf("%v is still watched", keys)
	}
}

// A page has nothing to say: one that talks is cut off.
func TestTalkativeSocketIsCutOff(t *testing.T) {
	var h Hub[string]
	url, joined := served(t, &h)
	conn := dial(t, url)
	<-joined
	if err := conn.WriteMessage(websocket.TextMessage, make([]byte, readLimit+1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.ReadMessage(); err == nil {
		t.Error("it goes on")
	}
}
