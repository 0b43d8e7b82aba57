// Package bench measures speeds in one run on one engine, as ratios.
package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/schollz/progressbar/v3"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harkara/internal/bench/spent"
	"harkara/internal/label"
)

// Scans compares full scans (HTTP in, stored, decided, committed, on the feed)
// with bare Updates of a workflow that keeps a counter.
type Scans struct {
	Site
	Files  int
	Scans  int // of each kind, over all rounds
	Rounds int // bare and full alternate
	AtOnce int
	Cold   bool // all workflows are evicted from memory before every piece of work
}

// figures of one kind of work.
type figures struct {
	rate  []float64       // per second, of each round
	alone []time.Duration // one at a time
	spent []time.Duration // of processors, for each, of each round
}

const (
	bareType  = "bench-bare"
	bareQueue = "bench"
	bareAct   = "count"
	aloneRuns = 400
)

// bare is the least a durable workflow can do with an Update.
func bare(ctx workflow.Context) error {
	n := 0
	err := workflow.SetUpdateHandler(ctx, bareAct, func(workflow.Context, string) (int, error) { n++; return n, nil })
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return workflow.GetInfo(ctx).GetContinueAsNewSuggested() })
}

// Run measures and prints a table.
func (b Scans) Run(ctx context.Context) (err error) {
	if b.AtOnce > b.Files {
		return fmt.Errorf("%d scans at once need as many files, not %d", b.AtOnce, b.Files)
	}
	m, err := b.serve(ctx, b.AtOnce)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	temporal := m.office.Engine.Temporal()
	w := worker.New(temporal, bareQueue, worker.Options{MaxConcurrentWorkflowTaskPollers: 8})
	w.RegisterWorkflowWithOptions(bare, workflow.RegisterOptions{Name: bareType})
	if err := w.Start(); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	defer w.Stop()
	run := uuid.NewString()
	codes := make([]label.Code, b.Files)
	counters := make([]string, b.Files)
	for i := range b.Files {
		var err error
		if codes[i], err = m.open(ctx, i); err != nil {
			return err
		}
		counters[i] = fmt.Sprintf("bench-%s-%d", run, i)
		if _, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: counters[i], TaskQueue: bareQueue}, bareType); err != nil {
			return fmt.Errorf("start bare workflow: %w", err)
		}
	}
	defer func() {
		for _, id := range counters {
			_ = temporal.TerminateWorkflow(context.WithoutCancel(ctx), id, "", "bench is over")
		}
	}()
	update := func(ctx context.Context, i int) error {
		h, err := temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: counters[i], UpdateName: bareAct, UpdateID: uuid.NewString(), Args: []any{"x"}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err != nil {
			return err
		}
		return h.Get(ctx, nil)
	}
	scanned := make([]int, b.Files) // of each file, which one goroutine at a time scans
	scan := func(ctx context.Context, i int) error {
		scanned[i]++
		return m.scan(ctx, codes[i], scanned[i]-1)
	}
	var bareFigures, full figures
	bar := newBar(b.Progress, 2*b.Scans, "scans")
	each := b.Scans / b.Rounds
	for range b.Rounds {
		for _, kind := range []struct {
			do   func(ctx context.Context, file int) error
			into *figures
		}{{update, &bareFigures}, {scan, &full}} {
			before, err := spent.Processor()
			if err != nil {
				return err
			}
			rate, err := b.rate(ctx, each, b.chilled(kind.do), bar)
			if err != nil {
				return err
			}
			after, err := spent.Processor()
			if err != nil {
				return err
			}
			kind.into.rate, kind.into.spent = append(kind.into.rate, rate), append(kind.into.spent, (after-before)/time.Duration(each))
			alone, err := b.alone(ctx, aloneRuns/b.Rounds, kind.do)
			if err != nil {
				return err
			}
			kind.into.alone = append(kind.into.alone, alone...)
		}
	}
	b.print(bareFigures, full)
	return nil
}

// chilled does work after evicting what would make it warm.
func (b Scans) chilled(do func(context.Context, int) error) func(context.Context, int) error {
	if !b.Cold {
		return do
	}
	return func(ctx context.Context, file int) error {
		worker.PurgeStickyWorkflowCache()
		return do(ctx, file)
	}
}

// rate does n pieces of work, AtOnce at a time: each of that many has files of its
// own.
func (b Scans) rate(ctx context.Context, n int, do func(context.Context, int) error, bar *progressbar.ProgressBar) (float64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for k := range b.AtOnce {
		group.Go(func() {
			for file := k; next.Add(1) <= int64(n) && ctx.Err() == nil; {
				if err := do(ctx, file); err != nil {
					cancel(err)
					return
				}
				_ = bar.Add(1)
				if file += b.AtOnce; file >= b.Files {
					file = k
				}
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

func (b Scans) alone(ctx context.Context, n int, do func(context.Context, int) error) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	for i := range took {
		if b.Cold {
			worker.PurgeStickyWorkflowCache()
		}
		began := time.Now()
		if err := do(ctx, i%b.Files); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
	}
	return took, nil
}

func (b Scans) print(bare, full figures) {
	temperature := "warm"
	if b.Cold {
		temperature = "cold"
	}
	fmt.Fprintf(b.Out, "%d files, %d scans of each kind in %d rounds, %d at once, %s\n\n", b.Files, b.Scans, b.Rounds, b.AtOnce, temperature)
	fmt.Fprintf(b.Out, "%-34s %10s %12s %12s %16s\n", "", "rate", "p50 alone", "p99 alone", "processor, each")
	for _, row := range []struct {
		name string
		f    figures
	}{{"bare workflow Updates", bare}, {"full scans, HTTP to feed", full}} {
		slices.Sort(row.f.alone)
		fmt.Fprintf(b.Out, "%-34s %8.0f/s %9.1f ms %9.1f ms %13.1f ms\n", row.name, middle(row.f.rate), ms(quantile(row.f.alone, .5)), ms(quantile(row.f.alone, .99)), ms(middle(row.f.spent)))
	}
	ratios := make([]float64, len(full.rate))
	for i := range ratios {
		ratios[i] = full.rate[i] / bare.rate[i]
	}
	fmt.Fprintf(b.Out, "\nfull to bare, by round: median %.2f of %.2f\n", middle(ratios), ratios)
}

func middle[T cmp.Ordered](list []T) T {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[int(float64(len(sorted)-1)*q)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
