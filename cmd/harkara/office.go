package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"harkara/activities"
	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/engine"
	"harkara/internal/intake"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// Engine says where the office's data lives: in a folder of this machine, or in
// clusters elsewhere.
type Engine struct {
	Data     string `help:"Data folder of this office. Everything embedded lives in it." default:"data" type:"path" env:"HARKARA_DATA"`
	Postgres string `help:"Folder of PostgreSQL's programs. Found by itself where they are installed as usual." type:"path" env:"HARKARA_POSTGRES"`

	DatabaseURL       string `help:"Ledger elsewhere: postgres://... as the program's role." env:"HARKARA_DATABASE_URL"`
	DatabaseOwnerURL  string `help:"The same database as the role that migrates it. Default: --database-url." env:"HARKARA_DATABASE_OWNER_URL"`
	TemporalAddress   string `help:"Temporal elsewhere: host:port." env:"HARKARA_TEMPORAL_ADDRESS"`
	TemporalNamespace string `help:"Its namespace." default:"harkara" env:"HARKARA_TEMPORAL_NAMESPACE"`
	TemporalTLS       bool   `help:"Speak TLS with it." env:"HARKARA_TEMPORAL_TLS"`
	TemporalAPIKey    string `help:"API key for it." env:"HARKARA_TEMPORAL_API_KEY"`
}

// config is for what uses an office: a mistaken folder is not made a new, empty one.
func (e Engine) config(log *slog.Logger) engine.Config {
	cfg := e.founding(log)
	cfg.Existing = e.DatabaseURL == ""
	return cfg
}

// founding is for what may begin an office.
func (e Engine) founding(log *slog.Logger) engine.Config {
	return engine.Config{
		Dir: e.Data, Binaries: e.Postgres, DatabaseURL: e.DatabaseURL, OwnerURL: e.DatabaseOwnerURL,
		Temporal: engine.Remote{Address: e.TemporalAddress, Namespace: e.TemporalNamespace, TLS: e.TemporalTLS, APIKey: e.TemporalAPIKey},
		Log:      log, NoSync: noSync,
	}
}

// noSync lets a power cut lose everything. Only the tests' own main sets it.
var noSync bool

// roles are the parts of the program that one process runs.
type roles struct {
	worker, dispatch bool

	idle bool // the worker answers for files, and does nothing for them
}

// office is a running engine with a ledger, and the roles on them.
type office struct {
	log    *slog.Logger
	engine *engine.Engine
	store  *ledger.Store
	worker worker.Worker
	failed chan error // what ended the worker for good

	incarnation custody.Incarnation // that the roles run

	stop        context.CancelFunc
	dispatching sync.WaitGroup
}

