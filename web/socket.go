package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"harkara/web/gate"
	"harkara/web/live"
)

// joining is what a socket that comes in asks for: until something changes, all
// who ask the same get the same message.
type joining struct {
	key
	after int64
}

// join registers a socket that has seen the feed up to after. What it missed is
// queued for it, or that it must begin again.
func (l *liveFeed) join(ctx context.Context, k key, after int64) (*live.Watcher, error) {
	if err := l.enter(ctx); err != nil {
		return nil, err
	}
	defer l.leave()
	l.publish(ctx, false)
	first := l.joins[joining{k, after}]
	if first == nil {
		var err error
		if first, err = l.missed(ctx, k, after); err != nil {
			return nil, err
		}
		l.joins[joining{k, after}] = first
	}
	return l.hub.Join(k, first), nil
}

// missed is everything of a scope that may have changed after a feed number.
func (l *liveFeed) missed(ctx context.Context, k key, after int64) (*live.Message, error) {
	list, known := l.positions.since(after)
	if !known {
		return l.reset(), nil
	}
	p, err := l.server.speaker(ctx, k.lang)
	if err != nil {
		return nil, err
	}
	t := l.audiences[k]
	if t == nil {
		t = l.audience(k)
	}
	deltas, err := l.rows(p, k.scope, t.asks, list)
	if err != nil {
		return nil, err
	}
	parts, err := l.parts(ctx, p, k, l.counted(t), list, true)
	if err != nil {
		return nil, err
	}
	for _, d := range parts {
		if _, sent := t.sent[d.ID]; !sent {
			t.sent[d.ID] = d.HTML
		}
	}
	return l.update(append(deltas, parts...)), nil
}

// upgrader checks that a browser's page is this host's own.
var upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: 10 * time.Second}

// socket is the live feed of a page: ?scope= and its parameters say what it
// shows, ?after= the feed number it was painted at.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) error {
	sc, err := liveScope(r)
	if err != nil {
		return err
	}
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil || after < 0 {
		return fmt.Errorf("%w: after=%q", gate.ErrMalformed, r.URL.Query().Get("after"))
	}
	k := keyOf(r, sc)
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.noise.Warn("live feed refused "+gate.Caller(r), "live feed refused", "addr", gate.Caller(r), "err", err)
		return nil // the upgrader has answered
	}
	watcher, err := s.live.join(r.Context(), k, after)
	if err != nil {
		s.noise.Error("live feed is not rendered", "live feed is not rendered", "err", err)
		conn.Close()
		return nil
	}
	defer s.live.hub.Leave(k, watcher)
	watcher.Serve(r.Context(), conn, func(ctx context.Context) bool {
		ctx, cancel := context.WithTimeout(ctx, gate.RequestTime)
		defer cancel()
		return s.gate.Still(gate.Reader, r.WithContext(ctx))
	})
	return nil
}
