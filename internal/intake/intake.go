// Package intake is the dispatcher: it takes stored commands in order, has each
// decided by its file's workflow, and commits the outcomes to the ledger.
//
// Several dispatchers may run at once, and each may be killed anywhere: leases run
// out, and a command that is sent or committed again comes to the same.
package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// Files decides commands.
type Files interface {
	Send(ctx context.Context, d workflows.Delivery, start *custody.State) (custody.Outcome, error)
}

// Dispatcher is one of possibly many.
type Dispatcher struct {
	Owner string // differs between dispatchers
	Queue Queue
	Book  Book
	Files Files
	Rules custody.Rulebook
	Log   *slog.Logger

	Atonce int           // files at once; 0: 64
	Lease  time.Duration // 0: 30 s

	outcomes chan decided
}

type decided struct {
	work ledger.Work
	out  custody.Outcome
}

const (
	atonce    = 64
	leaseFor  = 30 * time.Second
	sendFor   = 10 * time.Second // less than a lease
	pollEvery = time.Second
	awayPause = time.Second
)

// Run dispatches until ctx ends, and returns when nothing of its is under way.
func (d *Dispatcher) Run(ctx context.Context) {
	if d.Atonce == 0 {
		d.Atonce = atonce
	}
	if d.Lease == 0 {
		d.Lease = leaseFor
	}
	d.outcomes = make(chan decided, d.Atonce)
	var committing, deciding sync.WaitGroup
	committing.Go(func() { d.commit(context.WithoutCancel(ctx), ctx.Done()) })
	free := make(chan struct{}, d.Atonce) // a token per file under way
	changed, stop := d.Book.Watch()
	defer stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for ctx.Err() == nil {
		if n := d.round(ctx, free, &deciding); n > 0 && len(free) < cap(free) {
			continue // there may be more
		}
		select {
		case <-changed:
		case <-poll.C:
		case <-ctx.Done():
		}
	}
	deciding.Wait()
	close(d.outcomes)
	committing.Wait()
}

// round leases what there is room for and sets it going; it returns how much.
func (d *Dispatcher) round(ctx context.Context, free chan struct{}, deciding *sync.WaitGroup) int {
	room := cap(free) - len(free)
	if room == 0 {
		return 0
	}
	work, err := d.Queue.Lease(ctx, d.Owner, room, d.Lease)
	if err != nil {
		d.warn(ctx, "commands wait: ledger does not answer", err)
		return 0
	}
	ready, err := d.resolve(ctx, work)
	if err != nil {
		d.warn(ctx, "commands wait: references are not resolved", err)
		d.giveBack(ctx, work)
		return 0
	}
	for i, w := range work {
		free <- struct{}{}
		deciding.Go(func() {
			defer func() { <-free }()
			d.decide(ctx, w, ready[i])
		})
	}
	return len(work)
}

func (d *Dispatcher) giveBack(ctx context.Context, work []ledger.Work) {
	for _, w := range work {
		if err := d.Queue.Release(ctx, d.Owner, w.Command.Code, awayPause); err != nil {
			d.warn(ctx, "lease is left to run out", err)
		}
	}
}

// resolve brings work into the form that is sent, and keeps that form before the
// first dispatch.
func (d *Dispatcher) resolve(ctx context.Context, work []ledger.Work) ([]custody.Resolved, error) {
	ready := make([]custody.Resolved, len(work))
	fresh := map[custody.CommandID][]byte{}
	for i, w := range work {
		if w.Resolved != nil {
			if err := json.Unmarshal(w.Resolved, &ready[i]); err != nil {
				return nil, fmt.Errorf("read resolved command %s: %w", w.Command.ID, err)
			}
			continue
		}
		office, err := d.Book.Office(ctx, happened(w.Command, w.Received))
		if err != nil {
			return nil, err
		}
		ready[i] = Resolve(office, w.Command, w.Seq, w.Received)
		raw, err := json.Marshal(ready[i])
		if err != nil {
			return nil, fmt.Errorf("marshal command %s: %w", w.Command.ID, err)
		}
		fresh[w.Command.ID] = raw
	}
	return ready, d.Queue.StoreResolved(ctx, fresh)
}

func (d *Dispatcher) decide(ctx context.Context, w ledger.Work, r custody.Resolved) {
	if out, ok := refusal(w, r); ok {
		d.outcomes <- decided{w, out}
		return
	}
	sending, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	out, err := d.Files.Send(sending, workflows.Delivery{Command: r, Head: w.Head}, d.start(w))
	if err == nil {
		d.outcomes <- decided{w, out}
		return
	}
	d.failed(context.WithoutCancel(ctx), w, err)
}

// refusal answers commands about codes that have no file: they start no workflow.
func refusal(w ledger.Work, r custody.Resolved) (custody.Outcome, bool) {
	if w.Exists || w.Command.Kind == custody.Open && r.Void == nil && r.Unknown == "" {
		return custody.Outcome{}, false
	}
	out := custody.Outcome{Command: w.Command.ID, Seq: w.Seq, Verdict: custody.Refused, Reason: custody.NoSuchFile}
	out.Position.File = w.Command.Code
	switch {
	case r.Void != nil:
		out.Reason = custody.Voided
	case w.Command.Kind == custody.Open:
		out.Reason = custody.NoSuchPlace
	case w.Label:
		out.Reason = custody.Unassigned
	}
	return out, true
}

// start is the snapshot from which a workflow must be started: of a new file, or
// of a closed one.
func (d *Dispatcher) start(w ledger.Work) *custody.State {
	if w.Exists {
		return w.Final
	}
	s := d.Rules.Begin(w.Command.Code)
	s.Seq = w.Seq - 1 // scans of the code before it had a file took their turns too
	return &s
}

// failed gives a command back. An outage is nobody's fault and does not count; a
// file whose ledger and workflow disagree is not tried again by itself.
func (d *Dispatcher) failed(ctx context.Context, w ledger.Work, cause error) {
	pause := time.Duration(1<<min(w.Attempts, 6)) * 100 * time.Millisecond
	if errors.Is(cause, ErrAway) {
		d.warn(ctx, "commands wait: workflow engine does not answer", cause)
		if err := d.Queue.Release(ctx, d.Owner, w.Command.Code, awayPause); err != nil {
			d.warn(ctx, "lease is left to run out", err)
		}
		return
	}
	hopeless := errors.Is(cause, custody.ErrDiverged) || errors.Is(cause, ErrGone) || errors.Is(cause, ledger.ErrGap)
	quarantined, err := d.Queue.Fail(ctx, d.Owner, w.Command.ID, cause, hopeless, pause)
	switch {
	case err != nil:
		d.warn(ctx, "lease is left to run out", err)
	case quarantined:
		d.Log.Error("command is quarantined", "file", w.Command.Code, "command", w.Command.ID, "seq", w.Seq, "err", cause)
	default:
		d.Log.Warn("command failed and is tried again", "file", w.Command.Code, "command", w.Command.ID, "seq", w.Seq, "err", cause)
	}
}

func (d *Dispatcher) warn(ctx context.Context, msg string, err error) {
	if ctx.Err() == nil {
		d.Log.Warn(msg, "err", err)
	}
}
