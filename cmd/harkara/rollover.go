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

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

type rolloverCmd struct {
	Engine `embed:""`
}

// Run has every open file's workflow hand over to a new run, which follows the
// newest rules that its worker knows, and waits until it has.
func (c *rolloverCmd) Run(w *world) error {
	o, err := openOrVisit(w.ctx, c.config(w.log), w.log)
	if err != nil {
		return err
	}
	rules := custody.Book.Current().Version
	r, err := o.rollover(w.ctx, rules, terminal(w.err))
	if err := errors.Join(err, o.close()); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d files rolled over to rules %d, %d followed them already, %d closed meanwhile\n", r.moved.Load(), rules, r.there.Load(), r.gone.Load())
	if n := r.stayed.Load(); n > 0 {
		fmt.Fprintf(w.out, "%d files did not: is the office run by an older program, or are commands about them quarantined?\n", n)
		return errFound
	}
	return nil
}

// rolled counts what became of open files.
type rolled struct{ moved, there, gone, stayed atomic.Int64 }

// moving is how long a run may take to hand over: it first finishes what it is at.
const moving = time.Minute

// rollover moves every open file to a version of the rules. progress is a terminal,
// or nil.
func (o *office) rollover(ctx context.Context, rules int, progress io.Writer) (*rolled, error) {
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
		group.SetLimit(eyes)
		for _, f := range files {
			group.Go(func() error {
				defer func() { _ = bar.Add(1) }()
				if f.Final != nil {
					return nil
				}
				into, err := o.roll(ctx, r, f.Code, rules)
				if err != nil {
					return fmt.Errorf("roll file %s over: %w", f.Code, err)
				}
				into.Add(1)
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return r, err
		}
		after = files[len(files)-1].Code
	}
}

// roll moves one file and returns where it counts.
func (o *office) roll(ctx context.Context, r *rolled, code label.Code, rules int) (*atomic.Int64, error) {
	within, cancel := context.WithTimeout(ctx, moving)
	defer cancel()
	s, err := o.snapshot(within, code)
	if err == nil && s.Rules == rules {
		return &r.there, nil
	}
	if err == nil {
		err = o.handOver(within, code)
	}
	if err == nil {
		s, err = o.snapshot(within, code)
	}
	var gone *serviceerror.NotFound
	switch {
	case errors.Is(err, errNoWorkflow), errors.As(err, &gone):
		return &r.gone, nil
	case errors.Is(err, errMute), err != nil && ctx.Err() == nil && within.Err() != nil, err == nil && s.Rules != rules:
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
