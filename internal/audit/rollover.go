package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"golang.org/x/sync/errgroup"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// Rollover has the workflows of open files hand over to new runs, and waits until they have.
type Rollover struct {
	Ledger   *ledger.Store
	Temporal Temporal
}

// Rolled counts what became of open files.
type Rolled struct {
	Moved  int
	Gone   int // closed meanwhile
	Stayed int // nothing answers for them, or something keeps them
	Lost   int // they have no workflow
}

const (
	moving      = time.Minute // a run may take to hand over: it first finishes what it is at
	pageOf      = 500         // files that are read together
	movesAtOnce = 16
)

// rolling counts while many roll.
type rolling struct {
	Rollover
	mu sync.Mutex
	Rolled
}

// All moves every open file. progress is told of files that were looked at, and may be nil.
func (r Rollover) All(ctx context.Context, progress func(files int)) (Rolled, error) {
	rolling := &rolling{Rollover: r}
	for after := label.Code(""); ; {
		files, err := r.Ledger.Files(ctx, after, pageOf)
		if err != nil || len(files) == 0 {
			return rolling.Rolled, err
		}
		group, within := errgroup.WithContext(ctx)
		group.SetLimit(movesAtOnce)
		for _, f := range files {
			group.Go(func() error {
				if progress != nil {
					defer progress(1)
				}
				if f.Final != nil {
					return nil
				}
				return rolling.roll(within, f.Code)
			})
		}
		if err := group.Wait(); err != nil {
			return rolling.Rolled, err
		}
		after = files[len(files)-1].Code
	}
}

// Of moves files by any of their codes.
func (r Rollover) Of(ctx context.Context, codes []label.Code) (Rolled, error) {
	rolling := &rolling{Rollover: r}
	for _, code := range codes {
		row, err := r.Ledger.File(ctx, code)
		if err != nil {
			return rolling.Rolled, err
		}
		if err := rolling.roll(ctx, row.File.Code); err != nil {
			return rolling.Rolled, err
		}
	}
	return rolling.Rolled, nil
}

// roll moves one file and counts it.
func (r *rolling) roll(ctx context.Context, code label.Code) error {
	into, err := r.move(ctx, code)
	if err != nil {
		return fmt.Errorf("roll file %s over: %w", code, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	*into++
	return nil
}

// move returns where the file counts.
func (r *rolling) move(ctx context.Context, code label.Code) (*int, error) {
	within, cancel := context.WithTimeout(ctx, moving)
	defer cancel()
	_, err := r.Temporal.Snapshot(within, code, 0)
	if err == nil {
		err = r.Temporal.handOver(within, code)
	}
	if err == nil {
		_, err = r.Temporal.Snapshot(within, code, 0)
	}
	var gone *serviceerror.NotFound
	switch {
	case errors.Is(err, ErrNoWorkflow), errors.As(err, &gone):
		row, err := r.Ledger.File(ctx, code) // a run ends after the ledger has its file's end
		if err == nil && row.Position.Phase != custody.Ended {
			return &r.Lost, nil
		}
		return &r.Gone, err
	case errors.Is(err, ErrMute), err != nil && ctx.Err() == nil && within.Err() != nil:
		return &r.Stayed, nil
	case err != nil:
		return nil, err
	}
	return &r.Moved, nil
}

// handOver asks a file's run to end, and returns when it has.
func (t Temporal) handOver(ctx context.Context, code label.Code) error {
	id := workflows.FileID(code)
	now, err := t.Client.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return err
	}
	run := now.WorkflowExecutionInfo.Execution.RunId
	if err := t.Client.SignalWorkflow(ctx, id, run, workflows.RolloverSignal, nil); err != nil {
		return err
	}
	for end := t.Client.GetWorkflowHistory(ctx, id, run, true, enums.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT); end.HasNext(); {
		if _, err := end.Next(); err != nil {
			return err
		}
	}
	return nil
}
