package web

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/live"
)

// Timings of the live feed.
const (
	tick  = 60 * time.Millisecond // between flushes after the first, which is immediate
	pulse = 3 * time.Second       // news that there is no news
	slow  = 5 * time.Second       // a stored command older than this says that decisions wait
	brief = 2 * time.Second       // a page waits no longer for what the feed has new
)

// liveFeed tells every socket what changes in its scope. Its turn is held while what
// changed is published, and while a socket joins: what a socket gets first and what it
// gets next leave no gap. Whoever paints a page does not need it. positions, hub and
// vitals have locks of their own, the rest needs the turn.
type liveFeed struct {
	server    *Server
	positions *positions
	vitals    vitals
	hub       live.Hub[key]
	read      chan struct{} // a page has read what is to be published

	turn      chan struct{} // full while somebody has it
	shown     snapshot      // positions as they are published
	audiences map[key]*audience
	joins     map[joining]*live.Message // since the last change
	plans     map[plan][]delta          // the same

	stuck atomic.Int64 // commands that wait for an administrator, as last counted
}

// audience is those who watch a scope, and what they were sent.
type audience struct {
	asks    question
	counted counts            // of a search; what everybody asks positions have counted
	sent    map[string]string // what is not a row, by id, as it was last sent
}

func newLiveFeed(s *Server) *liveFeed {
	l := &liveFeed{
		server: s, positions: newPositions(s.Registry, s.Feed, s.Now), read: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		audiences: map[key]*audience{}, joins: map[joining]*live.Message{}, plans: map[plan][]delta{},
	}
	l.shown = l.positions.snapshot()
	return l
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
		case <-l.read:
			l.follow(ctx, false)
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
	ctx, cancel := context.WithTimeout(ctx, gate.RequestTime)
	defer cancel()
	err := l.positions.catchUp(ctx)
	if errors.Is(err, errReading) {
		return // who reads says how it ended
	}
	if beat || err != nil {
		l.examine(ctx, err)
	}
	if beat {
		if err := l.positions.recount(ctx, l.vitals.known().waiting > 0); err != nil {
			l.server.Log.Warn("waiting commands are not counted", "err", err)
		}
	}
	if l.enter(ctx) != nil {
		return
	}
	defer l.leave()
	l.publish(ctx, beat)
}

// state is what a page of positions is painted from.
type state struct {
	snapshot
	health health
}

// latest returns positions with everything that the feed has by now; where the
// ledger does not answer soon, as they were last known. An error says that they are
// not known at all.
func (l *liveFeed) latest(ctx context.Context) (state, error) {
	reading := ctx
	if l.positions.isLoaded() { // else there is nothing to show sooner
		var cancel context.CancelFunc
		reading, cancel = context.WithTimeout(ctx, brief)
		defer cancel()
	}
	err := l.positions.catchUp(reading)
	if ctx.Err() == nil && !errors.Is(err, errReading) && (err != nil || l.vitals.known().checked.IsZero()) {
		examining, cancel := context.WithTimeout(ctx, brief)
		defer cancel()
		l.examine(examining, err)
	}
	if !l.positions.isLoaded() {
		return state{}, err
	}
	select {
	case l.read <- struct{}{}:
	default:
	}
	return state{l.positions.snapshot(), l.vitals.known()}, nil
}

// publish tells each scope that somebody watches what changed in it.
func (l *liveFeed) publish(ctx context.Context, beat bool) {
	list, snap := l.positions.take()
	l.shown = snap
	if len(list) == 0 && !beat {
		return
	}
	clear(l.joins)
	clear(l.plans)
	open := map[key]bool{}
	for _, k := range l.hub.Keys() {
		open[k] = true
		deltas, err := l.deltas(ctx, k, list, beat)
		switch {
		case err != nil: // what changed would be lost: its page begins again
			l.server.Log.Error("live feed is not rendered", "scope", k.view, "err", err)
			l.hub.Send(k, l.reset())
		case len(deltas) > 0 || beat:
			l.hub.Send(k, l.update(deltas))
		}
	}
	for k := range l.audiences {
		if !open[k] {
			delete(l.audiences, k)
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
	t := l.audiences[k]
	if t == nil {
		t = l.audience(k)
	} else {
		t.count(list)
	}
	deltas, err := l.rows(p, k.scope, t.asks, list)
	if err != nil {
		return nil, err
	}
	parts, err := l.parts(ctx, p, k, l.counted(t), list, beat)
	if err != nil {
		return nil, err
	}
	for _, d := range parts {
		if t.sent[d.ID] != d.HTML {
			t.sent[d.ID] = d.HTML
			deltas = append(deltas, d)
		}
	}
	return deltas, nil
}

// audience begins to keep what those who watch a scope are sent.
func (l *liveFeed) audience(k key) *audience {
	t := &audience{asks: k.question(), sent: map[string]string{}}
	if !t.asks.plain() {
		t.counted = l.shown.counted(t.asks)
	}
	l.audiences[k] = t
	return t
}

// count takes in what changed.
func (t *audience) count(list []moved) {
	if t.asks.plain() {
		return
	}
	for _, m := range list {
		if m.before != nil && t.asks.fits(m.before) {
			t.counted.add(m.before, -1)
		}
		if m.after != nil && t.asks.fits(m.after) {
			t.counted.add(m.after, 1)
		}
	}
}

func (l *liveFeed) counted(t *audience) counts {
	if t.asks.plain() {
		return l.shown.departments[t.asks.department]
	}
	return t.counted
}

// rows is the deltas of the files in a list. Where more of them are on the scope's page
// than it shows, it gets those that it shows, as they are now, and every other is taken
// away.
func (l *liveFeed) rows(p speaker, sc scope, q question, list []moved) (deltas []delta, err error) {
	if sc.view != onBoard && sc.view != onRoom {
		return nil, nil
	}
	var rows []delta
	add := func(seq int64, f *standing, in string) error {
		html, err := l.server.site.part("row", p.row(f.Row, in))
		rows = append(rows, delta{seq, "f" + string(f.File.Code), html})
		return err
	}
	var in []moved
	away := map[label.Code]int64{}
	for _, m := range list {
		switch {
		case sc.list(q, m.after) != "":
			in = append(in, m)
		case m.before == nil || sc.list(q, m.before) != "":
			away[m.code] = m.seq
		}
	}
	if len(in) <= shownRows {
		for _, m := range in {
			if err := add(m.seq, m.after, sc.list(q, m.after)); err != nil {
				return nil, err
			}
		}
	} else {
		for _, m := range in {
			away[m.code] = m.seq
		}
		for _, name := range sc.lists() {
			for _, f := range l.shown.first(sc, name, shownRows) {
				delete(away, f.File.Code)
				if err := add(l.shown.seq, f, name); err != nil {
					return nil, err
				}
			}
		}
	}
	for code, seq := range away { // first, or a page that is full drops others for them
		deltas = append(deltas, delta{Seq: seq, ID: "f" + string(code)})
	}
	return append(deltas, rows...), nil
}
