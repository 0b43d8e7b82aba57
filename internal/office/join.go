package office

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"

	"harkara/internal/custody"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// Roles are the parts of the program that one process runs on an office.
type Roles struct {
	Web, Worker, Dispatch bool

	idle bool // the worker answers for files, and does nothing for them
}

func (r Roles) needTemporal() bool { return r.Worker || r.Dispatch }

// Join runs the roles that need Temporal once it is there, until when it waits.
func (o *Office) Join(ctx context.Context, r Roles) error {
	if !r.needTemporal() {
		return nil
	}
	if err := o.Engine.Ready(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	o.stop = stop
	if !r.idle {
		if err := o.incarnate(ctx); err != nil {
			return err
		}
		o.dispatching.Go(func() { o.outlive(running) })
	}
	if r.Worker {
		w, err := o.Work(workflows.Files{Rules: custody.Today}, r.idle)
		if err != nil {
			return err
		}
		o.worker = w
	}
	if r.Dispatch {
		o.dispatch(running)
	}
	return nil
}

// incarnate makes this program one of the office's present incarnation. It waits for a
// ledger or a Temporal that is away.
func (o *Office) incarnate(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for waiting := false; ; waiting = true {
		home, err := o.Engine.NamespaceID(ctx)
		var in ledger.Incarnation
		if err == nil {
			in, err = o.Ledger.Join(ctx, home)
		}
		var denied *serviceerror.PermissionDenied
		switch {
		case err == nil:
			o.incarnation = in.Number
			return nil
		case errors.Is(err, ledger.ErrElsewhere):
			return fmt.Errorf("the workflows of this office's files are not in this Temporal. If theirs is another, name that one; if theirs is lost, `harkara rebuild` makes them again from the ledger: %w", err)
		case errors.Is(err, ledger.ErrHalfMade):
			return fmt.Errorf("this office is being rebuilt, or that was interrupted: then `harkara rebuild` goes on: %w", err)
		case errors.As(err, &denied), ctx.Err() != nil:
			return err
		case !waiting:
			o.log.Warn("the office is not joined yet", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// outlivedFor is how soon a program ends whose office was rebuilt without it. Meanwhile it
// changes nothing: the ledger refuses what it says.
const outlivedFor = 10 * time.Second

func (o *Office) outlive(ctx context.Context) {
	tick := time.NewTicker(outlivedFor)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if err := o.Ledger.Current(ctx, o.incarnation); errors.Is(err, custody.ErrIncarnation) {
			o.Fail(fmt.Errorf("this office was rebuilt: start this program anew, on the Temporal where it lives now: %w", err))
			return
		}
	}
}
