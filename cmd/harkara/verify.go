package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// Run verifies an office, whether it runs or not. It changes nothing.
func (c *verifyCmd) Run(w *world) error {
	o, err := openOrVisit(w.ctx, c.config(w.log), true, w.log)
	if err != nil {
		return err
	}
	f, err := o.verify(w.ctx, terminal(w.err))
	if err := errors.Join(err, o.close()); err != nil {
		return err
	}
	if !f.print(w.out) {
		return errFound
	}
	return nil
}

// findings is what verification came to.
type findings struct {
	Files, Entries, Workflows int       // workflows that answered
	Problems                  []problem // by code

	mu   sync.Mutex
	mute int // workflows that did not answer before any did
}

// problem is a file with what is wrong with it.
type problem struct {
	code label.Code
	what error
}

const (
	pageOf = 500 // files that are read together
	eyes   = 16  // look at files together
	looks  = 4   // before what differs is a finding: a command may be under way
)

// verify recomputes every chain, folds it, compares the registry with what that
// comes to, and each open file's chain with its workflow's snapshot. It holds a page
// of files in memory. progress is a terminal, or nil.
func (o *office) verify(ctx context.Context, progress io.Writer) (*findings, error) {
	total, err := o.store.CountFiles(ctx)
	if err != nil {
		return nil, err
	}
	bar := progressOn(progress, total, "files")
	f := &findings{}
	for after := label.Code(""); ; {
		files, err := o.store.Files(ctx, after, pageOf)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			break
		}
		if err := o.lookAt(ctx, files, f, func() { _ = bar.Add(1) }); err != nil {
			return nil, err
		}
		after = files[len(files)-1].Code
	}
	_ = bar.Finish()
	return f, o.lookAgain(ctx, f)
}

