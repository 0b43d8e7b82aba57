package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harkara/internal/custody"
)

// Files runs file workflows under a rulebook.
type Files struct {
	Book custody.Rulebook
}

// Run is the workflow of one file: from a snapshot to its closing, once the ledger has
// that, or to the next run.
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
	commands int             // decided in this run
	armed    []time.Time     // timers that have not fired
	woken    bool            // one has
	stored   *custody.Waking // the wake that waits in the inbox, or did
	again    time.Time       // after a failure: none is stored before
	pause    time.Duration   // that came before it
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
		f.arm(ctx)
		if err := workflow.Await(ctx, func() bool { return f.woken || f.unarmed(ctx) || f.state.Over() || f.full(ctx) }); err != nil {
			return err
		}
		switch {
		case f.state.Over(), f.full(ctx):
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
				return err
			}
			if f.state.Over() {
				return nil
			}
			if f.full(ctx) {
				return workflow.NewContinueAsNewError(ctx, FileType, f.book.Carry(f.state))
			}
		default:
			f.wake(ctx)
		}
	}
}

func (f *file) closed() bool { return f.state.Leg.Phase == custody.Ended }

func (f *file) full(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return f.rollover || f.commands >= f.run.Commands || info.GetCurrentHistoryLength() >= f.run.Events || info.GetContinueAsNewSuggested()
}

// patient runs an activity until it succeeds: the ledger may be away for days,
// and a run never gives up on its file.
func patient(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
}
