package audit

import (
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

	AtOnce   int           // workflows that are made at once; 0: 24
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

const (
	madeAtOnce = 24
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
	out.Made, out.Findings, out.Found, out.Unmade = int(w.made.Load()), w.found.Findings, w.found.Found, w.unmade
	slices.SortFunc(out.Findings, func(a, b Finding) int { return cmpCodes(a.File, b.File) })
	return out, err
}

func cmpCodes(a, b label.Code) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
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

// rebuilding is a rebuild under way. Its walk reads and judges; many make; what is made is
// noted page by page, in order.
type rebuilding struct {
	Rebuild
	number   custody.Incarnation
	of       int // open files
	progress func(made, of int)
	made     atomic.Int64
	found    Report // the walk's own
	unmade   int
}

// page is codes that are noted together.
type page struct {
	next   label.Code // where the walk goes on; empty: it is over
	made   int
	making sync.WaitGroup
}

func (w *rebuilding) walk(ctx context.Context, after label.Code) error {
	group, ctx := errgroup.WithContext(ctx)
	makers, making := errgroup.WithContext(ctx)
	makers.SetLimit(orElse(w.AtOnce, madeAtOnce))
	pages := make(chan *page, ahead)
	group.Go(func() error {
		defer close(pages)
		err := w.read(making, after, makers, pages)
		return errors.Join(makers.Wait(), ignoring(err, making))
	})
	group.Go(func() error {
		for p := range pages {
			p.making.Wait()
			if making.Err() != nil && !w.whole(p) {
				continue // some of it are not made; the walk says why
			}
			if err := w.Ledger.Remade(ctx, w.number, p.next, p.made, p.next == ""); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}
