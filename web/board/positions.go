package board

import (
	"cmp"
	"context"
	"errors"
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

	reading chan struct{} // full while somebody reads the feed

	mu        sync.RWMutex
	loaded    bool
	files     map[label.Code]*standing
	standings standings
	waiting   map[label.Code]bool // files with stored commands, as last known
	seq       int64
	edition   int64
	asOf      time.Time // when the ledger last answered
	clock     time.Time // what falls due is counted as overdue up to here
	kept      *Snapshot // nil: to be made again
	ring      []change  // newest last
	floor     int64     // what changed after this feed number is in ring

	news  []moved            // what nobody has taken yet, each file once
	index map[label.Code]int // in news
}

// change is a line of the feed that positions have seen, or beside the feed what
// time and waiting commands did; that happens after the line with its number.
type change struct {
	seq    int64
	code   label.Code
	silent bool
	before *standing
	known  bool // what was before; false: it was in the process before this one
}

// moved is a file before and after; nil where it was not, or is no longer, open.
type moved struct {
	seq           int64
	code          label.Code
	before, after *standing
	known         bool // what was before
}

const (
	feedLimit = 500  // events read at once
	ringLimit = 4096 // changes remembered for sockets that come back
)

func newPositions(registry Registry, feed Feed, now func() time.Time) *positions {
	return &positions{
		registry: registry, feed: feed, now: now, reading: make(chan struct{}, 1),
		files: map[label.Code]*standing{}, standings: newStandings(), waiting: map[label.Code]bool{}, index: map[label.Code]int{},
	}
}

// errReading is the error of who waited in vain for another who reads: it says nothing
// of the ledger.
var errReading = errors.New("positions are being read")

// read has one caller at a time do what reads the ledger.
func (p *positions) read(ctx context.Context, do func() error) error {
	select {
	case p.reading <- struct{}{}:
		defer func() { <-p.reading }()
		return do()
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errReading, ctx.Err())
	}
}

// catchUp reads what the feed has since, and looks at the clock. What it has read is
// not lost by an error that follows it: the next call goes on from there.
func (p *positions) catchUp(ctx context.Context) error {
	return p.read(ctx, func() error {
		if err := p.load(ctx); err != nil {
			return err
		}
		for {
			events, err := p.feed.Feed(ctx, p.seq, feedLimit)
			if err != nil {
				return fmt.Errorf("catch up with feed: %w", err)
			}
			p.mu.Lock()
			for _, e := range events {
				p.apply(e.Seq, e.Row)
			}
			if len(events) < feedLimit {
				p.asOf = p.now()
				p.fallDue(p.asOf)
				p.mu.Unlock()
				return nil
			}
			p.mu.Unlock()
		}
	})
}

// load reads every open file once, and the newest changes before it, so that
// sockets of the process before this one may go on.
func (p *positions) load(ctx context.Context) error {
	if p.isLoaded() {
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
			ring = append(ring, change{seq: e.Seq, code: e.Row.File.Code})
		}
		after = events[len(events)-1].Seq
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq, p.ring, p.asOf = seq, ring, p.now()
	p.clock = p.asOf
	p.floor = seq
	if len(ring) > 0 {
		p.floor = ring[0].seq - 1
	}
	var silent []change // that the process before this one may not have told of
	for _, row := range rows {
		f := standingOf(&row, nil, p.clock)
		p.put(nil, f)
		if f.late && !f.Position.Breached || f.waits() {
			silent = append(silent, change{seq: seq, code: f.File.Code, silent: true})
		}
	}
	if len(silent) > ShownRows { // who saw less begins again
		p.ring, p.floor = nil, seq
	} else {
		p.ring = append(p.ring, silent...)
	}
	p.loaded = true
	return nil
}

func (p *positions) isLoaded() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.loaded
}

// apply takes in a line of the feed. Called with mu held.
func (p *positions) apply(seq int64, row custody.Row) {
	var after *standing
	before := p.files[row.File.Code]
	if row.Position.Phase != custody.Ended {
		after = standingOf(&row, before, p.clock)
	}
	p.seq = seq
	p.put(before, after)
	p.note(row.File.Code, before, after, false)
}

// put replaces a file. Called with mu held.
func (p *positions) put(before, after *standing) {
	p.standings.replace(before, after)
	p.edition++
	p.kept = nil
	if before != nil {
		delete(p.files, before.File.Code)
		delete(p.waiting, before.File.Code)
	}
	if after != nil {
		p.files[after.File.Code] = after
		if after.waits() {
			p.waiting[after.File.Code] = true
		}
	}
}