// openOffice starts the engine, opens the ledger and runs the roles, for which it
// waits until Temporal is there. Without a role it needs the ledger alone, and goes beside
// a program that runs on the folder.
func openOffice(ctx context.Context, cfg engine.Config, r roles, log *slog.Logger) (*office, error) {
	o, err := openLedger(ctx, cfg, log)
	if errors.Is(err, engine.ErrLocked) && r == (roles{}) {
		return visitOffice(ctx, cfg, log)
	}
	if err != nil {
		return nil, err
	}
	if err := o.join(ctx, r); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

// openLedger starts the engine and opens the ledger, migrated: enough to store scans
// and to show pages.
func openLedger(ctx context.Context, cfg engine.Config, log *slog.Logger) (*office, error) {
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
	return onEngine(ctx, e, log)
}

// visitOffice opens the ledger of an office that another program runs on the folder,
// as that program has migrated it.
func visitOffice(ctx context.Context, cfg engine.Config, log *slog.Logger) (*office, error) {
	e, err := engine.Visit(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return onEngine(ctx, e, log)
}

func onEngine(ctx context.Context, e *engine.Engine, log *slog.Logger) (*office, error) {
	store, err := ledger.Open(ctx, e.LedgerURL(), log)
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return &office{log: log, engine: e, store: store, failed: make(chan error, 1), stop: func() {}}, nil
}

// patience is how long a command that needs Temporal waits for it.
const patience = 2 * time.Minute

// openOrVisit is for commands that look at an office, whether it runs or not. In one
// that does not run it brings Temporal up, with a worker to answer for the files. An idle
// one records no rung that came due meanwhile: stations may still hold the scans that came
// before it.
func openOrVisit(ctx context.Context, cfg engine.Config, idle bool, log *slog.Logger) (*office, error) {
	r := roles{worker: true, idle: idle}
	o, err := openLedger(ctx, cfg, log)
	if errors.Is(err, engine.ErrLocked) {
		r = roles{}
		o, err = visitOffice(ctx, cfg, log)
	}
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := o.engine.Ready(within); err != nil {
		return nil, errors.Join(err, o.close())
	}
	if err := o.join(ctx, r); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

// join runs the roles once Temporal is there, until when it waits.
func (o *office) join(ctx context.Context, r roles) error {
	if r == (roles{}) {
		return nil
	}
	if err := o.engine.Ready(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	o.stop = stop
	if !r.idle {
		if err := o.incarnate(ctx); err != nil {
			return err
		}
		o.dispatching.Go(func() { o.outlive(running) })
	}
	if r.worker {
		if err := o.work(workflows.Files{Rules: custody.Today}, r.idle); err != nil {
			return err
		}
	}
	if r.dispatch {
		o.dispatch(running)
	}
	return nil
}

// incarnate makes this program one of the office's present incarnation. It waits for a
// ledger or a Temporal that is away.
func (o *office) incarnate(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for waiting := false; ; waiting = true {
		home, err := o.engine.NamespaceID(ctx)
		var in ledger.Incarnation
		if err == nil {
			in, err = o.store.Join(ctx, home)
		}
		var denied *serviceerror.PermissionDenied
		switch {
		case err == nil:
			o.incarnation = in.Number
			return nil
		case errors.Is(err, ledger.ErrElsewhere):
			return fmt.Errorf("the workflows of this office's files are not in this Temporal. If theirs is another, name that one; if theirs is lost, `harkara rebuild` makes them again from the ledger: %w", err)
		case errors.Is(err, ledger.ErrHalfMade):
			return fmt.Errorf("this office is being rebuilt, or that was interrupted: then `harkara rebuild` goes on: %w", err)
		case errors.As(err, &denied), ctx.Err() != nil:
			return err
		case !waiting:
			o.log.Warn("the office is not joined yet", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// outlivedFor is how soon a program ends whose office was rebuilt without it. Meanwhile it
// changes nothing: the ledger refuses what it says.
const outlivedFor = 10 * time.Second

func (o *office) outlive(ctx context.Context) {
	tick := time.NewTicker(outlivedFor)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if err := o.store.Current(ctx, o.incarnation); errors.Is(err, custody.ErrIncarnation) {
			o.fail(fmt.Errorf("this office was rebuilt: start this program anew, on the Temporal where it lives now: %w", err))
			return
		}
	}
}

// fail says what ended this office for good; the first that did counts.
func (o *office) fail(err error) {
	select {
	case o.failed <- err:
	default:
	}
}

// workerOptions poll for new runs apart from cached ones. A fixed number of
// pollers looks after both, the cached first: with much to do, files that had
// just been handed to a new run waited up to ten seconds for their first task.
var workerOptions = worker.Options{
	WorkflowTaskPollerBehavior: worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{
		InitialNumberOfPollers: 8, MinimumNumberOfPollers: 2, MaximumNumberOfPollers: 32,
	}),
	MaxConcurrentActivityTaskPollers: 4, WorkerStopTimeout: 10 * time.Second,
	DeadlockDetectionTimeout: 8 * time.Second, // a machine that is busy or wakes up stands still for longer than the usual one
}

func (o *office) work(files workflows.Files, idle bool, watching ...interceptor.WorkerInterceptor) error {
	worker.SetStickyWorkflowCacheSize(o.engine.Memory().Files)
	options := workerOptions
	options.LocalActivityWorkerOnly, options.Interceptors = idle, watching
	options.OnFatalError = func(err error) { o.fail(fmt.Errorf("worker: %w", err)) }
	o.worker = worker.New(o.engine.Temporal(), workflows.TaskQueue, options)
	inbox := activities.Inbox(o.store)
	if idle {
		inbox = closed{}
	}
	workflows.Register(o.worker, files, &activities.Activities{Inbox: inbox, Channel: screenOnly{o.store}})
	if err := o.worker.Start(); err != nil {
		o.worker = nil
		return fmt.Errorf("start worker: %w", err)
	}
	return nil
}

// closed is the inbox of an office that is only looked at.
type closed struct{}

var errClosed = errors.New("this office is only looked at: its wakes wait until it runs")

func (closed) Wake(context.Context, custody.Incarnation, custody.Command) error { return errClosed }

func (closed) Current(context.Context, custody.Incarnation) error { return errClosed }

// screenOnly is what leaves a house that has no other channel than its screens: nothing,
// and that is said.
type screenOnly struct{ store *ledger.Store }

func (s screenOnly) Deliver(ctx context.Context, e activities.Errand) error {
	return s.store.SettleNotice(ctx, e.Incarnation, e.Key, ledger.Failed, "this office has no channel "+e.Channel)
}

func (o *office) dispatch(ctx context.Context) {
	temporal := intake.Temporal{Client: o.engine.Temporal(), Namespace: o.engine.Namespace()}
	dispatcher := &intake.Dispatcher{Owner: uuid.NewString(), Queue: o.store, Book: o.store, Files: temporal, Rules: custody.Today, Log: o.log}
	courier := &intake.Courier{Outbox: o.store, Starter: temporal, Log: o.log, Incarnation: o.incarnation}
	o.dispatching.Go(func() { dispatcher.Run(ctx) })
	sweeper := &intake.Sweeper{Overdue: o.store, Log: o.log, Incarnation: o.incarnation}
	night := &audit.Night{Auditor: o.auditor(), Holder: uuid.NewString(), Log: o.log}
	o.dispatching.Go(func() { courier.Run(ctx) })
	o.dispatching.Go(func() { sweeper.Run(ctx) })
	o.dispatching.Go(func() { night.Run(ctx) })
}

// close ends everything in order: dispatcher, worker, ledger, then Temporal and
// PostgreSQL.
func (o *office) close() error {
	if o.engine != nil {
		o.engine.Ending()
	}
	o.stop()
	o.dispatching.Wait()
	if o.worker != nil {
		o.worker.Stop()
	}
	if o.store != nil {
		o.store.Close()
	}
	if o.engine != nil {
		return o.engine.Close()
	}
	return nil
}
