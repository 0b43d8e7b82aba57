package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.temporal.io/api/serviceerror"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// findings is what verification came to.
type findings struct {
	Files, Entries, Workflows int
	Problems                  []error
}

// verify recomputes every chain, compares each registry row with its chain, and
// each open file's chain with its workflow's snapshot. A command may be under way
// meanwhile: what differs is looked at again before it is a finding.
func (o *office) verify(ctx context.Context) (findings, error) {
	var f findings
	for after := label.Code(""); ; {
		files, err := o.store.Files(ctx, after, 500)
		if err != nil {
			return f, err
		}
		if len(files) == 0 {
			return f, nil
		}
		for _, file := range files {
			f.Files++
			problem, err := o.verifyFile(ctx, file, &f)
			for again := 0; problem != nil && again < 3 && err == nil; again++ {
				select {
				case <-time.After(500 * time.Millisecond):
				case <-ctx.Done():
					return f, ctx.Err()
				}
				var now []ledger.Registered
				now, err = o.store.Files(ctx, before(file.Code), 1)
				if err == nil && len(now) == 1 {
					problem, err = o.verifyFile(ctx, now[0], &findings{})
				}
			}
			if err != nil {
				return f, err
			}
			if problem != nil {
				f.Problems = append(f.Problems, problem)
			}
		}
		after = files[len(files)-1].Code
	}
}

// before is the text just below a code, for walking to it again.
func before(code label.Code) label.Code { return code[:len(code)-1] }

func (o *office) verifyFile(ctx context.Context, file ledger.Registered, f *findings) (problem, err error) {
	stored, err := o.store.Entries(ctx, file.Code)
	if err != nil {
		return nil, err
	}
	f.Entries += len(stored)
	head, entries, broken := custody.Chain(custody.Head{}, file.Code, stored)
	switch {
	case broken != nil:
		return broken, nil
	case head != file.Head:
		return fmt.Errorf("file %s: registry ends at revision %d, chain at %d", file.Code, file.Head.Revision, head.Revision), nil
	case file.Position.Revision != head.Revision:
		return fmt.Errorf("file %s: position is of revision %d, chain ends at %d", file.Code, file.Position.Revision, head.Revision), nil
	}
	if problem, err := o.verifyCovers(ctx, file.Code, entries); problem != nil || err != nil || file.Closed {
		return problem, err
	}
	f.Workflows++
	var s custody.State
	answer, err := o.engine.Temporal().QueryWorkflow(ctx, workflows.FileID(file.Code), "", workflows.SnapshotQuery)
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return fmt.Errorf("file %s is open and has no workflow", file.Code), nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask workflow of file %s: %w", file.Code, err)
	}
	if err := answer.Get(&s); err != nil {
		return nil, fmt.Errorf("read snapshot of file %s: %w", file.Code, err)
	}
	if s.Head != head {
		return fmt.Errorf("file %s: chain ends at revision %d, its workflow is at %d", file.Code, head.Revision, s.Head.Revision), nil
	}
	have, want := file.Position, s.Position()
	if have.Cover != want.Cover || have.Moved != want.Moved {
		return fmt.Errorf("file %s: registry has it in cover %q, its workflow in %q", file.Code, have.Cover, want.Cover), nil
	}
	if have.Desk != want.Desk || have.Phase != want.Phase || !have.Deadline.Equal(want.Deadline) || have.Rung != want.Rung {
		return fmt.Errorf("file %s: registry has it %s at %s, its workflow %s at %s", file.Code, have.Phase, have.Desk, want.Phase, want.Desk), nil
	}
	return nil, nil
}

// verifyCovers compares the codes that lead to a file with those that its entries gave
// it.
func (o *office) verifyCovers(ctx context.Context, file label.Code, entries []custody.Entry) (problem, err error) {
	given, err := o.store.Given(ctx, file)
	if err != nil {
		return nil, err
	}
	want := custody.Covers(entries)
	for _, g := range given {
		if g.Revision != want[g.Code] || g.Revision == 0 {
			return fmt.Errorf("file %s: cover %s is of revision %d, its entries say %d", file, g.Code, g.Revision, want[g.Code]), nil
		}
		delete(want, g.Code)
	}
	for code, revision := range want {
		return fmt.Errorf("file %s: cover %s of revision %d is not looked up", file, code, revision), nil
	}
	return nil, nil
}

// print tells the findings, and reports whether all is well.
func (f findings) print(w io.Writer) bool {
	for _, p := range slices.Clip(f.Problems) {
		fmt.Fprintln(w, "✗", p)
	}
	fmt.Fprintf(w, "%d files, %d entries, %d running workflows: ", f.Files, f.Entries, f.Workflows)
	if len(f.Problems) > 0 {
		fmt.Fprintf(w, "%d problems\n", len(f.Problems))
		return false
	}
	fmt.Fprintln(w, "every chain is whole")
	return true
}
