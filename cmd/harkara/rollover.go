package main

import (
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

type rolloverCmd struct {
	Engine `embed:""`
}

// Run asks every open file's workflow to hand over to a new run, which follows
// the newest rules that its worker knows. Files that close meanwhile are passed
// over.
func (c *rolloverCmd) Run(w *world) error {
	o, err := openOffice(w.ctx, c.config(w.log), roles{worker: true}, custody.Book, w.log)
	if err != nil {
		return err
	}
	n, err := o.rollover(w)
	fmt.Fprintf(w.out, "%d files roll over to rules %d\n", n, custody.Book.Current().Version)
	return errors.Join(err, o.close())
}

func (o *office) rollover(w *world) (int, error) {
	n := 0
	for after := label.Code(""); ; {
		files, err := o.store.Files(w.ctx, after, 500)
		if err != nil || len(files) == 0 {
			return n, err
		}
		for _, f := range files {
			if f.Closed {
				continue
			}
			err := o.engine.Temporal().SignalWorkflow(w.ctx, workflows.FileID(f.Code), "", workflows.RolloverSignal, nil)
			var gone *serviceerror.NotFound
			switch {
			case errors.As(err, &gone):
				continue
			case err != nil:
				return n, fmt.Errorf("roll file %s over: %w", f.Code, err)
			}
			n++
		}
		after = files[len(files)-1].Code
	}
}
