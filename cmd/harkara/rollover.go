package main

import (
	"errors"
	"fmt"

	"harkara/internal/label"
	"harkara/internal/office"
)

type rolloverCmd struct {
	Location `embed:""`
	Codes    []string `arg:"" optional:"" name:"code" help:"Only these files."`
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
	o, err := office.OpenOrVisit(w.ctx, c.config(w.log), false)
	if err != nil {
		return err
	}
	progress, end := w.counted("files")
	r, err := o.Rollover(w.ctx, codes, progress)
	end()
	if err := errors.Join(err, o.Close()); err != nil {
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
