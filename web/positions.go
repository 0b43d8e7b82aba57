package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// positions is every open file as of a feed number, kept in memory: pages are
// painted from it, and what changes in it goes to whoever watches.
type positions struct {
	registry Registry
	feed     Feed
	now      func() time.Time

	mu     sync.RWMutex
	loaded bool
	rows   map[label.Code]*custody.Row // a row is replaced, never changed
	order  []*custody.Row              // by deadline; nil: to be made again
	seq    int64
	asOf   time.Time // when the ledger last answered
	ring   []change  // newest last
}

// change is a line of the feed that positions have seen.
type change struct {
	seq  int64
	code label.Code
}

// moved is a file before and after; nil where it was not, or is no longer, open.
type moved struct {
	seq           int64
	code          label.Code
	before, after *custody.Row
}

const (
	feedLimit = 500  // events read at once
	ringLimit = 4096 // changes remembered for sockets that come back
)

// snapshot is positions at one moment: rows by deadline, those without a clock
// last. It is shared: do not change it.
type snapshot struct {
	rows []*custody.Row
	seq  int64
	asOf time.Time
}

// catchUp reads what the feed has since, and returns what moved, each file once.
// Callers see to it that one runs at a time. What it returns is not lost by an
// error that follows it: the next call goes on from there.
func (p *positions) catchUp(ctx context.Context) ([]moved, error) {
	if err := p.load(ctx); err != nil {
		return nil, err
	}
	first := map[label.Code]int{} // index in all
	var all []moved
	for {
		events, err := p.feed.Feed(ctx, p.seq, feedLimit)
		if err != nil {
			return all, fmt.Errorf("catch up with feed: %w", err)
		}
		p.mu.Lock()
		for _, e := range events {
			m := p.apply(e)
			if i, again := first[m.code]; again {
				all[i].seq, all[i].after = m.seq, m.after
				continue
			}
			first[m.code] = len(all)
			all = append(all, m)
		}
		if len(events) < feedLimit {
			p.asOf = p.now()
			p.mu.Unlock()
			return all, nil
		}
		p.mu.Unlock()
	}
}

// load reads every open file once, and the newest changes before it, so that
// sockets of the process before this one may go on.
func (p *positions) load(ctx context.Context) error {
	if p.loaded {
		return nil
	}
	rows, seq, err := p.registry.Board(ctx)
	if err != nil {
		return fmt.Errorf("load positions: %w", err)
	}
	var ring []change
	for after := max(0, seq-ringLimit); after < seq; {
		events, err := p.feed.Feed(ctx, after, int(min(seq-after, feedLimit)))
		if err != nil {
			return fmt.Errorf("load feed: %w", err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			ring = append(ring, change{e.Seq, e.Row.File.Code})
		}
		after = events[len(events)-1].Seq
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = make(map[label.Code]*custody.Row, len(rows))
	for i := range rows {
		p.rows[rows[i].File.Code] = &rows[i]
	}
	p.loaded, p.seq, p.ring, p.asOf = true, seq, ring, p.now()
	return nil
}

// apply takes in one event. Called with mu held.
func (p *positions) apply(e custody.Event) moved {
	code := e.Row.File.Code
	m := moved{seq: e.Seq, code: code, before: p.rows[code]}
	if e.Row.Position.Phase == custody.Ended {
		delete(p.rows, code)
	} else {
		m.after = &e.Row
		p.rows[code] = m.after
	}
	p.seq, p.order = e.Seq, nil
	p.ring = append(p.ring, change{e.Seq, code})
	if extra := len(p.ring) - ringLimit; extra > ringLimit { // now and then, not every time
		p.ring = slices.Clone(p.ring[extra:])
	}
	return m
}

// recount reads every open file again, and returns those whose stored commands
// are not as many as was known. What moved comes over the feed.
func (p *positions) recount(ctx context.Context) ([]moved, error) {
	rows, _, err := p.registry.Board(ctx)
	if err != nil {
		return nil, fmt.Errorf("recount waiting commands: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []moved
	for i := range rows {
		r := &rows[i]
		old := p.rows[r.File.Code]
		if old == nil || old.Position.Revision != r.Position.Revision || old.Pending == r.Pending && old.Quarantined == r.Quarantined {
			continue
		}
		p.rows[r.File.Code], p.order = r, nil
		list = append(list, moved{seq: p.seq, code: r.File.Code, before: old, after: r})
	}
	return list, nil
}

// all returns positions as they are.
func (p *positions) all() snapshot {
	p.mu.RLock()
	snap := snapshot{p.order, p.seq, p.asOf}
	p.mu.RUnlock()
	if snap.rows != nil {
		return snap
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.order == nil {
		p.order = make([]*custody.Row, 0, len(p.rows))
		for _, r := range p.rows {
			p.order = append(p.order, r)
		}
		slices.SortFunc(p.order, func(a, b *custody.Row) int {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.File.Code, b.File.Code))
		})
	}
	return snapshot{p.order, p.seq, p.asOf}
}

// rank orders rows: what is overdue longest first, what has no clock last. A file
// that is overdue has a deadline in the past, so time alone is enough.
func rank(r *custody.Row) int64 {
	if r.Position.Deadline.IsZero() {
		return 1 << 40
	}
	return r.Position.Deadline.Unix()
}

// since returns the files that changed after a feed number, each as it is now;
// false when that lies further back than is remembered, or in another ledger's
// future.
func (p *positions) since(after int64) ([]moved, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if after == p.seq {
		return nil, true
	}
	if after > p.seq || len(p.ring) == 0 || after < p.ring[0].seq-1 {
		return nil, false
	}
	from, _ := slices.BinarySearchFunc(p.ring, after+1, func(c change, seq int64) int { return cmp.Compare(c.seq, seq) })
	newest := map[label.Code]int64{}
	for _, c := range p.ring[from:] {
		newest[c.code] = c.seq
	}
	var list []moved
	for _, c := range p.ring[from:] {
		if newest[c.code] == c.seq {
			list = append(list, moved{seq: c.seq, code: c.code, after: p.rows[c.code]})
		}
	}
	return list, true
}
