package web

import (
	"context"
	"sync/atomic"
	"time"

	"harkara/web/live"
)

// Timings of the live feed.
const (
	tick  = 60 * time.Millisecond // between flushes after the first, which is immediate
	pulse = 3 * time.Second       // news that there is no news
	slow  = 5 * time.Second       // a stored command older than this says that decisions wait
	brief = 2 * time.Second       // a page waits no longer for what the feed has new
)

// liveFeed keeps positions and tells every socket what changes in its scope. Its
// turn is held while positions change, are published, and while a socket joins:
// what a socket gets first and what it gets next leave no gap. hub and positions
// have locks of their own, the rest needs the turn.
type liveFeed struct {
	server    *Server
	positions positions
	hub       live.Hub[key]

	turn   chan struct{} // full while somebody has it
	health health
	sent   map[key]map[string]string // what is not a row, as it was last sent
	joins  map[joining]*live.Frame   // since the last change
	told   time.Time                 // deadlines up to here are told

	stuck atomic.Int64 // commands that wait for an administrator, as last counted
}

func newLiveFeed(s *Server) *liveFeed {
	return &liveFeed{
		server: s, positions: positions{registry: s.Registry, feed: s.Feed, now: s.Now}, turn: make(chan struct{}, 1),
		sent: map[key]map[string]string{}, joins: map[joining]*live.Frame{}, told: s.Now(),
	}
}

// enter takes the turn, or ctx ends first.
func (l *liveFeed) enter(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *liveFeed) leave() { <-l.turn }

// run follows the feed until ctx ends, then lets every socket go.
func (l *liveFeed) run(ctx context.Context) {
	changed, stop := l.server.Feed.Watch()
	defer stop()
	defer l.hub.Close()
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	l.follow(ctx, true)
	for ctx.Err() == nil {
		select {
		case <-changed:
			l.follow(ctx, false)
		case <-beat.C:
			l.follow(ctx, true)
		case <-ctx.Done():
			return
		}
		select { // changes of one tick travel together
		case <-time.After(tick):
		case <-ctx.Done():
			return
		}
	}
}

// follow reads what is new and sends it; with beat also whether all is well.
func (l *liveFeed) follow(ctx context.Context, beat bool) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	if l.enter(ctx) != nil {
		return
	}
	defer l.leave()
	list, err := l.positions.catchUp(ctx)
	if beat || err != nil {
		l.examine(ctx, err)
	}
	if beat {
		list = append(append(list, l.recount(ctx)...), l.fallenDue()...)
	}
	if len(list) > 0 || beat {
		l.publish(ctx, list, beat)
	}
}

// state is what a page of positions is painted from.
type state struct {
	snapshot
	health health
}

// latest returns positions with everything that the feed has by now; where the
// ledger does not answer, as they were last known. An error says that they are not
// known at all.
func (l *liveFeed) latest(ctx context.Context) (state, error) {
	ctx, cancel := context.WithTimeout(ctx, brief)
	defer cancel()
	if err := l.enter(ctx); err != nil {
		return state{}, err
	}
	defer l.leave()
	list, err := l.positions.catchUp(ctx)
	if err != nil || l.health.checked.IsZero() {
		l.examine(ctx, err)
	}
	if len(list) > 0 {
		l.publish(ctx, list, false)
	}
	if !l.positions.loaded {
		return state{}, err
	}
	return state{l.positions.all(), l.health}, nil
}

// fallenDue returns the files whose deadline passed since the last beat: nothing
// happened to them, yet they are overdue.
func (l *liveFeed) fallenDue() []moved {
	now := l.server.Now()
	snap := l.positions.all()
	var list []moved
	for _, r := range snap.rows {
		d := r.Position.Deadline
		if d.IsZero() || d.After(now) {
			break // rows are by deadline
		}
		if d.After(l.told) {
			list = append(list, moved{seq: snap.seq, code: r.File.Code, before: r, after: r})
		}
	}
	l.told = now
	return list
}

// recount returns the files with more or fewer stored commands than was known,
// while decisions wait: storing one puts nothing on the feed.
func (l *liveFeed) recount(ctx context.Context) []moved {
	if l.health.waiting == 0 {
		return nil
	}
	list, err := l.positions.recount(ctx)
	if err != nil {
		l.server.Log.Warn("waiting commands are not counted", "err", err)
	}
	return list
}

// publish tells each scope that somebody watches what changed in it.
func (l *liveFeed) publish(ctx context.Context, list []moved, beat bool) {
	clear(l.joins)
	watched := map[key]bool{}
	for _, k := range l.hub.Keys() {
		watched[k] = true
		deltas, err := l.deltas(ctx, k, list, beat)
		switch {
		case err != nil: // what changed would be lost: its page begins again
			l.server.Log.Error("live feed is not rendered", "scope", k.view, "err", err)
			l.hub.Send(k, l.reset())
		case len(deltas) > 0 || beat:
			l.hub.Send(k, l.frame(deltas))
		}
	}
	for k := range l.sent {
		if !watched[k] {
			delete(l.sent, k)
		}
	}
}

// deltas is what changed for a scope: its rows, and of everything else on its page
// what is not as it was last sent.
func (l *liveFeed) deltas(ctx context.Context, k key, list []moved, beat bool) ([]delta, error) {
	p, err := l.server.speaker(ctx, k.lang)
	if err != nil {
		return nil, err
	}
	deltas, err := l.rows(p, k.scope, list)
	if err != nil {
		return nil, err
	}
	parts, err := l.parts(ctx, p, k.scope, list, beat)
	if err != nil {
		return nil, err
	}
	if l.sent[k] == nil {
		l.sent[k] = map[string]string{}
	}
	for _, d := range parts {
		if l.sent[k][d.ID] != d.HTML {
			l.sent[k][d.ID] = d.HTML
			deltas = append(deltas, d)
		}
	}
	return deltas, nil
}

// rows is the deltas of the files in a list.
func (l *liveFeed) rows(p speaker, sc scope, list []moved) ([]delta, error) {
	if sc.view != onBoard && sc.view != onRoom {
		return nil, nil
	}
	var deltas []delta
	for _, m := range list {
		d := delta{Seq: m.seq, ID: "f" + string(m.code)}
		in := sc.list(m.after, p.now)
		if in == "" && m.before != nil && sc.list(m.before, p.now) == "" {
			continue // it was not there and is not
		}
		if in != "" {
			var err error
			if d.HTML, err = l.server.site.part("row", p.row(m.after, in)); err != nil {
				return nil, err
			}
		}
		deltas = append(deltas, d)
	}
	return deltas, nil
}
