package board

import (
	"context"
	"errors"

	"github.com/gorilla/websocket"

	"harkara/web/live"
)

// joining is what a socket that comes in asks for: until something changes, all
// who ask the same get the same message.
type joining struct {
	Key
	after int64
}

// join registers a socket that has seen the feed up to after. What it missed is
// queued for it, or that it must begin again.
func (b *Board) join(ctx context.Context, k Key, after int64) (*live.Watcher, error) {
	if !b.positions.isLoaded() { // or every page of the process before this one begins again
		if err := b.positions.catchUp(ctx); err != nil {
			return nil, err
		}
	}
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	defer b.leave()
	b.publish(ctx, false)
	first := b.joins[joining{k, after}]
	if first == nil {
		var err error
		if first, err = b.missed(ctx, k, after); err != nil {
			return nil, err
		}
		b.joins[joining{k, after}] = first
	}
	return b.hub.Join(k, first), nil
}

// errUnknown is the error of rows that may have to be taken away, or may never have been
// there.
var errUnknown = errors.New("what was on the page is not known here")

// missed is everything of a scope that may have changed after a feed number.
func (b *Board) missed(ctx context.Context, k Key, after int64) (*live.Message, error) {
	list, known := b.positions.since(after)
	if !known {
		return b.reset(), nil
	}
	page, err := b.Pages.Page(ctx, k)
	if err != nil {
		return nil, err
	}
	a := b.audiences[k]
	if a == nil {
		a = b.audience(k)
	}
	deltas, err := b.rows(page, k.Scope, b.onlooker(k.Sight), a.asks, list)
	if errors.Is(err, errUnknown) {
		return b.reset(), nil
	}
	if err != nil {
		return nil, err
	}
	parts, err := b.parts(ctx, page, k, a, list, true)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if _, sent := a.sent[p.ID]; !sent {
			a.sent[p.ID] = p.HTML
		}
		deltas = append(deltas, delta{b.shown.Seq, p.ID, p.HTML})
	}
	return b.update(deltas), nil
}

// Serve sends a socket what changes in its scope after a feed number, as long as it
// lives and may, asked now and then, says so. It closes the socket.
func (b *Board) Serve(ctx context.Context, conn *websocket.Conn, k Key, after int64, may func(context.Context) bool) error {
	watcher, err := b.join(ctx, k, after)
	if err != nil {
		conn.Close()
		return err
	}
	defer b.hub.Leave(k, watcher)
	watcher.Serve(ctx, conn, may)
	return nil
}