// lookAgain keeps of the problems those that stay.
func (o *office) lookAgain(ctx context.Context, f *findings) error {
	pause := time.NewTicker(500 * time.Millisecond)
	defer pause.Stop()
	for range looks - 1 {
		if len(f.Problems) == 0 {
			return nil
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		still := &findings{}
		for page := range slices.Chunk(f.Problems, pageOf) {
			var files []ledger.Registered
			for _, p := range page {
				now, err := o.store.Files(ctx, before(p.code), 1)
				if err != nil {
					return err
				}
				files = append(files, now...)
			}
			if err := o.lookAt(ctx, files, still, func() {}); err != nil {
				return err
			}
		}
		f.Problems = still.Problems
	}
	slices.SortFunc(f.Problems, func(a, b problem) int { return cmp.Compare(a.code, b.code) })
	return nil
}

// before is the text just below a code, for walking to it again.
func before(code label.Code) label.Code { return code[:len(code)-1] }

// lookAt looks at files, some at once, and adds what it finds.
func (o *office) lookAt(ctx context.Context, files []ledger.Registered, f *findings, done func()) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(eyes)
	for _, file := range files {
		group.Go(func() error {
			defer done()
			entries, wrong, err := o.verifyFile(ctx, file)
			if err != nil {
				return err
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.Files++
			f.Entries += entries
			switch mute := errors.Is(wrong, errMute); {
			case mute && f.Workflows == 0:
				if f.mute++; f.mute == eyes {
					return errors.New("no workflow answers: is a worker of this office running?")
				}
			case file.Final == nil && !mute:
				f.Workflows++
			}
			if wrong != nil {
				f.Problems = append(f.Problems, problem{file.Code, fmt.Errorf("file %s: %w", file.Code.Format(), wrong)})
			}
			return nil
		})
	}
	return group.Wait()
}

// verifyFile returns how many entries a file has, and what is wrong with it.
func (o *office) verifyFile(ctx context.Context, file ledger.Registered) (n int, wrong, err error) {
	stored, err := o.store.Entries(ctx, file.Code)
	if err != nil {
		return 0, nil, err
	}
	head, entries, broken := custody.Chain(custody.Head{}, file.Code, stored)
	switch {
	case broken != nil:
		return len(stored), broken, nil
	case head.Revision != file.Head.Revision:
		return len(stored), fmt.Errorf("its entries end at revision %d, the registry says %d", head.Revision, file.Head.Revision), nil
	case head != file.Head:
		return len(stored), errors.New("the registry has another hash than its last entry"), nil
	}
	if wrong, err := o.verifyCovers(ctx, file.Code, entries); wrong != nil || err != nil {
		return len(stored), wrong, err
	}
	if !file.Wake.Equal(file.Position.Wake) {
		return len(stored), errors.New("the registry wakes it at another time than its position says"), nil
	}
	told := custody.Replay(file.Code, entries)
	if wrong, err := o.verifyWords(ctx, file, told, entries); wrong != nil || err != nil {
		return len(stored), wrong, err
	}
	if d := differences(file.Position, told.Position()); d != "" {
		return len(stored), fmt.Errorf("the registry differs from its entries: %s", d), nil
	}
	if file.Final != nil {
		return len(stored), differ("what was kept when it was closed", *file.Final, told), nil
	}
	s, err := o.snapshot(ctx, file.Code)
	switch {
	case errors.Is(err, errNoWorkflow), errors.Is(err, errMute):
		return len(stored), err, nil
	case err != nil:
		return 0, nil, err
	}
	if wrong, err = o.follows(ctx, s, head); wrong != nil || err != nil {
		return len(stored), wrong, err
	}
	for _, e := range s.Unconfirmed {
		if e.Revision > head.Revision {
			told = custody.Apply(told, e)
		}
	}
	return len(stored), differ("its workflow", *s, told), nil
}

// verifyWords compares what stands beside a chain with the digests in it, and what the
// registry says that a file is with both.
func (o *office) verifyWords(ctx context.Context, file ledger.Registered, told custody.State, entries []custody.Entry) (wrong, err error) {
	words, err := o.store.Words(ctx, file.Code)
	if err != nil {
		return nil, err
	}
	var called custody.Naming
	for _, e := range entries {
		if err := words[e.Command].Check(e); err != nil {
			return err, nil
		}
		called = called.After(e, words[e.Command])
	}
	want := custody.File{Code: file.Code, Number: called.Number, Subject: called.Subject, Department: told.Department, Opened: told.Opened, Class: told.Class}
	switch have := file.File; {
	case have.Number != want.Number, have.Subject != want.Subject: // what people typed is not printed
		return errors.New("the registry has another number or subject than its entries"), nil
	case have.Department != want.Department, !have.Opened.Equal(want.Opened), have.Class != want.Class:
		return fmt.Errorf("the registry says department %s, opened %s, class %q; its entries %s, %s, %q", have.Department, have.Opened, have.Class, want.Department, want.Opened, want.Class), nil
	case !slices.Equal(file.Relies, told.Relies()):
		return errors.New("the registry names other contents than its entries for the next decision"), nil
	}
	return nil, nil
}

// differ holds a state against what the entries come to. What leaves no entry is the
// inbox's: which command came last, and its answer.
func differ(of string, s, told custody.State) error {
	for _, s := range []*custody.State{&s, &told} {
		s.Version, s.Seq, s.Last, s.Unconfirmed, s.Untold = 0, 0, nil, nil, nil
	}
	if d := differences(s, told); d != "" {
		return fmt.Errorf("%s differs from its entries: %s", of, d)
	}
	return nil
}

// differences names the fields in which something is not as it should be.
func differences[T any](have, want T) string {
	var out []string
	h, w := reflect.ValueOf(have), reflect.ValueOf(want)
	for i := range h.NumField() {
		is, should := h.Field(i).Interface(), w.Field(i).Interface()
		same := reflect.DeepEqual(is, should)
		if at, instant := is.(time.Time); instant {
			same = at.Equal(should.(time.Time))
		}
		if !same {
			name, _, _ := strings.Cut(h.Type().Field(i).Tag.Get("json"), ",")
			out = append(out, fmt.Sprintf("%s is %+v, should be %+v", cmp.Or(name, strings.ToLower(h.Type().Field(i).Name)), is, should))
		}
	}
	return strings.Join(out, "; ")
}

// What an open file's workflow may be found to be, beside in order.
var (
	errNoWorkflow = errors.New("it is open and has no workflow")
	errMute       = errors.New("its workflow does not answer")
)

// hearing is how long a workflow is asked before it counts as mute.
const hearing = 20 * time.Second

// snapshot asks an open file's workflow; errNoWorkflow, errMute.
func (o *office) snapshot(ctx context.Context, code label.Code) (*custody.State, error) {
	within, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		s, err := o.ask(within, code)
		var (
			late     *serviceerror.DeadlineExceeded
			notReady *serviceerror.WorkflowNotReady // its last task failed, as on a worker that was killed: it is tried again
			failed   *serviceerror.QueryFailed
		)
		switch {
		case errors.As(err, &failed):
			return nil, fmt.Errorf("%w: %w", errMute, err)
		case !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &late) && !errors.As(err, &notReady) || ctx.Err() != nil:
			return s, err
		}
		select {
		case <-again.C:
		case <-within.Done():
			return nil, fmt.Errorf("%w: %w", errMute, err)
		}
	}
}

