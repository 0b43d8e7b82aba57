package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"harkara/internal/custody"
)

// health is what may keep a board from being true: the ledger that remembers, the
// engine that decides.
type health struct {
	checked    time.Time
	ledgerAway time.Time // since then; zero: it answers
	engineAway time.Time // since then; zero: it answers, or is not known here
	waiting    int       // stored commands that wait for a decision too long
	oldest     time.Time
	storage    storage
}

// examine looks at the health; err is how reading the ledger ended. It needs the
// turn.
func (l *liveFeed) examine(ctx context.Context, err error) {
	now := l.server.Now()
	l.health.checked = now
	l.examineStorage()
	l.examineEngine(now)
	var n int
	var oldest time.Time
	if err == nil {
		n, oldest, err = l.server.Registry.Backlog(ctx)
	}
	if err == nil {
		err = l.summon(ctx)
	}
	was := l.health.ledgerAway
	switch {
	case err == nil:
		l.health.ledgerAway = time.Time{}
		if l.health.waiting, l.health.oldest = 0, oldest; n > 0 && now.Sub(oldest) > slow {
			l.health.waiting = n
		}
		if !was.IsZero() {
			l.server.Log.Info("ledger answers again", "took", now.Sub(was))
		}
	case was.IsZero():
		l.health.ledgerAway = now
		l.server.Log.Warn("positions are not up to date: ledger does not answer", "err", err)
	}
}

// examineStorage says when storing ends, and when it goes on.
func (l *liveFeed) examineStorage() {
	was, is := l.health.storage, l.server.storing.state()
	l.health.storage = is
	switch {
	case is.trouble == was.trouble:
	case is.fails():
		l.server.Log.Error("scans are not stored", "why", is.trouble, "free_bytes", is.free)
	case is.trouble == diskLow:
		l.server.Log.Warn("the ledger's disk is nearly full: make room on it", "free_bytes", is.free)
	case was.fails():
		l.server.Log.Info("scans are stored again", "free_bytes", is.free)
	}
}

// ErrStarting is what Config.Decides says of an engine that is not up yet and may be at
// any moment.
var ErrStarting = errors.New("the workflow engine is not up yet")

// examineEngine asks whether the engine answers: stored commands need not wait long
// before that is said.
func (l *liveFeed) examineEngine(now time.Time) {
	if l.server.Decides == nil {
		return
	}
	was := l.health.engineAway
	switch err := l.server.Decides(); {
	case err == nil:
		l.health.engineAway = time.Time{}
	case was.IsZero() && errors.Is(err, ErrStarting):
		l.health.engineAway = now
		l.server.Log.Info("decisions wait until the workflow engine is up")
	case was.IsZero():
		l.health.engineAway = now
		l.server.Log.Warn("decisions wait: workflow engine does not answer", "err", err)
	}
}

// summon counts what waits for an administrator.
func (l *liveFeed) summon(ctx context.Context) error {
	if l.server.Quarantine == nil {
		return nil
	}
	stuck, err := l.server.Quarantine.Quarantined(ctx)
	if err == nil {
		l.stuck.Store(int64(len(stuck)))
	}
	return err
}

// summons is the link to what waits for an administrator, with how much that is.
type summons struct {
	voice
	Count   int
	Current bool
}

// notice is the health in words; empty when all is well.
type notice struct {
	voice
	Text string
}

func (p speaker) notice(h health) notice {
	n := notice{voice: p.voice}
	switch {
	case h.storage.trouble == diskFull:
		n.Text = p.T("health.disk_full")
	case h.storage.trouble == notStored:
		n.Text = p.T("health.not_stored", p.clock(h.storage.since))
	case !h.ledgerAway.IsZero():
		n.Text = p.T("health.ledger", p.clock(h.ledgerAway))
	case !h.engineAway.IsZero() && h.waiting == 0:
		n.Text = p.T("health.engine_away", p.clock(h.engineAway))
	case h.waiting > 0:
		n.Text = p.T("health.engine", h.waiting, p.clock(h.oldest))
	case h.storage.trouble == diskLow:
		n.Text = p.T("health.disk_low", h.storage.free>>20)
	}
	return n
}

// number is one filter with how many files fit it.
type number struct {
	voice
	Name, Label, Href string
	Count             int
	Current           bool
}

// numbers counts the rows of a board's scope, filter by filter.
func (p speaker) numbers(sc scope, rows []*custody.Row) []number {
	out := make([]number, len(filters))
	for i, f := range filters {
		to := sc
		to.show = f.name
		out[i] = number{voice: p.voice, Name: f.name, Label: p.T("board." + f.name), Href: to.board(), Current: f.name == sc.show}
	}
	for _, r := range rows {
		if !sc.among(r) {
			continue
		}
		for i, f := range filters {
			if f.fits(r, p.now) {
				out[i].Count++
			}
		}
	}
	return out
}

// parts is everything of a scope's page that is not a row; a file's story only if
// the list changes it, what a room was told only with the beat.
func (l *liveFeed) parts(ctx context.Context, p speaker, sc scope, list []moved, beat bool) ([]delta, error) {
	snap := l.positions.all()
	var out []delta
	add := func(id, template string, data any) error {
		html, err := l.server.site.part(template, data)
		out = append(out, delta{Seq: snap.seq, ID: id, HTML: html})
		return err
	}
	if err := add("health", "health", p.notice(l.health)); err != nil {
		return nil, err
	}
	if err := add("attention", "attention", summons{p.voice, int(l.stuck.Load()), false}); err != nil {
		return nil, err
	}
	switch sc.view {
	case onBoard, onRooms:
		for _, c := range p.cells(snap.rows) {
			if err := add("r-"+string(c.Room), "cell", c); err != nil {
				return nil, err
			}
		}
		if sc.view == onRooms {
			return out, nil
		}
		numbers := p.numbers(sc, snap.rows)
		for _, n := range numbers {
			if err := add("n-"+n.Name, "number", n); err != nil {
				return nil, err
			}
		}
		return out, add("more", "more", p.more(numbers))
	case onRoom:
		for _, t := range p.tallies(sc.room, snap.rows) {
			if err := add("t-"+t.List, "tally", t); err != nil {
				return nil, err
			}
		}
		if !beat {
			return out, nil
		}
		told, err := l.server.toldIn(ctx, p, sc.room)
		if err != nil {
			return nil, err
		}
		return out, add("told", "told", told)
	case onFile:
		if !slices.ContainsFunc(list, func(m moved) bool { return m.code == sc.code }) {
			return out, nil
		}
		story, err := l.server.story(ctx, p, sc.code)
		if err != nil {
			return nil, fmt.Errorf("tell story of %s: %w", sc.code, err)
		}
		if err := add("story", "story", story); err != nil {
			return nil, err
		}
		if err := add("cover", "cover", story); err != nil {
			return nil, err
		}
		return out, add("acts", "acts", story)
	}
	return out, nil
}

// more is the line below a board that does not show everything.
type more struct {
	voice
	Hidden int
}

func (p speaker) more(numbers []number) more {
	for _, n := range numbers {
		if n.Current && n.Count > shownRows {
			return more{p.voice, n.Count - shownRows}
		}
	}
	return more{p.voice, 0}
}