// note keeps what changed, for whoever watches now and for whoever comes back. Called
// with mu held.
func (p *positions) note(code label.Code, before, after *standing, silent bool) {
	if i, again := p.index[code]; again {
		p.news[i].seq, p.news[i].after = p.seq, after
	} else {
		p.index[code] = len(p.news)
		p.news = append(p.news, moved{p.seq, code, before, after, true})
	}
	p.ring = append(p.ring, change{p.seq, code, silent, before, true})
	if extra := len(p.ring) - ringLimit; extra > ringLimit { // now and then, not every time
		p.floor = p.ring[extra-1].seq
		p.ring = slices.Clone(p.ring[extra:])
	}
}

// fallDue counts as overdue what became so since it last looked, as it will also when
// the clock is set back. Called with mu held.
func (p *positions) fallDue(now time.Time) {
	from, to := p.clock, now
	if to.Before(from) {
		from, to = to, from
	}
	p.clock = now
	var due []*standing
	earliest := &standing{Row: &custody.Row{Position: custody.Position{Deadline: from}}} // no file's code is empty
	p.standings.order.Ascend(earliest, func(f *standing) bool {
		if Rank(f.Row) > to.Unix() {
			return false
		}
		if f.late != Overdue(f.Row, now) {
			due = append(due, f)
		}
		return true
	})
	for _, before := range due {
		after := *before
		after.late = !before.late
		p.put(before, &after)
		p.note(after.File.Code, before, &after, true)
	}
}

// recount learns how many stored commands of each file are not decided: storing one
// puts nothing on the feed. It asks for those files alone that have any; without all
// only whether those still do that are known to.
func (p *positions) recount(ctx context.Context, all bool) error {
	return p.read(ctx, func() error {
		p.mu.RLock()
		idle := !p.loaded || !all && len(p.waiting) == 0
		p.mu.RUnlock()
		if idle {
			return nil
		}
		pending, err := p.feed.Waiting(ctx)
		if err != nil {
			return fmt.Errorf("recount waiting commands: %w", err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		for code := range p.waiting {
			if _, still := pending[code]; !still {
				pending[code] = 0
			}
		}
		for code, n := range pending {
			before := p.files[code]
			if before == nil || before.Pending == n || !all && !p.waiting[code] {
				continue
			}
			row := *before.Row
			row.Pending = n
			after := *before
			after.Row = &row
			p.put(before, &after)
			p.note(code, before, &after, true)
		}
		return nil
	})
}

// file is an open file as it is known; false where there is none, or nothing is known yet.
func (p *positions) file(code label.Code) (*custody.Row, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	f, ok := p.files[code]
	if !ok {
		return nil, false
	}
	return f.Row, true
}

// snapshot is positions as they are.
func (p *positions) snapshot() Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keep()
}

// keep is snapshot with mu held.
func (p *positions) keep() Snapshot {
	if p.kept == nil {
		p.kept = &Snapshot{standings: p.standings.copy(), Seq: p.seq, Edition: p.edition}
	}
	snap := *p.kept
	snap.Seq, snap.AsOf = p.seq, p.asOf
	return snap
}

// take returns what changed since it was last called, and positions with that.
func (p *positions) take() ([]moved, Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	news := p.news
	p.news = nil
	clear(p.index)
	return news, p.keep()
}

// since returns the files that changed after a feed number, each as it was then and is
// now; false when that lies further back than is remembered, or in another ledger's
// future.
func (p *positions) since(after int64) ([]moved, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if after > p.seq || after < p.floor {
		return nil, false
	}
	from, _ := slices.BinarySearchFunc(p.ring, after, func(c change, seq int64) int {
		if c.seq == seq && !c.silent {
			return -1
		}
		return cmp.Compare(c.seq, seq)
	})
	var list []moved
	at := map[label.Code]int{}
	for _, c := range p.ring[from:] {
		i, again := at[c.code]
		if !again {
			i = len(list)
			at[c.code] = i
			list = append(list, moved{code: c.code, before: c.before, after: p.files[c.code], known: c.known})
		}
		list[i].seq = c.seq
	}
	slices.SortStableFunc(list, func(a, b moved) int { return cmp.Compare(a.seq, b.seq) })
	return list, true
}
