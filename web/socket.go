package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"harkara/web/board"
	"harkara/web/gate"
)

// upgrader checks that a browser's page is this host's own.
var upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: 10 * time.Second}

// socket is the live feed of a page: ?scope= and its parameters say what it
// shows, ?after= the feed number it was painted at.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) error {
	sc, err := board.LiveScope(r)
	if err != nil {
		return err
	}
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil || after < 0 {
		return fmt.Errorf("%w: after=%q", gate.ErrMalformed, r.URL.Query().Get("after"))
	}
	if sc.View == board.OnFile {
		if _, err := s.file(r.Context(), gate.Of(r).Sight.Eyes(), sc.Code); err != nil {
			return err
		}
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.noise.Warn("live feed refused "+gate.Caller(r), "live feed refused", "addr", gate.Caller(r), "err", err)
		return nil // the upgrader has answered
	}
	err = s.board.Serve(r.Context(), conn, board.KeyOf(r, sc), after, func(ctx context.Context) bool {
		ctx, cancel := context.WithTimeout(ctx, gate.RequestTime)
		defer cancel()
		return s.gate.Still(watchers, r.WithContext(ctx))
	})
	if err != nil {
		s.noise.Error("live feed is not rendered", "live feed is not rendered", "err", err)
	}
	return nil
}
