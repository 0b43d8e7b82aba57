package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
	"harkara/internal/custody"
)

// undecidedPause is how long a rung waits for stored commands to be decided.
const undecidedPause = 5 * time.Second

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
	if f.closed() {
		if err := f.expect(ctx); err != nil {
			return err
		}
	}
	for {
		f.arm(ctx)
		if err := workflow.Await(ctx, func() bool { return f.woken || f.unarmed() || f.closed() || f.full(ctx) }); err != nil {
			return err
		}
		f.woken = false
		if !f.closed() {
			if err := f.climb(ctx); err != nil {
				return err
			}
		}
		if f.closed() {
			done, err := f.finish(ctx)
			if done || err != nil {
				return err
			}
		}
		if f.full(ctx) {
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
				return err
			}
			return workflow.NewContinueAsNewError(ctx, FileType, f.state.Carry(f.book.Current()))
		}
	}
}

// expect waits for the command for which a closed file was started again; when it
// was turned away, the run ends after a while.
func (f *file) expect(ctx workflow.Context) error {
	waited := false
	timer, cancel := workflow.WithCancel(ctx)
	defer cancel()
	workflow.Go(timer, func(ctx workflow.Context) { waited = workflow.Sleep(ctx, time.Minute) == nil })
	return workflow.Await(ctx, func() bool { return f.commands > 0 || waited })
}

func (f *file) closed() bool { return f.state.Leg.Phase == custody.Ended }

func (f *file) full(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return f.rollover || f.commands >= f.run.Commands || info.GetCurrentHistoryLength() >= f.run.Events || info.GetContinueAsNewSuggested()
}

// unarmed reports whether the next rung is due before every timer that runs. A
// later deadline needs no timer of its own: the armed one fires, and the clock is
// looked at again.
func (f *file) unarmed() bool {
	wake := f.state.Wake()
	if wake.IsZero() {
		return false
	}
	for _, at := range f.armed {
		if !at.After(wake) {
			return false
		}
	}
	return true
}

// arm starts a timer for the next rung where none is soon enough. Earlier ones
// are left to fire.
func (f *file) arm(ctx workflow.Context) {
	if !f.unarmed() {
		return
	}
	at := f.state.Wake()
	f.armed = append(f.armed, at)
	timer := workflow.NewTimer(ctx, max(0, at.Sub(workflow.Now(ctx))))
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := timer.Get(ctx, nil); err != nil {
			return // the run is being cancelled
		}
		for i, t := range f.armed {
			if t.Equal(at) {
				f.armed = append(f.armed[:i:i], f.armed[i+1:]...)
				break
			}
		}
		f.woken = true
	})
}

// climb records the rung that is due, if one is. Stored scans are decided first:
// a file is not late because the engine was.
func (f *file) climb(ctx workflow.Context) error {
	for {
		q, due := f.book.Ask(f.state, workflow.Now(ctx))
		if !due {
			return nil
		}
		var evidence custody.Evidence
		if err := workflow.ExecuteActivity(patient(ctx), activities.Resolve, q).Get(ctx, &evidence); err != nil {
			return err
		}
		if evidence.Undecided > 0 {
			if err := workflow.Sleep(ctx, undecidedPause); err != nil {
				return err
			}
			continue
		}
		state, out, ok := f.book.Climb(f.state, q, evidence, workflow.Now(ctx))
		if !ok {
			continue // a command came in meanwhile: ask again
		}
		f.state = state
		if err := f.record(ctx, out); err != nil {
			return err
		}
	}
}

func (f *file) record(ctx workflow.Context, out custody.Outcome) error {
	if err := workflow.ExecuteActivity(patient(ctx), activities.Record, out).Get(ctx, nil); err != nil {
		return err
	}
	last := out.Entries[len(out.Entries)-1]
	f.state = f.state.Confirm(custody.Head{Revision: last.Revision, Hash: last.Hash})
	return nil
}

// finish completes a closed file's run once the ledger has its last entries and
// the snapshot from which a later command starts it again. A command that comes
// in meanwhile is decided and recorded too.
func (f *file) finish(ctx workflow.Context) (done bool, err error) {
	for f.closed() {
		out, pending := f.book.Farewell(f.state)
		if pending {
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

// patient runs an activity until it succeeds: the ledger may be away for days,
// and a run never gives up on its file.
func patient(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
}
