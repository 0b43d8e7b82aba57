package main

import (
	"errors"
	"fmt"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/office"
)

type rolloverCmd struct {
	Location `embed:""`
	Files    []string `arg:"" optional:"" name:"file" help:"Only these files, each by its code or its number."`
}

// Run has every open file's workflow, or those of the files that are named, hand over
// to a new run, and waits until it has.
func (c *rolloverCmd) Run(w *world) error {
	o, err := office.OpenOrVisit(w.ctx, c.config(w.log), false)
	if err != nil {
		return err
	}
	r, err := c.roll(w, o)
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

func (c *rolloverCmd) roll(w *world, o *office.Office) (audit.Rolled, error) {
	codes := make([]label.Code, len(c.Files))
	for i, text := range c.Files {
		var err error
		codes[i], err = named(text, func() ([]custody.Row, error) { return o.Ledger.Numbered(w.ctx, text) })
		if err != nil {
			return audit.Rolled{}, err
		}
	}
	progress, end := w.counted("files")
	defer end()
	return o.Rollover(w.ctx, codes, progress)
}
