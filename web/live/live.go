// Package live sends messages to many sockets: each message is encoded once for
// everybody who watches the same thing, and nobody who is slow holds up others.
package live

import (
	"sync"

	"github.com/gorilla/websocket"
)

// Message is a text encoded once, however many sockets it goes to.
type Message = websocket.PreparedMessage

// Encode makes a message of JSON text.
func Encode(text []byte) (*Message, error) {
	return websocket.NewPreparedMessage(websocket.TextMessage, text)
}

// Hub knows who watches what; K names what is watched and in which language. The
// zero value is ready, and safe for concurrent use.
type Hub[K comparable] struct {
	mu       sync.Mutex
	watchers map[K]map[*Watcher]struct{}
	closed   bool
}

// Watcher is one socket's place in a hub.
type Watcher struct {
	queue chan *Message
	end   chan int // the code with which the hub has let it go
}

// queued is how many messages a watcher may be behind: at one every 60 ms about
// four seconds.
const queued = 64

// Join registers a watcher. It gets first, then everything sent to key from here
// on: a caller that keeps Join and Send apart by a lock of its own leaves no gap.
func (h *Hub[K]) Join(key K, first ...*Message) *Watcher {
	w := &Watcher{queue: make(chan *Message, queued+len(first)), end: make(chan int, 1)}
	for _, f := range first {
		w.queue <- f
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		w.end <- CloseGone
		return w
	}
	if h.watchers == nil {
		h.watchers = map[K]map[*Watcher]struct{}{}
	}
	if h.watchers[key] == nil {
		h.watchers[key] = map[*Watcher]struct{}{}
	}
	h.watchers[key][w] = struct{}{}
	return w
}

// Leave forgets a watcher; it may have been let go already.
func (h *Hub[K]) Leave(key K, w *Watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(key, w)
}

func (h *Hub[K]) drop(key K, w *Watcher) {
	delete(h.watchers[key], w)
	if len(h.watchers[key]) == 0 {
		delete(h.watchers, key)
	}
}

// Keys lists what is watched now, in no order.
func (h *Hub[K]) Keys() []K {
	h.mu.Lock()
	defer h.mu.Unlock()
	keys := make([]K, 0, len(h.watchers))
	for k := range h.watchers {
		keys = append(keys, k)
	}
	return keys
}

// Watchers counts them.
func (h *Hub[K]) Watchers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, set := range h.watchers {
		n += len(set)
	}
	return n
}

// Send queues a message for everybody who watches key, and never waits: who has no
// room left in his queue is let go, and may come back where he was.
func (h *Hub[K]) Send(key K, f *Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.watchers[key] {
		select {
		case w.queue <- f:
		default:
			h.drop(key, w)
			w.end <- CloseSlow
		}
	}
}

// Close lets everybody go, and whoever joins later at once.
func (h *Hub[K]) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for key, set := range h.watchers {
		for w := range set {
			h.drop(key, w)
			w.end <- CloseGone
		}
	}
}
