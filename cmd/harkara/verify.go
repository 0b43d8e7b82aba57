package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/web"
	"harkara/web/lang"
)

type verifyCmd struct {
	Engine `embed:""`
	Quick  bool `help:"Let Temporal list which workflows run, and ask none of them for its state."`
}

// Run verifies an office, whether it runs or not. It changes nothing.
func (c *verifyCmd) Run(w *world) error {
	o, err := openOrVisit(w.ctx, c.config(w.log), true, w.log)
	if err != nil {
		return err
	}
	r, err := o.verify(w.ctx, !c.Quick, terminal(w.err))
	if err := errors.Join(err, o.close()); err != nil {
		return err
	}
	if !reported(w.out, r) {
		return errFound
	}
	return nil
}

// auditor judges this office's files.
func (o *office) auditor() *audit.Auditor {
	return &audit.Auditor{Ledger: o.store, Workflows: audit.Temporal{Client: o.engine.Temporal()}}
}

// verify judges the whole office. progress is a terminal, or nil.
func (o *office) verify(ctx context.Context, ask bool, progress io.Writer) (audit.Report, error) {
	total, err := o.store.CountFiles(ctx)
	if err != nil {
		return audit.Report{}, err
	}
	bar := progressOn(progress, total, "files")
	r, err := o.auditor().Office(ctx, ask, func(seen audit.Seen) { _ = bar.Set(seen.Files) })
	_ = bar.Finish()
	return r, err
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
	what, values := web.Finding(shown(f)).Words(lang.English)
	return strings.TrimSuffix(fmt.Sprintf("%s: %s: %s: %s", of, what, f.Place, values), ": ")
}

// shown is a finding as pages take it.
func shown(f audit.Finding) web.Finding {
	return web.Finding{File: f.File, Kind: string(f.Kind), Place: f.Place, Stored: f.Stored, Computed: f.Computed}
}

// justice judges files for pages. Where the engine is away the ledger alone is judged by,
// and the workflow said not to answer.
type justice struct{ o *office }

// shortly is how long a page waits for a file's workflow.
const shortly = 2 * time.Second

func (j justice) Judge(ctx context.Context, code label.Code) (*web.Finding, error) {
	alone := &audit.Auditor{Ledger: j.o.store}
	if temporal := j.o.engine.Temporal(); temporal != nil && j.o.engine.Health().Temporal == nil {
		f, err := (&audit.Auditor{Ledger: j.o.store, Workflows: audit.Temporal{Client: temporal}, Patience: shortly}).File(ctx, code)
		if err == nil || errors.Is(err, custody.ErrNotFound) || ctx.Err() != nil {
			return finding(f), err
		}
	}
	f, err := alone.File(ctx, code)
	if err == nil && f == nil {
		f = &audit.Finding{File: code, Kind: audit.Mute, Place: "workflow"}
	}
	return finding(f), err
}

func finding(f *audit.Finding) *web.Finding {
	if f == nil {
		return nil
	}
	page := shown(*f)
	return &page
}

// Examinations are the newest nights' for pages, newest first.
func (j justice) Examinations(ctx context.Context, limit, findings int) ([]web.Examination, error) {
	list, err := j.o.store.Examinations(ctx, limit, findings)
	return each(list, err, func(x ledger.Examination) web.Examination {
		page := web.Examination{Began: x.Began, Moved: x.Moved, Files: x.Files, Entries: x.Entries, Of: x.Of, Spent: x.Spent, Found: x.Found}
		if x.Ended != nil {
			page.Ended = *x.Ended
		}
		for _, f := range x.Findings {
			page.Findings = append(page.Findings, web.Finding(f))
		}
		return page
	})
}
