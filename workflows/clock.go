package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
)

// What a run asks of the engine depends on these: they belong to Program.
const (
	soonest    = time.Second     // a timer is not shorter: the answer to a scan waits for no wake
	storeFor   = 2 * time.Second // storing a wake may take; commands of the file wait meanwhile
	firstPause = time.Minute     // after it failed, longer each time
	lastPause  = 30 * time.Minute
)

// wakes is when the run must store a wake, as it was recorded; zero: one waits in the
// inbox already, or none is to come.
func (f *file) wakes() time.Time {
	if f.stored != nil && *f.stored == f.state.Waking() {
		return time.Time{}
	}
	at := f.state.Alarm
	if !at.IsZero() && at.Before(f.again) {
		return f.again
	}
	return at
}

// unarmed reports whether the next wake is due before every timer that runs. A later
// one needs no timer of its own: the armed one fires, and the clock is looked at again.
func (f *file) unarmed() bool {
	at := f.wakes()
	if at.IsZero() {
		return false
	}
	for _, armed := range f.armed {
		if !armed.After(at) {
			return false
		}
	}
	return true
}

// arm starts a timer for the next wake where none is soon enough. Earlier ones are
// left to fire.
func (f *file) arm(ctx workflow.Context) {
	if !f.unarmed() {
		return
	}
	at := f.wakes()
	f.armed = append(f.armed, at)
	timer := workflow.NewTimer(ctx, max(soonest, at.Sub(workflow.Now(ctx))))
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

// wake stores the wake that is due. It comes back as a command, after those that were
// stored before it; while the ledger is away the run tries again, rarely.
func (f *file) wake(ctx workflow.Context) {
	f.woken = false
	if at := f.wakes(); at.IsZero() || at.After(workflow.Now(ctx)) {
		return
	}
	waking := f.state.Waking()
	quick := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: storeFor, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	err := workflow.ExecuteLocalActivity(quick, activities.Wake, f.incarnation, f.state.Position().Waker()).Get(ctx, nil)
	if err == nil {
		f.stored, f.again, f.pause = &waking, time.Time{}, 0
		return
	}
	f.pause = min(max(2*f.pause, firstPause), lastPause)
	f.again = workflow.Now(ctx).Add(f.pause)
	workflow.GetLogger(ctx).Warn("a wake is not stored, it is tried again", "file", f.state.File, "err", err)
}

// wait returns when so many more commands are decided, or after a while.
func (f *file) wait(ctx workflow.Context, while time.Duration, commands int) error {
	until, waited := f.commands+commands, false
	timer, cancel := workflow.WithCancel(ctx)
	defer cancel()
	workflow.Go(timer, func(ctx workflow.Context) { waited = workflow.Sleep(ctx, while) == nil })
	return workflow.Await(ctx, func() bool { return waited || f.commands >= until })
}
