// Package board knows where every open file is: positions kept in memory by what
// changes, scopes of what pages show of them, and the live feed that brings changes to
// whoever watches. It words nothing: pages do, through Pages.
package board

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/lang"
	"harkara/web/live"
)

// Registry says where every open file is, true at the feed number it returns.
type Registry interface {
	Board(ctx context.Context) (rows []custody.Row, seq int64, err error)
}

// Feed tells what changed, in the order of its numbers. Waiting is what is not on it:
// how many stored commands are not decided, of each open file that has any. Lanes is that
// of the whole office.
type Feed interface {
	Lanes(ctx context.Context) (custody.Lanes[custody.Waiting], error)
	Waiting(ctx context.Context) (map[label.Code]int, error)
	Feed(ctx context.Context, after int64, limit int) ([]custody.Event, error)
	Watch() (changed <-chan struct{}, stop func())
}

// Pages words pages, each for what its key says.
type Pages interface {
	Page(ctx context.Context, k Key) (Page, error)
}

// Page words the parts of one page, as they stand in its first paint.
type Page interface {
	Row(r *custody.Row, list string) (html string, err error)
	// Cells are the squares of some rooms, or of all where only is nil; with the page's
	// language and sight alone they are the same for everybody.
	Cells(crowds map[custody.RoomID]Crowd, only map[custody.RoomID]bool) ([]Part, error)
	Parts(ctx context.Context, n News) ([]Part, error)
}

// Part is an element of a page; without HTML it is not there any more.
type Part struct{ ID, HTML string }

// News is what the parts of a page that are neither rows nor cells are made of.
type News struct {
	State
	Totals []Total
	Moved  bool // something of the file that the page is about
	Beat   bool // what does not come over the feed is looked at too
}

// ShownRows bounds the rows of one list of a page: more cost the browser more than a
// reader gains. Filters narrow them.
const ShownRows = 300

// Timings of the live feed.
const (
	tick  = 60 * time.Millisecond // between flushes after the first, which is immediate
	pulse = 3 * time.Second       // news that there is no news

	Slow  = 5 * time.Second // a stored command older than this says that decisions wait
	Brief = 2 * time.Second // a page waits no longer for what the feed has new
)

// Config is what a board is made of.
type Config struct {
	Registry Registry
	Feed     Feed
	Pages    Pages
	Stuck    func(context.Context) (int, error) // commands that wait for an administrator
	Backup   func(context.Context) (Backup, error)
	Storage  func() Storage
	Decides  func() error // whether the workflow engine answers, as far as that is known
	Log      *slog.Logger
	Now      func() time.Time
}

// Board tells every socket what changes in its scope. Its turn is held while what
// changed is published, and while a socket joins: what a socket gets first and what it
// gets next leave no gap. Whoever paints a page does not need it. positions, hub and
// vitals have locks of their own, the rest needs the turn.
type Board struct {
	Config
	positions *positions
	vitals    vitals
	hub       live.Hub[Key]
	read      chan struct{} // a page has read what is to be published

	turn      chan struct{} // full while somebody has it
	shown     Snapshot      // positions as they are published
	audiences map[Key]*audience
	onlookers map[people.Sight]*Outlook // of those sights, as shown; counted by what changes
	joins     map[joining]*live.Message // since the last change
	plans     map[plan][]Part           // the same

	stuck atomic.Int64 // commands that wait for an administrator, as last counted
}

// audience is those who watch a scope, and what they were sent.
type audience struct {
	asks    question
	counted counts            // of a search; what everybody asks positions have counted
	sent    map[string]string // what is not a row, by id, as it was last sent
}

// New makes a board. It knows nothing before it is asked, or runs.
func New(c Config) *Board {
	b := &Board{
		Config: c, positions: newPositions(c.Registry, c.Feed, c.Now), read: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		audiences: map[Key]*audience{}, onlookers: map[people.Sight]*Outlook{}, joins: map[joining]*live.Message{}, plans: map[plan][]Part{},
	}
	b.shown = b.positions.snapshot()
	return b
}

