package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/api/serviceerror"
	"golang.org/x/sync/errgroup"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// Maker makes files' workflows: see Temporal. A start that is asked for again makes
// another in place of the first.
type Maker interface {
	Workflows
	Start(ctx context.Context, s workflows.Start) error
	End(ctx context.Context, code label.Code, why string) error
}

// Rebuild makes the workflow of every open file again from the ledger alone: from what its
// entries come to, and from the inbox what leaves none. It begins a new incarnation, whose
// number whatever those workflows say carries; what those of before still say is refused.
// While it is under way nothing is decided. It may be killed anywhere: run again it goes on.
type Rebuild struct {
	Ledger  *ledger.Store
	Maker   Maker
	Births  *Births // of a worker that runs what is made
	Home    string  // id of the namespace that Maker makes them in
	Replace bool    // also where workflows run already: they end

	AtOnce   int           // workflows that are made at once; 0: MadeAtOnce
	Together int           // codes that are noted together; 0: 200
	Patience time.Duration // how long one may take to be made; 0: two minutes
}

// Rebuilt is what a rebuild came to.
type Rebuilt struct {
	Incarnation custody.Incarnation
	Resumed     bool      // it went on with one that was interrupted
	Made        int       // workflows, also before it was interrupted
	Ended       int       // older workflows that no open file has
	Findings    []Finding // of files whose ledger is not whole, the first of them
	Found       int       // all of them
	Unmade      int       // those of them whose state nobody can tell: they have no workflow
}

// ErrInhabited: workflows of files run in the Temporal that is to be built in.
var ErrInhabited = errors.New("workflows of files run in this Temporal")

// MadeAtOnce is how many workflows are made at once. More keep each other waiting for the
// engine.
const MadeAtOnce = 24

const (
	makeFor    = 2 * time.Minute
	attemptFor = 10 * time.Second
	bornWithin = 2 * time.Second // then somebody else's worker has it, and it is asked
	ahead      = 4               // pages that are judged before the first of them is made
	replaced   = "the office's workflows are made again from its ledger"
)

// Run makes them. progress is told how many are made, of how many open files, and may be
// nil. Errors: ErrInhabited, and what keeps it from going on.
func (r Rebuild) Run(ctx context.Context, progress func(made, of int)) (Rebuilt, error) {
	in, resumed, err := r.begin(ctx)
	if err != nil {
		return Rebuilt{}, err
	}
	out := Rebuilt{Incarnation: in.Number, Resumed: resumed}
	if out.Ended, err = r.clear(ctx); err != nil {
		return out, err
	}
	of, err := r.Ledger.CountOpen(ctx)
	if err != nil {
		return out, err
	}
	w := &rebuilding{Rebuild: r, number: in.Number, of: of, progress: progress}
	w.made.Store(int64(in.Made))
	err = w.walk(ctx, in.After)
	out.Made, out.Findings, out.Found, out.Unmade = int(w.made.Load()), w.found.Findings, w.found.Found, w.none
	return out, err
}

// begin begins an incarnation, or goes on with the one that is being made.
func (r Rebuild) begin(ctx context.Context) (in ledger.Incarnation, resumed bool, err error) {
	if in, err = r.Ledger.Incarnation(ctx); err != nil {
		return in, false, err
	}
	resumed = in.Temporal == r.Home && !in.Ended
	if !resumed && !r.Replace {
		n := 0
		if err := r.Maker.Running(ctx, func(label.Code) { n++ }); err != nil {
			return in, false, err
		}
		if n > 0 {
			return in, false, fmt.Errorf("%w: %d", ErrInhabited, n)
		}
	}
	in, err = r.Ledger.Reincarnate(ctx, r.Home)
	return in, resumed, err
}

// clear ends the workflows that no open file has. Those that one has give way to the one
// that is made.
func (r Rebuild) clear(ctx context.Context) (ended int, err error) {
	var codes []label.Code
	if err := r.Maker.Running(ctx, func(code label.Code) { codes = append(codes, code) }); err != nil {
		return 0, err
	}
	for page := range slices.Chunk(codes, listOf) {
		strays, err := r.Ledger.Unopen(ctx, page)
		if err != nil {
			return ended, err
		}
		for _, code := range strays {
			if err := r.Maker.End(ctx, code, replaced); err != nil {
				return ended, err
			}
			ended++
		}
	}
	return ended, nil
}

