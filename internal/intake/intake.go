// Package intake is the dispatcher: it takes stored commands in order, has each
// decided by its file's workflow, and commits the outcomes to the ledger.
//
// Several dispatchers may run at once, and each may be killed anywhere: leases run
// out, and a command that is sent or committed again comes to the same.
package intake

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// Queue is where stored commands wait.
type Queue interface {
	Lease(ctx context.Context, owner string, shares custody.Lanes[int], ttl time.Duration) ([]ledger.Work, error)
	StoreResolved(ctx context.Context, resolved map[custody.CommandID][]byte, contents custody.Contents) error
	Release(ctx context.Context, owner string, code label.Code, pause time.Duration) error
	Ready() (ready <-chan struct{}, stop func())
	Fail(ctx context.Context, owner string, id custody.CommandID, cause error, hopeless bool, pause time.Duration) (quarantined bool, err error)
}

// Book is where outcomes are kept.
type Book interface {
	Commit(ctx context.Context, outcomes []custody.Outcome) ([]error, error)
	Office(ctx context.Context, at time.Time) (*custody.Office, error)
	Contents(ctx context.Context, digests []custody.Digest) (custody.Contents, error)
	Heard(ctx context.Context, file label.Code) ([]custody.Heard, error)
}

// Files decides commands: see Temporal.
type Files interface {
	Send(ctx context.Context, s Sending) (custody.Outcome, error)
}

// Sending is a command on its way to its file.
type Sending struct {
	File     label.Code
	Command  custody.CommandID
	Start    *custody.State // of a file that begins or was closed: its workflow runs first, if none runs
	Delivery workflows.Delivery
}

// Dispatcher is one of possibly many.
type Dispatcher struct {
	Owner string // differs between dispatchers
	Queue Queue
	Book  Book // takes concurrent commits; those at the same moment share a transaction
	Files Files
	Rules custody.Rules
	Log   *slog.Logger

	Atonce int           // files at once; 0: 32. See shares
	Lease  time.Duration // 0: 15 s
	Answer time.Duration // how long a workflow may take to answer; 0: 10 s
	Poll   time.Duration // for what no bell told of, and before what an outage gave back is tried again; 0: 1 s

	watch watch
}

const (
	atonce    = 32
	leaseFor  = 15 * time.Second
	answerFor = 10 * time.Second // less than a lease
	pollEvery = time.Second
	grace     = 3 * time.Second // for what is under way when the dispatcher stops
	gatherFor = 4 * time.Millisecond
)

// Run dispatches until ctx ends, and returns when nothing of its is under way.
func (d *Dispatcher) Run(ctx context.Context) {
	r := &running{Dispatcher: d, ended: make(chan struct{}, 1)}
	working, cancel := linger(ctx, grace)
	defer cancel()
	defer r.busy.Wait()
	ready, stop := d.Queue.Ready()
	defer stop()
	poll := time.NewTicker(or(d.Poll, pollEvery))
	defer poll.Stop()
	for ctx.Err() == nil {
		if r.round(working, r.room()) {
			continue // there may be more
		}
		wake := ready
		if d.watch.away() {
			wake = nil // the poll will try
		}
		select {
		case <-wake:
		case <-r.ended:
		case <-poll.C:
		case <-ctx.Done():
		}
		if r.busyWith() > 0 {
			r.gather(ctx)
		}
	}
}

// gather lets more work come together while other work is under way, so that a
// lease and what follows it cost less for each file. Alone nobody waits.
func (r *running) gather(ctx context.Context) {
	select {
	case <-time.After(gatherFor):
	case <-ctx.Done():
	}
}

// running is one call of Run.
type running struct {
	*Dispatcher
	busy  sync.WaitGroup
	ended chan struct{} // a file was done with, and others waited for its place

	mu    sync.Mutex
	under custody.Lanes[int]  // files under way
	short custody.Lanes[bool] // of places: more files may wait than were taken
}

// shares is how many files of each lane may be under way together. The later lanes have
// their places beside those of the first, so that nobody takes them; and so few that a scan
// finds the engine free.
func shares(atonce int) custody.Lanes[int] {
	return custody.Lanes[int]{custody.People: atonce, custody.Wakes: max(1, atonce/4), custody.Later: max(1, atonce/8)}
}

// room is how many files of each lane may be taken on. While a service is away one at
// a time is tried.
func (r *running) room() custody.Lanes[int] {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := shares(or(r.Atonce, atonce))
	if r.watch.away() {
		room = custody.Each(1)
	}
	for lane := range room {
		room[lane] = max(0, room[lane]-r.under[lane])
	}
	return room
}

func (r *running) busyWith() (files int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.under {
		files += n
	}
	return files
}

// round leases files and sets them going; it reports whether some lane gave as many as
// it had room for.
func (r *running) round(ctx context.Context, room custody.Lanes[int]) (full bool) {
	if room == (custody.Lanes[int]{}) {
		return false
	}
	work, err := r.Queue.Lease(ctx, r.Owner, room, or(r.Lease, leaseFor))
	r.seen(ctx, ledgerService, err)
	if err != nil {
		return false
	}
	full = r.enter(work, room)
	if len(work) > 0 {
		r.busy.Go(func() { r.batch(ctx, work) })
	}
	return full
}

// enter begins the turns of what was leased, and reports whether some lane gave as many
// as it had room for.
func (r *running) enter(work []ledger.Work, room custody.Lanes[int]) (full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := room
	for _, w := range work {
		r.under[w.Lane]++
		room[w.Lane]--
	}
	for lane := range room {
		if asked[lane] > 0 { // else nothing was learnt
			r.short[lane] = room[lane] == 0
			full = full || r.short[lane]
		}
	}
	return full
}

// batch resolves what was leased together, keeps that form before the first
// dispatch, and sets each file going.
func (r *running) batch(ctx context.Context, work []ledger.Work) {
	forms, failed := make([]form, len(work)), make([]error, len(work))
	fresh, contents := map[custody.CommandID][]byte{}, custody.Contents{}
	for i, w := range work {
		forms[i], failed[i] = r.resolve(ctx, w)
		if f := forms[i]; f.fresh != nil {
			fresh[w.Command.ID] = f.bytes
			maps.Copy(contents, f.fresh)
		}
	}
	err := r.Queue.StoreResolved(ctx, fresh, contents)
	r.seen(ctx, ledgerService, err)
	for i, w := range work {
		r.busy.Go(func() {
			defer r.leave(w.Lane)
			switch {
			case failed[i] != nil:
				r.giveBack(ctx, w, failed[i])
			case err != nil:
				r.giveBack(ctx, w, awayError{err})
			default:
				r.handle(ctx, w, forms[i])
			}
		})
	}
}

// leave ends a file's turn. Its next command, where one waits, is told of by the ledger.
func (r *running) leave(lane custody.Lane) {
	r.mu.Lock()
	r.under[lane]--
	short := r.short[lane]
	r.mu.Unlock()
	if !short {
		return
	}
	select {
	case r.ended <- struct{}{}:
	default:
	}
}

// linger returns a context that ends a while after ctx does.
func linger(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	after, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(while, cancel) })
	return after, func() { stop(); cancel() }
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
