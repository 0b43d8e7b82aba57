package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"harkara/internal/audit"
	"harkara/internal/label"
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
	var r audit.Rolled
	if len(codes) > 0 {
		r, err = o.roller().Of(w.ctx, codes)
	} else {
		r, err = o.rollover(w.ctx, terminal(w.err))
	}
	if err := errors.Join(err, o.close()); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d files rolled over, %d closed meanwhile\n", r.Moved, r.Gone)
	if r.Stayed > 0 {
		fmt.Fprintf(w.out, "%d files did not: is the office run by an older program, or are commands about them quarantined?\n", r.Stayed)
	}
	if r.Lost > 0 {
		fmt.Fprintf(w.out, "%d files are open and have no workflow: `harkara verify` names them\n", r.Lost)
	}
	if r.Stayed+r.Lost > 0 {
		return errFound
	}
	return nil
}

func (o *office) roller() audit.Rollover {
	return audit.Rollover{Ledger: o.store, Temporal: audit.Temporal{Client: o.engine.Temporal()}}
}

// rollover moves every open file to a new run. progress is a terminal, or nil.
func (o *office) rollover(ctx context.Context, progress io.Writer) (audit.Rolled, error) {
	total, err := o.store.CountFiles(ctx)
	if err != nil {
		return audit.Rolled{}, err
	}
	bar := progressOn(progress, total, "files")
	defer func() { _ = bar.Finish() }()
	return o.roller().All(ctx, func(files int) { _ = bar.Add(files) })
}
