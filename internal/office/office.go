// Package office composes an office of its parts: engine, ledger, worker, dispatcher and
// pages.
package office

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/worker"

	"harkara/internal/custody"
	"harkara/internal/engine"
	"harkara/internal/ledger"
)

// Office is a running engine with a ledger, and the roles on them.
type Office struct {
	Engine *engine.Engine
	Ledger *ledger.Store

	log    *slog.Logger
	worker worker.Worker
	failed chan error // what ended it for good

	incarnation custody.Incarnation // that the roles run

	stop        context.CancelFunc
	dispatching sync.WaitGroup
}

// Open starts the engine, opens the ledger and runs the roles, for which it waits until
// Temporal is there. Without one of those it needs the ledger alone, and goes beside
// a program that runs on the folder.
func Open(ctx context.Context, cfg engine.Config, r Roles) (*Office, error) {
	o, err := OpenLedger(ctx, cfg)
	if errors.Is(err, engine.ErrLocked) && !r.needTemporal() {
		return Visit(ctx, cfg)
	}
	if err != nil {
		return nil, err
	}
	if err := o.Join(ctx, r); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

// OpenLedger starts the engine and opens the ledger, migrated: enough to store scans and
// to show pages.
func OpenLedger(ctx context.Context, cfg engine.Config) (*Office, error) {
	e, err := engine.Start(ctx, cfg)
	if errors.Is(err, engine.ErrNoCluster) {
		return nil, fmt.Errorf("there is no office in %s: name its folder by --data", cfg.Dir)
	}
	if err != nil {
		return nil, err
	}
	err = ledger.Provision(ctx, e.OwnerURL(), e.LedgerURL())
	if err == nil {
		err = ledger.Migrate(ctx, e.OwnerURL())
	}
	if err != nil {
		return nil, errors.Join(cfg.Explain(err), e.Close())
	}
	return onEngine(ctx, e, cfg.Log)
}

// Visit opens the ledger of an office that another program runs on the folder, as that
// program has migrated it.
func Visit(ctx context.Context, cfg engine.Config) (*Office, error) {
	e, err := engine.Visit(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return onEngine(ctx, e, cfg.Log)
}

func onEngine(ctx context.Context, e *engine.Engine, log *slog.Logger) (*Office, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	store, err := ledger.Open(ctx, e.LedgerURL(), log)
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return &Office{log: log, Engine: e, Ledger: store, failed: make(chan error, 1), stop: func() {}}, nil
}

// OpenOrVisit is for who looks at an office, whether it runs or not. In one that does not
// run it brings Temporal up, with a worker to answer for the files. An idle one records no
// rung that came due meanwhile: stations may still hold the scans that came before it.
func OpenOrVisit(ctx context.Context, cfg engine.Config, idle bool) (*Office, error) {
	r := Roles{Worker: true, idle: idle}
	o, err := OpenLedger(ctx, cfg)
	if errors.Is(err, engine.ErrLocked) {
		r = Roles{}
		o, err = Visit(ctx, cfg)
	}
	if err != nil {
		return nil, err
	}
	if err := o.ready(ctx); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	if err := o.Join(ctx, r); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

// patience is how long who needs Temporal waits for it.
const patience = 2 * time.Minute

func (o *Office) ready(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return o.Engine.Ready(within)
}

// Fail says what ended this office for good; the first that did counts.
func (o *Office) Fail(err error) {
	select {
	case o.failed <- err:
	default:
	}
}

// Failed is told once what ended this office for good.
func (o *Office) Failed() <-chan error { return o.failed }

// Close ends everything in order: dispatcher, worker, ledger, then Temporal and
// PostgreSQL.
func (o *Office) Close() error {
	if o.Engine != nil {
		o.Engine.Ending()
	}
	o.stop()
	o.dispatching.Wait()
	if o.worker != nil {
		o.worker.Stop()
	}
	if o.Ledger != nil {
		o.Ledger.Close()
	}
	if o.Engine != nil {
		return o.Engine.Close()
	}
	return nil
}
