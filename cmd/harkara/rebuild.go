package main

import (
	"errors"
	"fmt"
	"time"

	"harkara/internal/audit"
	"harkara/internal/office"
)

type rebuildCmd struct {
	Location `embed:""`
	Replace  bool `help:"Also where workflows of files still run, as in a Temporal that was restored and is older than the ledger: they end."`
}

// Help says when this is for.
func (rebuildCmd) Help() string {
	return `For an office whose Temporal is lost, or that moves to another: stop every program of
the office, then run this with the same settings. It needs the ledger alone, and judges
every file by it as verify does: one that is not whole is named. Interrupted, it goes on
when it is run again; until it has ended nothing is decided. Programs that still run on
the old Temporal change nothing any more. Deliveries that were under way are listed as not
confirmed at /attention. Rungs that fell due meanwhile are told when the office runs.`
}

// Run makes the workflows of an office that stands still.
func (c *rebuildCmd) Run(w *world) error {
	o, err := office.OpenLedger(w.ctx, c.config(w.log))
	if err != nil {
		return err
	}
	began := time.Now()
	progress, end := w.counted("files")
	r, err := o.Rebuild(w.ctx, audit.Rebuild{Replace: c.Replace}, progress)
	end()
	if errors.Is(err, audit.ErrInhabited) {
		err = fmt.Errorf("nothing was changed: %w. If they are this office's and in order, nothing is lost, and `harkara serve` goes on with them; if they are older than the ledger, --replace ends them and makes them again", err)
	}
	if err := errors.Join(err, o.Close()); err != nil {
		if r.Made > 0 {
			return fmt.Errorf("%d workflows are made, run this again and it goes on: %w", r.Made, err)
		}
		return err
	}
	for _, f := range r.Findings {
		fmt.Fprintln(w.out, "✗", worded(f))
	}
	if more := r.Found - len(r.Findings); more > 0 {
		fmt.Fprintf(w.out, "✗ and %d more\n", more)
	}
	if r.Ended > 0 {
		fmt.Fprintf(w.out, "%d older workflows ended that no open file has\n", r.Ended)
	}
	fmt.Fprintf(w.out, "%d open files have their workflows again, in %s: incarnation %d\n", r.Made, time.Since(began).Round(time.Second), r.Incarnation)
	if r.Resumed {
		fmt.Fprintln(w.out, "It went on where it was interrupted, and judged what was left: `harkara verify` judges all")
	}
	if r.Unmade > 0 {
		fmt.Fprintf(w.out, "%d have none: what the ledger has of them does not say where they are. Mend it, then `harkara rebuild --replace`\n", r.Unmade)
	}
	if r.Found > 0 {
		return errFound
	}
	return nil
}
