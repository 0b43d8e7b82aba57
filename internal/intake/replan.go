package intake

import (
	"context"
	"log/slog"
	"time"

	"harkara/internal/custody"
)

// Plans is where files wait to be reckoned anew after the office's days have changed.
type Plans interface {
	Replan(ctx context.Context, in custody.Incarnation, limit int) (more bool, err error)
	Lanes(ctx context.Context) (custody.Lanes[custody.Waiting], error)
}

// Replanner gives files whose clocks run by older days the command that reckons them anew.
// How far it has come the ledger knows. Several may run at once.
type Replanner struct {
	Plans       Plans
	Log         *slog.Logger
	Every       time.Duration // 0: two seconds
	Incarnation custody.Incarnation
}

const (
	replanEvery = 2 * time.Second
	replanFor   = 30 * time.Second // one batch may take
	replanBatch = 200              // files
	replanAhead = 400              // commands that may wait to be decided before more are stored
)

// Run gives them until ctx ends.
func (r *Replanner) Run(ctx context.Context) {
	every := time.NewTicker(or(r.Every, replanEvery))
	defer every.Stop()
	away := false
	for {
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
		for more := true; more && ctx.Err() == nil; {
			var err error
			more, err = r.batch(ctx)
			if err != nil && !away && ctx.Err() == nil {
				r.Log.Warn("clocks are not reckoned anew", "err", err)
			}
			away = err != nil
		}
	}
}

// batch looks at some files; false: there is nothing to do now.
func (r *Replanner) batch(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, replanFor)
	defer cancel()
	lanes, err := r.Plans.Lanes(ctx)
	if err != nil || lanes[custody.Later].Commands >= replanAhead {
		return false, err
	}
	return r.Plans.Replan(ctx, r.Incarnation, replanBatch)
}
