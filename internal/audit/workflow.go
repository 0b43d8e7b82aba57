package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

// Workflows is what the engine says of files' workflows. Snapshot returns ErrNoWorkflow
// and ErrMute.
type Workflows interface {
	Running(ctx context.Context, each func(label.Code)) error
	Snapshot(ctx context.Context, code label.Code, patience time.Duration) (*custody.State, error)
}

// What a workflow may be found to be, beside in order.
var (
	ErrNoWorkflow = errors.New("no workflow runs")
	ErrMute       = errors.New("its workflow does not answer")
)

// workflow asks whether a file's workflow is where the ledger is, or ahead of it by
// decisions that are on their way there; and whether one runs where there is no file.
func (a *Auditor) workflow(ctx context.Context, t *trial, open bool) (f *Finding, asked bool, err error) {
	s, err := a.Workflows.Snapshot(ctx, t.Code, a.Patience)
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
	if f := t.follows(s); f != nil {
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

// Temporal asks a Temporal server.
type Temporal struct{ Client client.Client }

// hearing is how long a workflow is asked before it counts as mute.
const hearing = 20 * time.Second

const (
	listRunning = "WorkflowType = '" + workflows.FileType + "' AND ExecutionStatus = 'Running'"
	listOf      = 1000 // workflows in one answer
)

// Running lists the codes whose workflows run, in no order. One that has just begun may be
// missing, one that has just ended be there.
func (t Temporal) Running(ctx context.Context, each func(label.Code)) error {
	var page []byte
	for {
		answer, err := t.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: listRunning, PageSize: listOf, NextPageToken: page})
		if err != nil {
			return fmt.Errorf("list running workflows: %w", err)
		}
		for _, e := range answer.Executions {
			if code, ok := workflows.CodeOf(e.Execution.WorkflowId); ok {
				each(code)
			}
		}
		if page = answer.NextPageToken; len(page) == 0 {
			return nil
		}
	}
}

// Snapshot asks a file's workflow for its state, again while a worker comes to it, for so
// long; 0: twenty seconds.
func (t Temporal) Snapshot(ctx context.Context, code label.Code, patience time.Duration) (*custody.State, error) {
	if patience == 0 {
		patience = hearing
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		s, err := t.ask(within, code)
		var (
			late     *serviceerror.DeadlineExceeded
			notReady *serviceerror.WorkflowNotReady // its last task failed, as on a worker that was killed: it is tried again
			failed   *serviceerror.QueryFailed
		)
		switch {
		case errors.As(err, &failed):
			return nil, fmt.Errorf("%w: %w", ErrMute, err)
		case !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &late) && !errors.As(err, &notReady) || ctx.Err() != nil:
			return s, err
		}
		if pause(within, between/2) != nil {
			return nil, fmt.Errorf("%w: %w", ErrMute, err)
		}
	}
}

func (t Temporal) ask(ctx context.Context, code label.Code) (s *custody.State, err error) {
	answer, err := t.Client.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: workflows.FileID(code), QueryType: workflows.SnapshotQuery,
		QueryRejectCondition: enums.QUERY_REJECT_CONDITION_NOT_OPEN, // one that ended still answers
	})
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) || err == nil && answer.QueryRejected != nil {
		return nil, ErrNoWorkflow
	}
	if err == nil {
		err = answer.QueryResult.Get(&s)
	}
	if err != nil {
		return nil, fmt.Errorf("ask workflow of file %s: %w", code, err)
	}
	return s, nil
}
