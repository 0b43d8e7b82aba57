package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"harkara/internal/audit"
	"harkara/internal/office"
	"harkara/web/lang"
)

type verifyCmd struct {
	Location `embed:""`
	Quick    bool `help:"Let Temporal list which workflows run, and ask none of them for its state."`
}

// Run verifies an office, whether it runs or not. It changes nothing.
func (c *verifyCmd) Run(w *world) error {
	o, err := office.OpenOrVisit(w.ctx, c.config(w.log), true)
	if err != nil {
		return err
	}
	progress, end := w.counted("files")
	r, err := o.Verify(w.ctx, !c.Quick, progress)
	end()
	if err := errors.Join(err, o.Close()); err != nil {
		return err
	}
	if !reported(w.out, r) {
		return errFound
	}
	return nil
}

// reported says what was found, and reports whether all is well.
func reported(w io.Writer, r audit.Report) bool {
	for _, f := range r.Findings {
		fmt.Fprintln(w, "✗", worded(f))
	}
	if more := r.Found - len(r.Findings); more > 0 {
		fmt.Fprintf(w, "✗ and %d more\n", more)
	}
	t := r.Tally
	fmt.Fprintf(w, "%d open files: %d in rooms, %d on the way, %d of unknown place\n", t.Open, t.InRooms, t.OnTheWay, t.Unknown)
	fmt.Fprintf(w, "%d files, %d entries, %d running workflows: ", r.Files, r.Entries, r.Workflows)
	if r.Found > 0 {
		fmt.Fprintf(w, "%d problems\n", r.Found)
		return false
	}
	fmt.Fprintln(w, "every chain is whole")
	return true
}

// worded is a finding as the command line says it: as the file's page does, in English.
func worded(f audit.Finding) string {
	of := "the office"
	if f.File != "" {
		of = "file " + f.File.Format()
	}
	what, values := office.Shown(f).Words(lang.English)
	return strings.TrimSuffix(fmt.Sprintf("%s: %s: %s: %s", of, what, f.Place, values), ": ")
}
