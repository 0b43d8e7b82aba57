// Package intake is the dispatcher: it takes stored commands in order, has each
// decided by its file's workflow, and commits the outcomes to the ledger.
//
// Several dispatchers may run at once, and each may be killed anywhere: leases run
// out, and a command that is sent or committed again comes to the same.
package intake

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// Queue is where stored commands wait.
type Queue interface {
	Lease(ctx context.Context, owner string, limit int, ttl time.Duration) ([]ledger.Work, error)
	StoreResolved(ctx context.Context, resolved map[custody.CommandID][]byte) error
	Release(ctx context.Context, owner string, code label.Code, pause time.Duration) error
	Fail(ctx context.Context, owner string, id custody.CommandID, cause error, hopeless bool, pause time.Duration) (quarantined bool, err error)
}

// Book is where outcomes are kept, and what wakes the dispatcher.
type Book interface {
	Commit(ctx context.Context, outcomes []custody.Outcome) ([]error, error)
	Office(ctx context.Context, at time.Time) (*custody.Office, error)
	Watch() (changed <-chan struct{}, stop func())
}

// Files decides commands: see Temporal.
type Files interface {
	Send(ctx context.Context, d workflows.Delivery, start *custody.State) (custody.Outcome, error)
}

// Dispatcher is one of possibly many.
type Dispatcher struct {
	Owner string // differs between dispatchers
	Queue Queue
	Book  Book // takes concurrent commits; those at the same moment share a transaction
	Files Files
	Rules custody.Rulebook
	Log   *slog.Logger

	Atonce int           // files at once; 0: 32
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
	r := &running{Dispatcher: d, free: make(chan struct{}, or(d.Atonce, atonce)), ended: make(chan struct{}, 1)}
	working, cancel := linger(ctx, grace)
	defer cancel()
	defer r.busy.Wait()
	changed, stop := d.Book.Watch()
	defer stop()
	poll := time.NewTicker(or(d.Poll, pollEvery))
	defer poll.Stop()
	for ctx.Err() == nil {
		limit := r.room()
		if limit > 0 && r.round(working, limit) == limit {
			continue // there may be more
		}
		wake := changed
		if d.watch.away() {
			wake = nil // the poll will try
		}
		select {
		case <-wake:
		case <-r.ended:
		case <-poll.C:
		case <-ctx.Done():
		}
		if len(r.free) > 0 {
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
	free  chan struct{} // holds one for each file under way
	ended chan struct{} // one file or more were done with
}

// room is how many files may be taken on. While a service is away one at a time
// is tried.
func (r *running) room() int {
	if !r.watch.away() {
		return cap(r.free) - len(r.free)
	}
	if len(r.free) > 0 {
		return 0
	}
	return 1
}

// round leases up to limit files and sets them going; it returns how many.
func (r *running) round(ctx context.Context, limit int) int {
	work, err := r.Queue.Lease(ctx, r.Owner, limit, or(r.Lease, leaseFor))
	r.seen(ctx, ledgerService, err)
	if err != nil || len(work) == 0 {
		return 0
	}
	for range work {
		r.free <- struct{}{}
	}
	r.busy.Go(func() { r.batch(ctx, work) })
	return len(work)
}

// batch resolves what was leased together, keeps that form before the first
// dispatch, and sets each file going.
func (r *running) batch(ctx context.Context, work []ledger.Work) {
	resolved := make([]custody.Resolved, len(work))
	fresh := map[custody.CommandID][]byte{}
	failed := make([]error, len(work))
	for i, w := range work {
		var raw []byte
		resolved[i], raw, failed[i] = r.resolve(ctx, w)
		if raw != nil {
			fresh[w.Command.ID] = raw
		}
	}
	err := r.Queue.StoreResolved(ctx, fresh)
	r.seen(ctx, ledgerService, err)
	for i, w := range work {
		r.busy.Go(func() {
			defer r.leave()
			switch {
			case failed[i] != nil:
				r.giveBack(ctx, w, failed[i])
			case err != nil:
				r.giveBack(ctx, w, awayError{err})
			default:
				r.handle(ctx, w, resolved[i])
			}
		})
	}
}

// leave ends a file's turn.
func (r *running) leave() {
	<-r.free
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
