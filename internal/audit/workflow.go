package audit

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

// Workflows is what the engine says of files' workflows. Snapshot returns ErrNoWorkflow
// and ErrMute.
type Workflows interface {
	Running(ctx context.Context, each func(label.Code)) error
	Snapshot(ctx context.Context, code label.Code, patience time.Duration) (*workflows.Snapshot, error)
}

// What a workflow may be found to be, beside in order.
var (
	ErrNoWorkflow = errors.New("no workflow runs")
	ErrMute       = errors.New("its workflow does not answer")
)

// workflow asks whether a file's workflow is where the ledger is, or ahead of it by
// decisions that are on their way there; and whether one runs where there is no file.
func (a *Auditor) workflow(ctx context.Context, t *trial, open bool) (f *Finding, asked bool, err error) {
	s, err := a.Workflows.Snapshot(ctx, t.Code, a.patience)
	fail := func(kind Kind) (*Finding, bool, error) {
		return &Finding{File: t.Code, Kind: kind, Place: "workflow"}, false, nil
	}
	switch {
	case errors.Is(err, ErrNoWorkflow):
		if open {
			return fail(Homeless)
		}
		return nil, false, nil
	case errors.Is(err, ErrMute):
		return fail(Mute)
	case err != nil:
		return nil, false, err
	case len(t.entries) == 0: // it may be about to be opened
		if waits := t.Queue != nil && t.Queue.Done < t.Queue.Last; waits {
			return nil, true, nil
		}
		return fail(Stray)
	}
	f = unlike(Incarnation, "workflow", s.Incarnation, t.Incarnation)
	if f == nil {
		f = t.follows(&s.State)
	}
	if f != nil {
		f.File = t.Code
		return f, true, nil
	}
	return nil, true, nil
}

// follows compares a workflow's state with what the chain comes to. Where it is ahead its
// commands still wait in the ledger, and its entries follow the last one.
func (t *trial) follows(s *custody.State) *Finding {
	told := t.state
	if s.Head != t.head {
		var decided [][]byte
		for _, e := range s.Unconfirmed {
			if e.Revision > t.head.Revision {
				decided = append(decided, e.Bytes())
			}
		}
		end, entries, broken := custody.Chain(t.head, t.Code, decided)
		if broken != nil || end != s.Head || t.Queue.Done == t.Queue.Last || t.Queue.Stuck {
			return first(unlike(Workflow, "revision", s.Head.Revision, t.head.Revision), unlike(Workflow, "hash", s.Head.Hash, t.head.Hash))
		}
		for _, e := range entries {
			told = custody.Apply(told, e)
		}
	}
	have := *s
	// What leaves no entry is the inbox's: which command came last, and its answer.
	for _, s := range []*custody.State{&have, &told} {
		s.Version, s.Seq, s.Last, s.Unconfirmed, s.Untold = 0, 0, nil, nil, nil
	}
	return differ(Workflow, "", have, told)
}

// roll is the codes whose workflows run, by number: it is small for a great office too.
type roll struct {
	ask   bool // all of them, for their states
	codes []uint64

	mu       sync.Mutex
	met      []bool
	answered bool // one of them
	mute     int  // before any did
}

// ErrSilent: nobody answers for any workflow.
var ErrSilent = errors.New("no workflow answers: is a worker of this office running?")

// heard counts answers, and gives up where there is none.
func (r *roll) heard(f *Finding) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f == nil || f.Kind != Mute {
		r.answered = true
		return nil
	}
	if r.mute++; r.mute >= eyes && !r.answered {
		return ErrSilent
	}
	return nil
}

// running lists what runs; nil where nobody is asked.
func (a *Auditor) running(ctx context.Context, ask bool) (*roll, error) {
	if a.Workflows == nil {
		return nil, nil
	}
	r := &roll{ask: ask}
	err := a.Workflows.Running(ctx, func(code label.Code) {
		if n, err := strconv.ParseUint(string(code), 10, 64); err == nil {
			r.codes = append(r.codes, n)
		}
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(r.codes)
	r.codes = slices.Compact(r.codes)
	r.met = make([]bool, len(r.codes))
	return r, nil
}

// has reports whether a code's workflow ran when they were listed, and that it was asked
// for.
func (r *roll) has(code label.Code) bool {
	n, err := strconv.ParseUint(string(code), 10, 64)
	if err != nil {
		return false
	}
	i, ok := slices.BinarySearch(r.codes, n)
	if ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.met[i] = true
	}
	return ok
}

// strays judges the workflows that no code of the ledger was met for.
func (a *Auditor) strays(ctx context.Context, r *roll) (found []Finding, err error) {
	if r == nil {
		return nil, nil
	}
	var unmet []label.Code
	for i, met := range r.met {
		if !met {
			unmet = append(unmet, label.Code(strconv.FormatUint(r.codes[i], 10)))
		}
	}
	var lost []label.Code // a walk that was interrupted met others before
	for page := range slices.Chunk(unmet, listOf) {
		of, err := a.Ledger.Unfiled(ctx, page)
		if err != nil {
			return nil, err
		}
		lost = append(lost, of...)
	}
	for _, code := range lost {
		f, err := a.File(ctx, code)
		switch {
		case errors.Is(err, custody.ErrNotFound): // it has ended
		case err != nil:
			return nil, err
		case f != nil:
			found = append(found, *f)
		}
	}
	return found, nil
}
