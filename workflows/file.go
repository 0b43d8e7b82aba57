package workflows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harkara/internal/custody"
)

// Files runs file workflows. What a command comes to is decided by the rules of the day
// and recorded; later programs go by the record.
type Files struct {
	Rules custody.Rules

	shelf *custody.Shelf // what deliveries to this worker brought
}

// Start is what a run begins with.
type Start struct {
	Program     int                 `json:"program"` // says what the run asks of the engine, and when it hands over
	Incarnation custody.Incarnation `json:"incarnation,omitempty"`
	State       custody.State       `json:"state"`

	unread error // why this program cannot go on from it
}

// UnmarshalJSON keeps its error for Run: the engine would end a run whose input cannot be
// decoded, and its file would have none.
func (s *Start) UnmarshalJSON(data []byte) error {
	var stored struct {
		Program     int                 `json:"program"`
		Incarnation custody.Incarnation `json:"incarnation"`
		State       json.RawMessage     `json:"state"`
	}
	if s.unread = json.Unmarshal(data, &stored); s.unread == nil {
		s.Program, s.Incarnation = stored.Program, stored.Incarnation
		s.State, s.unread = custody.ReadState(stored.State)
	}
	return nil
}

// bounds say when a run hands over to the next, before its history grows long.
type bounds struct {
	commands int // decided
	events   int // in the history
}

// programs are all that a run may have been started under. A change in what a run asks of
// the engine is a new one: runs that are open go on as they began.
var programs = map[int]bounds{1: {commands: 40, events: 250}}

// Program is what runs are started under today.
const Program = 1

// From returns what a run that goes on from a state begins with.
func From(s custody.State, in custody.Incarnation) Start {
	return Start{Program: Program, Incarnation: in, State: s}
}

// Run is the workflow of one file: from a state to its closing, once the ledger has
// that, or to the next run.
func (w Files) Run(ctx workflow.Context, start Start) error {
	bounds, ok := programs[start.Program]
	if !ok || start.unread != nil {
		// The task fails and is tried again until a program that knows takes it.
		panic(fmt.Sprintf("workflows: %s was started by a newer program: %d, %v", workflow.GetInfo(ctx).WorkflowExecution.ID, start.Program, start.unread))
	}
	f := &file{rules: w.Rules, shelf: w.shelf, bounds: bounds, incarnation: start.Incarnation, state: start.State}
	if err := f.setup(ctx); err != nil {
		return err
	}
	return f.live(ctx)
}

// file is one run. Only coroutines of the run touch it, one at a time.
type file struct {
	rules    custody.Rules
	shelf    *custody.Shelf
	bounds   bounds
	state    custody.State
	commands int             // decided in this run
	armed    []time.Time     // timers that have not fired
	woken    bool            // one has
	stored   *custody.Waking // the wake that waits in the inbox, or did
	again    time.Time       // after a failure: none is stored before
	pause    time.Duration   // that came before it
	rollover bool

	incarnation custody.Incarnation

	asked struct { // the command that was read last
		bytes   []byte
		command custody.Resolved
	}
}

// setup registers handlers, in this order for ever, before anything blocks.
func (f *file) setup(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, SnapshotQuery, func() (Snapshot, error) { return Snapshot{f.state, f.incarnation}, nil }); err != nil {
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
	if d.Incarnation != f.incarnation {
		return temporal.NewNonRetryableApplicationError(fmt.Sprintf("incarnation %d, asked is %d", f.incarnation, d.Incarnation), ErrRebuilt, nil)
	}
	c, err := f.read(d)
	if err == nil {
		f.shelf.Keep(d.Contents)
		err = f.state.Check(c, f.shelf.Of(f.state.Needs(c)), d.Head)
	}
	for _, known := range []struct {
		err  error
		name string
	}{{custody.ErrSequence, ErrSequence}, {custody.ErrDiverged, ErrDiverged}, {custody.ErrNewer, ErrNewer}, {custody.ErrContents, ErrContents}} {
		if errors.Is(err, known.err) {
			return temporal.NewNonRetryableApplicationError(err.Error(), known.name, nil)
		}
	}
	return err
}

// read reads a command; what validate has read decide does not read again.
func (f *file) read(d Delivery) (c custody.Resolved, err error) {
	if f.asked.bytes != nil && bytes.Equal(f.asked.bytes, d.Command) {
		return f.asked.command, nil
	}
	if c, err = custody.ReadResolved(d.Command); err == nil {
		f.asked.bytes, f.asked.command = d.Command, c
	}
	return c, err
}

// decide is synchronous: the answer leaves with the same task that took the
// command in.
func (f *file) decide(ctx workflow.Context, d Delivery) (custody.Outcome, error) {
	c, err := f.read(d)
	if err != nil { // on replay; the task is tried again until a program that knows takes it
		panic(fmt.Sprintf("workflows: file %s: read command: %v", f.state.File, err))
	}
	f.state = f.state.Confirm(d.Head)
	if !f.state.Answered(c) {
		f.state = f.state.Take(f.recorded(ctx, c), c.Seq)
	}
	f.commands++
	out := f.state.Outcome()
	out.Incarnation = f.incarnation
	return out, nil
}

// recorded is what a command comes to: decided once, by whichever program has the first
// turn, and after that as the history has it. Replay never calls the function, so that
// nothing but what it returns may touch the state. The history names decisions by their
// order alone: that this one is the command's is checked here.
func (f *file) recorded(ctx workflow.Context, c custody.Resolved) custody.Decision {
	var d custody.Decision
	err := workflow.SideEffect(ctx, func(ctx workflow.Context) any {
		needs := f.state.Needs(c)
		contents := f.shelf.Of(needs)
		if err := contents.Check(needs...); err != nil { // validate had them a moment ago
			panic(fmt.Sprintf("workflows: file %s: %v", f.state.File, err))
		}
		return f.rules.Decide(f.state, c, contents, workflow.Now(ctx))
	}).Get(&d)
	switch {
	case err != nil:
		panic(fmt.Sprintf("workflows: file %s: read recorded decision: %v", f.state.File, err))
	case d.Command != c.Command.ID || d.Revision != f.state.Head.Revision:
		panic(fmt.Sprintf("workflows: file %s: recorded is a decision of command %s at revision %d, asked for is %s at %d",
			f.state.File, d.Command, d.Revision, c.Command.ID, f.state.Head.Revision))
	}
	return d
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
		if err := workflow.Await(ctx, func() bool { return f.woken || f.unarmed() || f.state.Over() || f.full(ctx) }); err != nil {
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
				return workflow.NewContinueAsNewError(ctx, FileType, From(f.state, f.incarnation))
			}
		case f.woken: // never straight from a decision: its answer would wait for the ledger
			f.wake(ctx)
		}
	}
}

func (f *file) closed() bool { return f.state.Leg.Phase == custody.Ended }

func (f *file) full(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return f.rollover || f.commands >= f.bounds.commands || info.GetCurrentHistoryLength() >= f.bounds.events || info.GetContinueAsNewSuggested()
}

// patient runs an activity until it succeeds: the ledger may be away for days,
// and a run never gives up on its file.
func patient(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
}
