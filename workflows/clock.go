package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"harkara/activities"
	"harkara/internal/custody"
)

// How long a rung waits for stored commands to be decided before it asks again:
// longer each time, since each question costs the history a dozen events.
const (
	firstPause = 5 * time.Second
	lastPause  = 5 * time.Minute
)

// unarmed reports whether the next rung is due before every timer that runs. A
// later deadline needs no timer of its own: the armed one fires, and the clock is
// looked at again.
func (f *file) unarmed(ctx workflow.Context) bool {
	wake := f.state.Waking(workflow.Now(ctx))
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
	if !f.unarmed(ctx) {
		return
	}
	at := f.state.Waking(workflow.Now(ctx))
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

// climb records the rungs that are due. Stored commands are decided first: a file
// is not late because the engine was.
func (f *file) climb(ctx workflow.Context) error {
	for pause := firstPause; !f.full(ctx); {
		q, due := f.book.Ask(f.state, workflow.Now(ctx))
		if !due {
			return nil
		}
		var evidence custody.Evidence
		if err := workflow.ExecuteActivity(patient(ctx), activities.Resolve, q).Get(ctx, &evidence); err != nil {
			return err
		}
		if evidence.Undecided > 0 {
			if err := f.wait(ctx, pause, evidence.Undecided); err != nil {
				return err
			}
			pause = min(2*pause, lastPause)
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
	return nil
}

// wait returns when so many more commands are decided, or after a while.
func (f *file) wait(ctx workflow.Context, while time.Duration, commands int) error {
	until, waited := f.commands+commands, false
	timer, cancel := workflow.WithCancel(ctx)
	defer cancel()
	workflow.Go(timer, func(ctx workflow.Context) { waited = workflow.Sleep(ctx, while) == nil })
	return workflow.Await(ctx, func() bool { return waited || f.commands >= until })
}