// rebuilding is a rebuild under way: one reads and judges, many make, one notes what is
// made, page by page and in order.
type rebuilding struct {
	Rebuild
	number   custody.Incarnation
	of       int // open files
	progress func(made, of int)
	made     atomic.Int64

	mu    sync.Mutex
	found Report // its findings alone
	none  int    // files whose state nobody can tell
}

// page is codes that are noted together.
type page struct {
	next   label.Code // where the walk goes on; empty: it is over
	starts []workflows.Start
	left   atomic.Int64
	done   chan struct{} // closed when none is left
}

type job struct {
	start workflows.Start
	page  *page
}

func (w *rebuilding) walk(ctx context.Context, after label.Code) error {
	group, ctx := errgroup.WithContext(ctx)
	jobs, pages := make(chan job), make(chan *page, ahead)
	group.Go(func() error {
		defer close(jobs)
		defer close(pages)
		return w.read(ctx, after, jobs, pages)
	})
	for range cmp.Or(w.AtOnce, MadeAtOnce) {
		group.Go(func() error {
			for j := range jobs {
				if err := w.make(ctx, j.start); err != nil {
					return err
				}
				if made := w.made.Add(1); w.progress != nil {
					w.progress(int(made), w.of)
				}
				if j.page.left.Add(-1) == 0 {
					close(j.page.done)
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		for p := range pages {
			select {
			case <-p.done:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err := w.Ledger.Remade(ctx, w.number, p.next, len(p.starts), p.next == ""); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

// read judges every file and hands those on that are open.
func (w *rebuilding) read(ctx context.Context, after label.Code, jobs chan<- job, pages chan<- *page) error {
	a := &Auditor{Ledger: w.Ledger}
	for {
		list, next, err := w.Ledger.Evidence(ctx, after, cmp.Or(w.Together, batchOf))
		if err != nil {
			return err
		}
		p := &page{next: next, done: make(chan struct{})}
		for _, ev := range list {
			t, f, err := a.try(ctx, ev)
			if err != nil {
				return err
			}
			if f != nil {
				w.finds(*f, !t.holds)
			}
			if t.holds && len(t.entries) > 0 && t.state.Leg.Phase != custody.Ended {
				p.starts = append(p.starts, workflows.From(t.now(t.state), w.number))
			}
		}
		if p.left.Store(int64(len(p.starts))); len(p.starts) == 0 {
			close(p.done)
		}
		select {
		case pages <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, s := range p.starts {
			select {
			case jobs <- job{s, p}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

func (w *rebuilding) finds(f Finding, unmade bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found.add(f)
	if unmade {
		w.none++
	}
}

// make makes one workflow, and looks at what came of it.
func (w *rebuilding) make(ctx context.Context, s workflows.Start) error {
	within, cancel := context.WithTimeoutCause(ctx, cmp.Or(w.Patience, makeFor), fmt.Errorf("make workflow of file %s: no success in time", s.State.File))
	defer cancel()
	born := w.Births.expect(s.State.File)
	defer w.Births.forget(s.State.File)
	if err := w.start(within, s); err != nil {
		return err
	}
	is, err := w.look(within, s.State.File, born)
	if err != nil {
		return err
	}
	if f := first(unlike(Incarnation, "workflow", is.Incarnation, w.number), differ(Workflow, "", is.State, s.State)); f != nil {
		f.File = s.State.File
		w.finds(*f, false)
	}
	return nil
}

// start tries until it is done or time is up: the engine may be away for a while.
func (w *rebuilding) start(ctx context.Context, s workflows.Start) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		attempt, cancel := context.WithTimeout(ctx, attemptFor)
		err := w.Maker.Start(attempt, s)
		cancel()
		var bad *serviceerror.InvalidArgument
		if err == nil || errors.As(err, &bad) {
			return err
		}
		if pause(ctx, wait) != nil {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// look returns what a workflow has begun with, from the worker that ran it, or from itself.
func (w *rebuilding) look(ctx context.Context, code label.Code, born <-chan workflows.Start) (*workflows.Snapshot, error) {
	others := time.NewTimer(bornWithin)
	defer others.Stop()
	select {
	case s := <-born:
		return &workflows.Snapshot{State: s.State, Incarnation: s.Incarnation}, nil
	case <-others.C:
		return w.Maker.Snapshot(ctx, code, 0)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
