package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"harkara/internal/audit"
	"harkara/internal/bench/fill"
	"harkara/internal/office"
)

// Rebuild compares making an office's workflows again with starting workflows that do
// nothing but wait, as many at once.
type Rebuild struct {
	Site
	Files  int // open; put into the ledger first, without Temporal
	Bare   int // workflows that do nothing, half of them before and half after
	AtOnce int
}

// Run measures and prints.
func (b Rebuild) Run(ctx context.Context) (err error) {
	m, err := b.open(ctx, office.Roles{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := fill.Register(ctx, m.office.Ledger, 0, b.Files); err != nil {
		return err
	}
	if err := fill.Settle(ctx, m.office.Ledger); err != nil {
		return err
	}
	temporal := m.office.Engine.Temporal()
	w := worker.New(temporal, bareQueue, worker.Options{MaxConcurrentWorkflowTaskPollers: 8})
	w.RegisterWorkflowWithOptions(bare, workflow.RegisterOptions{Name: bareType})
	if err := w.Start(); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	defer w.Stop()
	before, err := b.starts(ctx, temporal)
	if err != nil {
		return err
	}
	began := time.Now()
	bar := newBar(b.Progress, b.Files, "files")
	r, err := m.office.Rebuild(ctx, audit.Rebuild{AtOnce: b.AtOnce}, func(made, _ int) { _ = bar.Set(made) })
	_ = bar.Finish()
	if err == nil && r.Found > 0 {
		err = fmt.Errorf("%d findings, the first: %v", r.Found, r.Findings[0])
	}
	if err != nil {
		return err
	}
	took := time.Since(began)
	load := "unknown"
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(raw), " ")
	}
	after, err := b.starts(ctx, temporal)
	if err != nil {
		return err
	}
	rate := float64(r.Made) / took.Seconds()
	fmt.Fprintf(b.Out, "%d open files rebuilt in %.1f s: %.0f/s, each looked at\n", r.Made, took.Seconds(), rate)
	fmt.Fprintf(b.Out, "bare workflow starts, as many at once: %.0f/s before, %.0f/s after; rebuilt to bare %.2f\n", before, after, 2*rate/(before+after))
	fmt.Fprintf(b.Out, "load at the end of the rebuild: %s\n", load)
	return nil
}

// starts is how many bare workflows a second are started, with a worker that takes their
// first tasks.
func (b Rebuild) starts(ctx context.Context, temporal client.Client) (float64, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(b.AtOnce)
	began := time.Now()
	for range b.Bare / 2 {
		group.Go(func() error {
			_, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "bench-" + uuid.NewString(), TaskQueue: bareQueue}, bareType)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, fmt.Errorf("start bare workflow: %w", err)
	}
	return float64(b.Bare/2) / time.Since(began).Seconds(), nil
}