func (o *office) ask(ctx context.Context, code label.Code) (s *custody.State, err error) {
	answer, err := o.engine.Temporal().QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: workflows.FileID(code), QueryType: workflows.SnapshotQuery,
		QueryRejectCondition: enums.QUERY_REJECT_CONDITION_NOT_OPEN, // one that ended still answers
	})
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) || err == nil && answer.QueryRejected != nil {
		return nil, errNoWorkflow
	}
	if err == nil {
		err = answer.QueryResult.Get(&s)
	}
	if err != nil {
		return nil, fmt.Errorf("ask workflow of file %s: %w", code, err)
	}
	return s, nil
}

// follows checks that a workflow is where the ledger is, or ahead of it by decisions
// that were not committed: their commands still wait in the ledger, and their
// entries follow its last one.
func (o *office) follows(ctx context.Context, s *custody.State, head custody.Head) (wrong, err error) {
	if s.Head == head {
		return nil, nil
	}
	ahead := fmt.Errorf("its entries end at revision %d, its workflow is at %d", head.Revision, s.Head.Revision)
	var decided [][]byte
	for _, e := range s.Unconfirmed {
		if e.Revision > head.Revision {
			decided = append(decided, e.Bytes())
		}
	}
	end, _, broken := custody.Chain(head, s.File, decided)
	if broken != nil || end != s.Head {
		return ahead, nil
	}
	if n, err := o.store.Undecided(ctx, s.File); n > 0 || err != nil {
		return nil, err
	}
	return ahead, nil
}

// verifyCovers compares the codes that lead to a file with those that its entries gave
// it.
func (o *office) verifyCovers(ctx context.Context, file label.Code, entries []custody.Entry) (wrong, err error) {
	given, err := o.store.Given(ctx, file)
	if err != nil {
		return nil, err
	}
	want := custody.Covers(entries)
	for _, g := range given {
		if g.Revision != want[g.Code] || g.Revision == 0 {
			return fmt.Errorf("cover %s is of revision %d, its entries say %d", g.Code, g.Revision, want[g.Code]), nil
		}
		delete(want, g.Code)
	}
	for code, revision := range want {
		return fmt.Errorf("cover %s of revision %d is not looked up", code, revision), nil
	}
	return nil, nil
}

// print tells the findings, and reports whether all is well.
func (f *findings) print(w io.Writer) bool {
	for _, p := range f.Problems {
		fmt.Fprintln(w, "✗", p.what)
	}
	fmt.Fprintf(w, "%d files, %d entries, %d running workflows: ", f.Files, f.Entries, f.Workflows)
	if len(f.Problems) > 0 {
		fmt.Fprintf(w, "%d problems\n", len(f.Problems))
		return false
	}
	fmt.Fprintln(w, "every chain is whole")
	return true
}
