package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
	"harkara/internal/custody"
)

// Files runs file workflows under a rulebook.
type Files struct {
	Book custody.Rulebook
}

// Run is the workflow of one file: from a snapshot to its closing, or to the
// next run.
func (w Files) Run(ctx workflow.Context, snapshot custody.State) error {
	if !w.Book.Knows(snapshot) {
		// The task fails and is tried again until a program that knows takes it.
		panic("workflows: file " + string(snapshot.File) + " follows rules that this program does not know")
	}
	f := &file{book: w.Book, run: w.Book.Run(snapshot), state: snapshot}
	if err := f.setup(ctx); err != nil {
		return err
	}
	return f.live(ctx)
}

// file is one run. Only coroutines of the run touch it, one at a time.
type file struct {
	book     custody.Rulebook
	run      custody.Run
	state    custody.State
	commands int         // decided in this run
	armed    []time.Time // timers that have not fired
	woken    bool        // one has
	diverged bool        // the ledger holds another past of this file, or will not have its next
	rollover bool
}

// setup registers handlers, in this order for ever, before anything blocks.
func (f *file) setup(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, SnapshotQuery, func() (custody.State, error) { return f.state, nil }); err != nil {
		return err
	}
	err := workflow.SetUpdateHandlerWithOptions(ctx, CommandUpdate, f.decide, workflow.UpdateHandlerOptions{Validator: f.validate})
	if err != nil {
		return err
	}
	signals := workflow.GetSignalChannel(ctx, RolloverSignal)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for signals.Receive(ctx, nil) {
			f.rollover = true
		}
	})
	return nil
}

// validate turns away what must not enter the history.
func (f *file) validate(_ workflow.Context, d Delivery) error {
	err := f.book.Check(f.state, d.Command, d.Head)
	if f.diverged {
		err = custody.ErrDiverged
	}
	for _, known := range []struct {
		err  error
		name string
	}{{custody.ErrSequence, ErrSequence}, {custody.ErrDiverged, ErrDiverged}, {custody.ErrRules, ErrRules}} {
		if errors.Is(err, known.err) {
			return temporal.NewNonRetryableApplicationError(err.Error(), known.name, nil)
		}
	}
	return err
}

// decide is synchronous: the answer leaves with the same task that took the
// command in.
func (f *file) decide(ctx workflow.Context, d Delivery) (custody.Outcome, error) {
	var out custody.Outcome
	f.state, out = f.book.Decide(f.state, d.Command, d.Head, workflow.Now(ctx))
	f.commands++
	return out, nil
}

// live drives the clock until the file closes or the run is long enough.
func (f *file) live(ctx workflow.Context) error {
	if f.closed() { // started again for one command; when that is turned away the run ends
		if err := f.wait(ctx, time.Minute, 1); err != nil {
			return err
		}
	}
	for {
		ended, err := f.step(ctx)
		if hopeless(err) {
			err = f.stand(ctx, err)
		}
		if ended || err != nil {
			return err
		}
		if f.full(ctx) {
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
				return err
			}
			return workflow.NewContinueAsNewError(ctx, FileType, f.book.Carry(f.state))
		}
	}
}

// step waits until there is something to do beside deciding commands, and does
// it. It reports true when the file is closed and the ledger has its end.
func (f *file) step(ctx workflow.Context) (ended bool, err error) {
	f.arm(ctx)
	if err := workflow.Await(ctx, func() bool { return f.woken || f.unarmed(ctx) || f.closed() || f.full(ctx) }); err != nil {
		return false, err
	}
	f.woken = false
	if err := f.climb(ctx); err != nil {
		return false, err
	}
	if f.closed() {
		return f.finish(ctx)
	}
	return false, nil
}

func (f *file) closed() bool { return f.state.Leg.Phase == custody.Ended }

func (f *file) full(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return f.rollover || f.commands >= f.run.Commands || info.GetCurrentHistoryLength() >= f.run.Events || info.GetContinueAsNewSuggested()
}

// finish reports true once the ledger has a closed file's last entries and the
// snapshot from which a later command starts it again. A command that comes in
// meanwhile is decided and recorded too.
func (f *file) finish(ctx workflow.Context) (bool, error) {
	for f.closed() {
		if out, pending := f.book.Farewell(f.state); pending {
			if err := f.record(ctx, out); err != nil {
				return false, err
			}
			continue
		}
		if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
			return false, err
		}
		if _, pending := f.book.Farewell(f.state); f.closed() && !pending {
			return true, nil
		}
	}
	return false, nil
}

// record brings an outcome to the ledger from the run itself.
func (f *file) record(ctx workflow.Context, out custody.Outcome) error {
	if err := workflow.ExecuteActivity(patient(ctx), activities.Record, out).Get(ctx, nil); err != nil {
		return err
	}
	last := out.Entries[len(out.Entries)-1]
	f.state = f.state.Confirm(custody.Head{Revision: last.Revision, Hash: last.Hash})
	return nil
}

func hopeless(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == activities.Hopeless
}

// stand keeps a file as it is whose ledger holds another past, or cannot hold what
// comes next: it takes no command and sounds no rung until somebody has looked and
// rolls it over.
func (f *file) stand(ctx workflow.Context, cause error) error {
	workflow.GetLogger(ctx).Error("ledger and workflow diverged", "file", f.state.File, "revision", f.state.Head.Revision, "err", cause)
	f.diverged = true
	return workflow.Await(ctx, func() bool { return f.rollover })
}

// patient runs an activity until it succeeds: the ledger may be away for days,
// and a run never gives up on its file.
func patient(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
}
