package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"golang.org/x/sync/errgroup"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

type rolloverCmd struct {
	Engine `embed:""`
	Codes  []string `arg:"" optional:"" name:"code" help:"Only these files."`
}

// Run has every open file's workflow, or those of the files that are named, hand over
// to a new run, and waits until it has.
func (c *rolloverCmd) Run(w *world) error {
	codes := make([]label.Code, len(c.Codes))
	for i, text := range c.Codes {
		var err error
		if codes[i], err = coverCode(text); err != nil {
			return err
		}
	}
	o, err := openOrVisit(w.ctx, c.config(w.log), false, w.log)
	if err != nil {
		return err
	}
	var r *rolled
	if len(codes) > 0 {
		r, err = o.rolloverOf(w.ctx, codes)
	} else {
		r, err = o.rollover(w.ctx, terminal(w.err))
	}
	if err := errors.Join(err, o.close()); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d files rolled over, %d closed meanwhile\n", r.moved.Load(), r.gone.Load())
	stayed, lost := r.stayed.Load(), r.lost.Load()
	if stayed > 0 {
		fmt.Fprintf(w.out, "%d files did not: is the office run by an older program, or are commands about them quarantined?\n", stayed)
	}
	if lost > 0 {
		fmt.Fprintf(w.out, "%d files are open and have no workflow: `harkara verify` names them\n", lost)
	}
	if stayed+lost > 0 {
		return errFound
	}
	return nil
}

// rolled counts what became of open files.
type rolled struct{ moved, gone, stayed, lost atomic.Int64 }

const (
	moving      = time.Minute // a run may take to hand over: it first finishes what it is at
	pageOf      = 500         // files that are read together
	movesAtOnce = 16
)

// rollover moves every open file to a new run. progress is a terminal, or nil.
func (o *office) rollover(ctx context.Context, progress io.Writer) (*rolled, error) {
	total, err := o.store.CountFiles(ctx)
	if err != nil {
		return nil, err
	}
	bar := progressOn(progress, total, "files")
	r := &rolled{}
	for after := label.Code(""); ; {
		files, err := o.store.Files(ctx, after, pageOf)
		if err != nil || len(files) == 0 {
			_ = bar.Finish()
			return r, err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(movesAtOnce)
		for _, f := range files {
			group.Go(func() error {
				defer func() { _ = bar.Add(1) }()
				if f.Final != nil {
					return nil
				}
				return o.roll(ctx, r, f.Code)
			})
		}
		if err := group.Wait(); err != nil {
			return r, err
		}
		after = files[len(files)-1].Code
	}
}

// rolloverOf hands files over by any of their codes.
func (o *office) rolloverOf(ctx context.Context, codes []label.Code) (*rolled, error) {
	r := &rolled{}
	for _, code := range codes {
		row, err := o.store.File(ctx, code)
		if err != nil {
			return r, err
		}
		if err := o.roll(ctx, r, row.File.Code); err != nil {
			return r, err
		}
	}
	return r, nil
}

// roll moves one file and counts it.
func (o *office) roll(ctx context.Context, r *rolled, code label.Code) error {
	into, err := o.move(ctx, r, code)
	if err != nil {
		return fmt.Errorf("roll file %s over: %w", code, err)
	}
	into.Add(1)
	return nil
}

// move returns where the file counts.
func (o *office) move(ctx context.Context, r *rolled, code label.Code) (*atomic.Int64, error) {
	within, cancel := context.WithTimeout(ctx, moving)
	defer cancel()
	asked := audit.Temporal{Client: o.engine.Temporal()}
	_, err := asked.Snapshot(within, code, 0)
	if err == nil {
		err = o.handOver(within, code)
	}
	if err == nil {
		_, err = asked.Snapshot(within, code, 0)
	}
	var gone *serviceerror.NotFound
	switch {
	case errors.Is(err, audit.ErrNoWorkflow), errors.As(err, &gone):
		row, err := o.store.File(ctx, code) // a run ends after the ledger has its file's end
		if err == nil && row.Position.Phase != custody.Ended {
			return &r.lost, nil
		}
		return &r.gone, err
	case errors.Is(err, audit.ErrMute), err != nil && ctx.Err() == nil && within.Err() != nil:
		return &r.stayed, nil
	case err != nil:
		return nil, err
	}
	return &r.moved, nil
}

// handOver asks a file's run to end, and returns when it has.
func (o *office) handOver(ctx context.Context, code label.Code) error {
	temporal, id := o.engine.Temporal(), workflows.FileID(code)
	now, err := temporal.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return err
	}
	run := now.WorkflowExecutionInfo.Execution.RunId
	if err := temporal.SignalWorkflow(ctx, id, run, workflows.RolloverSignal, nil); err != nil {
		return err
	}
	for end := temporal.GetWorkflowHistory(ctx, id, run, true, enums.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT); end.HasNext(); {
		if _, err := end.Next(); err != nil {
			return err
		}
	}
	return nil
}