// enter takes the turn, or ctx ends first.
func (b *Board) enter(ctx context.Context) error {
	select {
	case b.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *Board) leave() { <-b.turn }

// Run follows the feed until ctx ends, then lets every socket go.
func (b *Board) Run(ctx context.Context) {
	changed, stop := b.Feed.Watch()
	defer stop()
	defer b.hub.Close()
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	b.Follow(ctx, true)
	for ctx.Err() == nil {
		select {
		case <-changed:
			b.Follow(ctx, false)
		case <-beat.C:
			b.Follow(ctx, true)
		case <-b.read:
			b.Follow(ctx, false)
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

// Follow reads what is new and sends it; with beat also whether all is well.
func (b *Board) Follow(ctx context.Context, beat bool) {
	ctx, cancel := context.WithTimeout(ctx, gate.RequestTime)
	defer cancel()
	err := b.positions.catchUp(ctx)
	if errors.Is(err, errReading) {
		return // who reads says how it ended
	}
	if beat || err != nil {
		b.examine(ctx, err)
	}
	if beat {
		if err := b.positions.recount(ctx, b.Health().Waiting > 0); err != nil {
			b.Log.Warn("waiting commands are not counted", "err", err)
		}
	}
	if b.enter(ctx) != nil {
		return
	}
	defer b.leave()
	b.publish(ctx, beat)
}

// State is what a page of positions is painted from.
type State struct {
	*Outlook
	Health Health
	Stuck  int // commands that wait for an administrator
}

// Latest returns positions as somebody may see them, with everything that the feed has by
// now; where the ledger does not answer soon, as they were last known. An error says that they are
// not known at all.
func (b *Board) Latest(ctx context.Context, sight people.Sight) (State, error) {
	reading := ctx
	if b.positions.isLoaded() { // else there is nothing to show sooner
		var cancel context.CancelFunc
		reading, cancel = context.WithTimeout(ctx, Brief)
		defer cancel()
	}
	err := b.positions.catchUp(reading)
	if ctx.Err() == nil && !errors.Is(err, errReading) && (err != nil || b.Health().checked.IsZero()) {
		examining, cancel := context.WithTimeout(ctx, Brief)
		defer cancel()
		b.examine(examining, err)
	}
	if !b.positions.isLoaded() {
		return State{}, err
	}
	select {
	case b.read <- struct{}{}:
	default:
	}
	return b.Known(sight), nil
}

// Known is the state as it is known here, without asking anybody.
func (b *Board) Known(sight people.Sight) State {
	return b.state(b.positions.snapshot().As(sight))
}

// File is an open file as it is known here, by its first code, without asking anybody; it
// is shared: do not change it.
func (b *Board) File(code label.Code) (*custody.Row, bool) { return b.positions.file(code) }

func (b *Board) state(o *Outlook) State { return State{o, b.Health(), b.Summoned()} }

// Summoned is how many commands wait for an administrator, as last counted.
func (b *Board) Summoned() int { return int(b.stuck.Load()) }

// Watchers counts the sockets.
func (b *Board) Watchers() int { return b.hub.Watchers() }

// publish tells each scope that somebody watches what changed in it.
func (b *Board) publish(ctx context.Context, beat bool) {
	list, snap := b.positions.take()
	b.show(list, snap)
	if len(list) == 0 && !beat {
		return
	}
	clear(b.joins)
	clear(b.plans)
	watched := map[Key]bool{}
	for _, k := range b.hub.Keys() {
		watched[k] = true
		deltas, err := b.deltas(ctx, k, list, beat)
		switch {
		case errors.Is(err, custody.ErrNotFound): // its file is no longer seen: its page says so
			b.hub.Send(k, b.reset())
		case err != nil: // what changed would be lost: its page begins again
			b.Log.Error("live feed is not rendered", "scope", k.View, "err", err)
			b.hub.Send(k, b.reset())
		case len(deltas) > 0 || beat:
			b.hub.Send(k, b.update(deltas))
		}
	}
	sights := map[people.Sight]bool{}
	for k := range b.audiences {
		if !watched[k] {
			delete(b.audiences, k)
		} else {
			sights[k.Sight] = true
		}
	}
	for sight := range b.onlookers {
		if !sights[sight] {
			delete(b.onlookers, sight)
		}
	}
}

// show takes in what changed, for everybody who watches.
func (b *Board) show(list []moved, snap Snapshot) {
	b.shown = snap
	for sight, was := range b.onlookers {
		now := snap.by(was.eyes)
		if !was.eyes.Everything() {
			now.kept = was.kept
			now.follow(list)
		}
		b.onlookers[sight] = now
	}
}

// onlooker is positions as they are published to those of one sight.
func (b *Board) onlooker(sight people.Sight) *Outlook {
	o := b.onlookers[sight]
	if o == nil {
		o = b.shown.As(sight)
		o.counted()
		b.onlookers[sight] = o
	}
	return o
}

// deltas is what changed for a scope: its rows, and of everything else on its page
// what is not as it was last sent.
func (b *Board) deltas(ctx context.Context, k Key, list []moved, beat bool) ([]delta, error) {
	page, err := b.Pages.Page(ctx, k)
	if err != nil {
		return nil, err
	}
	a, o := b.audiences[k], b.onlooker(k.Sight)
	if a == nil {
		a = b.audience(k)
	} else {
		a.count(o, list)
	}
	deltas, err := b.rows(page, k.Scope, o, a.asks, list)
	if err != nil {
		return nil, err
	}
	parts, err := b.parts(ctx, page, k, a, list, beat)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if a.sent[p.ID] != p.HTML {
			a.sent[p.ID] = p.HTML
			deltas = append(deltas, delta{b.shown.Seq, p.ID, p.HTML})
		}
	}
	return deltas, nil
}

// audience begins to keep what those who watch a scope are sent.
func (b *Board) audience(k Key) *audience {
	a := &audience{asks: k.question(), sent: map[string]string{}}
	if !a.asks.plain() {
		a.counted = b.onlooker(k.Sight).count(a.asks)
	}
	b.audiences[k] = a
	return a
}

// count takes in what changed.
func (a *audience) count(o *Outlook, list []moved) {
	if a.asks.plain() {
		return
	}
	for _, m := range list {
		if o.sees(m.before) && a.asks.fits(m.before) {
			a.counted.add(m.before, -1)
		}
		if o.sees(m.after) && a.asks.fits(m.after) {
			a.counted.add(m.after, 1)
		}
	}
}

func (a *audience) counts(o *Outlook) counts {
	if a.asks.plain() {
		return o.count(a.asks)
	}
	return a.counted
}

// rows is the deltas of the files in a list. Where more of them are on the scope's page
// than it shows, it gets those that it shows, as they are now, and every other is taken
// away. Of what was never on it nothing is said, not even that it is not. errUnknown.
func (b *Board) rows(page Page, sc Scope, o *Outlook, q question, list []moved) (deltas []delta, err error) {
	if sc.View != OnBoard && sc.View != OnRoom {
		return nil, nil
	}
	var rows []delta
	add := func(seq int64, f *standing, in string) error {
		html, err := page.Row(f.Row, in)
		rows = append(rows, delta{seq, "f" + string(f.File.Code), html})
		return err
	}
	var in []moved
	away := map[label.Code]int64{}
	for _, m := range list {
		switch {
		case o.sees(m.after) && sc.list(q, m.after) != "":
			in = append(in, m)
		case o.sees(m.before) && sc.list(q, m.before) != "", !m.known && (o.sees(m.after) || o.eyes.Everything()):
			away[m.code] = m.seq
		case !m.known:
			return nil, errUnknown
		}
	}
	if len(in) <= ShownRows {
		for _, m := range in {
			if err := add(m.seq, m.after, sc.list(q, m.after)); err != nil {
				return nil, err
			}
		}
	} else {
		for _, m := range in {
			away[m.code] = m.seq
		}
		for _, name := range sc.Lists() {
			for _, f := range o.first(sc, name, ShownRows) {
				delete(away, f.File.Code)
				if err := add(b.shown.Seq, f, name); err != nil {
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

// parts is everything of a scope's page that is not a row: on a board those rooms
// alone that the list touches. The beat, and a page that joins, have every room.
func (b *Board) parts(ctx context.Context, page Page, k Key, a *audience, list []moved, beat bool) ([]Part, error) {
	of := func(m moved) bool { return k.View == OnFile && m.code == k.Code }
	o := b.onlooker(k.Sight)
	out, err := page.Parts(ctx, News{b.state(o), o.totals(k.Scope, a.counts(o)), slices.ContainsFunc(list, of), beat})
	if err != nil || k.View != OnBoard && k.View != OnRooms {
		return out, err
	}
	cells, err := b.cells(page, k, o, list, beat)
	return append(out, cells...), err
}

// plan is which cells of the rooms' plan were rendered in which language, and for whom.
type plan struct {
	lang  lang.Tag
	sight people.Sight
	every bool
}

// cells is the squares of the rooms that a list touches, or of every room. Those of
// one language and sight are rendered once, whoever watches.
func (b *Board) cells(page Page, k Key, o *Outlook, list []moved, every bool) ([]Part, error) {
	as := plan{k.Lang, k.Sight, every}
	if out, ok := b.plans[as]; ok {
		return out, nil
	}
	var touched map[custody.RoomID]bool
	if !every {
		touched = map[custody.RoomID]bool{}
		for _, m := range list {
			for _, f := range [...]*standing{m.before, m.after} {
				if f != nil && o.eyes.Of(f.facets) != people.Nothing {
					touched[f.Position.Room], touched[f.Position.ToRoom] = true, true
				}
			}
		}
	}
	out, err := page.Cells(o.Crowds(), touched)
	if err != nil {
		return nil, err
	}
	b.plans[as] = out
	return out, nil
}
