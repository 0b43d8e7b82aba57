package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"harkara/internal/custody"
	"harkara/web/lang"
)

// Timings of the live feed.
const (
	tick       = 60 * time.Millisecond // between flushes after the first, which is immediate
	heartbeat  = 3 * time.Second       // news that there is no news
	writeWait  = 5 * time.Second
	pingEvery  = 20 * time.Second
	pongWait   = 50 * time.Second
	queueLimit = 64   // frames a slow client may be behind
	ringLimit  = 1024 // frames kept for clients that come back
	feedLimit  = 500
)

// closeSlow tells a client that it was too slow and may come back where it was.
const closeSlow = 4008

// delta is one changed file for a page: its row, or none when it left the board.
type delta struct {
	Seq  int64  `json:"seq"`
	ID   string `json:"id"`
	HTML string `json:"html,omitempty"`
}

// message is what goes over the socket.
type message struct {
	Type   string  `json:"type"` // rows, beat or reset
	Seq    int64   `json:"seq"`
	Now    int64   `json:"now"` // Unix milliseconds of the server
	Away   int     `json:"away,omitempty"`
	Deltas []delta `json:"deltas,omitempty"`
}

// hub reads the feed once and sends each language's encoding to all its clients.
type hub struct {
	server *Server

	mu      sync.Mutex
	seq     int64 // of the newest frame
	started bool
	rings   map[lang.Tag][]ringFrame
	clients map[*client]struct{}
}

type ringFrame struct {
	seq    int64
	packet *websocket.PreparedMessage
}

type client struct {
	tag   lang.Tag
	queue chan *websocket.PreparedMessage
	slow  chan struct{} // closed when it fell behind
}

func newHub(s *Server) *hub {
	return &hub{server: s, rings: map[lang.Tag][]ringFrame{}, clients: map[*client]struct{}{}}
}

func (h *hub) run(ctx context.Context) {
	changed, stop := h.server.Feed.Watch()
	defer stop()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for ctx.Err() == nil {
		if err := h.flush(ctx); err != nil && ctx.Err() == nil {
			h.server.Log.Warn("live feed waits", "err", err)
		}
		select { // changes of one tick travel together
		case <-time.After(tick):
		case <-ctx.Done():
			return
		}
		select {
		case <-changed:
		case <-beat.C:
			h.beat(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// flush sends what happened since the last one: per file, the last row.
func (h *hub) flush(ctx context.Context) error {
	if !h.started {
		_, seq, err := h.server.Registry.Board(ctx)
		if err != nil {
			return err
		}
		h.mu.Lock()
		h.seq, h.started = seq, true
		h.mu.Unlock()
	}
	for {
		events, err := h.server.Feed.Feed(ctx, h.seq, feedLimit)
		if err != nil || len(events) == 0 {
			return err
		}
		if err := h.publish(ctx, events); err != nil {
			return err
		}
	}
}

func (h *hub) publish(ctx context.Context, events []custody.Event) error {
	last := map[string]int{}
	for i, e := range events {
		last[string(e.Row.File.Code)] = i
	}
	seq := events[len(events)-1].Seq
	packets := map[lang.Tag]*websocket.PreparedMessage{}
	now := time.Now()
	office, err := h.server.Directory.Office(ctx, now)
	if err != nil {
		return err
	}
	for _, tag := range lang.Tags {
		p := speaker{tag: tag, office: office, now: now}
		m := message{Type: "rows", Seq: seq, Now: now.UnixMilli()}
		for i, e := range events {
			if last[string(e.Row.File.Code)] != i {
				continue
			}
			d := delta{Seq: e.Seq, ID: string(e.Row.File.Code)}
			if e.Row.Position.Phase != custody.Ended {
				if d.HTML, err = h.server.pages.html(p.row(e.Row)); err != nil {
					return err
				}
			}
			m.Deltas = append(m.Deltas, d)
		}
		if packets[tag], err = prepare(m); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq = seq
	for tag, packet := range packets {
		ring := append(h.rings[tag], ringFrame{seq, packet})
		h.rings[tag] = ring[max(0, len(ring)-ringLimit):]
	}
	for c := range h.clients {
		h.send(c, packets[c.tag])
	}
	return nil
}

func prepare(m message) (*websocket.PreparedMessage, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return websocket.NewPreparedMessage(websocket.TextMessage, raw)
}

// beat says that the feed is alive, and whether decisions wait.
func (h *hub) beat(ctx context.Context) {
	m := message{Type: "beat", Now: time.Now().UnixMilli()}
	n, oldest, err := h.server.Registry.Backlog(ctx)
	if err != nil {
		return // no news is what the page must see then
	}
	if n > 0 && time.Since(oldest) > slow {
		m.Away = n
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m.Seq = h.seq
	packet, err := prepare(m)
	if err != nil {
		return
	}
	for c := range h.clients {
		h.send(c, packet)
	}
}

// send queues a frame; a client that is too far behind is let go. Called with mu
// held.
func (h *hub) send(c *client, packet *websocket.PreparedMessage) {
	select {
	case c.queue <- packet:
	default:
		delete(h.clients, c)
		close(c.slow)
	}
}

// join registers a client and queues what it missed after a seq. Where that is no
// longer known it is told to begin again.
func (h *hub) join(tag lang.Tag, after int64, sameEpoch bool) (*client, error) {
	c := &client{tag: tag, queue: make(chan *websocket.PreparedMessage, queueLimit+ringLimit), slow: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	ring := h.rings[tag]
	switch {
	case after == h.seq:
	case sameEpoch && len(ring) > 0 && after >= ring[0].seq-1 && after < h.seq, len(ring) > 0 && after >= ring[0].seq:
		for _, f := range ring {
			if f.seq > after {
				c.queue <- f.packet
			}
		}
	default:
		packet, err := prepare(message{Type: "reset", Seq: h.seq, Now: time.Now().UnixMilli()})
		if err != nil {
			return nil, err
		}
		c.queue <- packet
	}
	h.clients[c] = struct{}{}
	return c, nil
}

func (h *hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
}

var upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{}} // CheckOrigin: same host

// live is the socket of a page: scope is the board, after the seq it was painted
// at.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	after, err := intValue(r, "after")
	if err != nil {
		return err
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.Log.Info("live feed refused", "addr", r.RemoteAddr, "err", err)
		return nil // the upgrader has answered
	}
	defer conn.Close()
	c, err := s.hub.join(language(r), after, r.URL.Query().Get("epoch") == s.epoch)
	if err != nil {
		return nil
	}
	defer s.hub.leave(c)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		conn.SetReadLimit(512)
		deadline := func(string) error { return conn.SetReadDeadline(time.Now().Add(pongWait)) }
		conn.SetPongHandler(deadline)
		for err := deadline(""); err == nil; {
			_, _, err = conn.ReadMessage()
		}
	}()
	s.feed(conn, c, gone)
	return nil
}

// feed is the one writer of a socket.
func (s *Server) feed(conn *websocket.Conn, c *client, gone <-chan struct{}) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case packet := <-c.queue:
			if err = conn.SetWriteDeadline(time.Now().Add(writeWait)); err == nil {
				err = conn.WritePreparedMessage(packet)
			}
		case <-ping.C:
			err = conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
		case <-c.slow:
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(closeSlow, "too slow"), time.Now().Add(writeWait))
			return
		case <-gone:
			return
		}
		if err != nil {
			return
		}
	}
}

func intValue(r *http.Request, name string) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%w: %s=%q", errMalformed, name, text)
	}
	return n, nil
}
