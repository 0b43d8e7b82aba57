// Package engine gives the program a PostgreSQL and a Temporal: both embedded in
// one process on one machine, or the addresses of real clusters.
//
// Embedded, Temporal is the server's own library on a private PostgreSQL in the
// data folder. It listens on loopback, and every one of its services takes only
// calls that prove knowledge of a secret made anew at every start.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"harkara/internal/engine/postgres"
)

// Namespace is where the office's workflows live unless Remote says otherwise.
const Namespace = "harkara"

// Config says what is embedded and what is elsewhere. An empty DatabaseURL or
// Temporal.Address means embedded.
type Config struct {
	Dir      string // data folder, for what is embedded; made where missing
	Existing bool   // only a data folder that holds a cluster; else ErrNoCluster, and nothing is made
	Binaries string // folder of PostgreSQL's programs; empty: found
	NoSync   bool   // for tests: a power cut may lose everything, a kill nothing
	Leashed  bool   // for tests: PostgreSQL dies with the program instead of waiting to be adopted

	DatabaseURL string // of an external ledger, as the program's role
	OwnerURL    string // of the same database, as the role that migrates; empty: DatabaseURL
	Temporal    Remote

	Log *slog.Logger // nil: silent
}

// Remote is the address of an external Temporal.
type Remote struct {
	Address   string // host:port
	Namespace string // empty: Namespace
	TLS       bool   // by the machine's certificate authorities
	APIKey    string // sent with every call; asks for TLS
}

// Validate reports everything that is wrong at once.
func (c Config) Validate() error {
	var problems []error
	blame := func(when bool, format string, args ...any) {
		if when {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	blame(c.Dir == "" && c.embeds(), "no data folder: an embedded PostgreSQL or Temporal needs one")
	blame(c.OwnerURL != "" && c.DatabaseURL == "", "a database owner's address without the database's")
	away := c.Temporal.Address != ""
	blame(c.Temporal.TLS && !away, "TLS for an embedded Temporal: it is for one elsewhere")
	blame(c.Temporal.APIKey != "" && !away, "an API key for an embedded Temporal: it is for one elsewhere")
	blame(c.Temporal.APIKey != "" && away && !c.Temporal.TLS, "an API key without TLS would cross the network in the clear")
	return errors.Join(problems...)
}

func (c Config) embeds() bool { return c.DatabaseURL == "" || c.Temporal.Address == "" }

// Engine is what runs. Close it last. Its methods may be called at once.
type Engine struct {
	cfg     Config
	cluster *postgres.Cluster // nil where both are elsewhere
	visits  bool              // another program runs what is embedded
	memory  Memory

	raising sync.Mutex // held by whoever brings Temporal up
	mu      sync.Mutex
	server  *server       // nil where Temporal is not run here, or not yet
	client  client.Client // nil until an embedded Temporal was brought up

	stop     context.CancelFunc // ends the watch
	watching sync.WaitGroup
	health   health
	phase    phase
	quiet    *slog.Logger // Temporal's
	answered bool         // Temporal did, ever; the watch's own
}

// Start brings up the embedded database, ready for use, and prepares connections
// to what is elsewhere. Temporal is for Ready: what only needs the ledger does not
// wait for it. The error wraps ErrLocked where another program runs on the folder:
// see Visit. Where Existing finds nothing it wraps ErrNoCluster, and ErrForm where the
// folder is another program's, which is left as it is.
func Start(ctx context.Context, cfg Config) (*Engine, error) {
	e := &Engine{memory: memory()}
	if cfg.Log != nil {
		cfg.Log.Info("memory is shared out", "machine_mb", e.memory.Machine>>20, "heap_mb", e.memory.Heap>>20, "cached_files", e.memory.Files)
	}
	return enter(ctx, cfg, e)
}

// Memory is how the machine's memory is shared out; of a visit nothing is known.
func (e *Engine) Memory() Memory { return e.memory }

// Visit connects to what another program runs on the folder, by the passwords and
// the secret that lie there for the folder's owner, and to what is elsewhere. It
// starts nothing, and Close ends nothing but the visit. The error wraps ErrForm as
// Start's does.
func Visit(ctx context.Context, cfg Config) (*Engine, error) {
	return enter(ctx, cfg, &Engine{visits: true})
}

// Why a data folder is not started on.
var (
	ErrLocked    = postgres.ErrLocked    // another program runs on it
	ErrNoCluster = postgres.ErrNoCluster // there is nothing, or no folder
	ErrForm      = postgres.ErrForm      // an earlier or a newer program made it
)

func enter(ctx context.Context, cfg Config, e *Engine) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	e.cfg, e.stop, e.phase.began = cfg, func() {}, time.Now()
	e.quiet = quiet(cfg.Log, &e.phase)
	e.health.now = Health{Database: ErrStarting, Temporal: ErrStarting}
	if err := e.start(ctx); err != nil {
		return nil, errors.Join(cfg.Explain(err), e.Close())
	}
	return e, nil
}

func (e *Engine) start(ctx context.Context) error {
	if err := e.open(ctx); err != nil {
		return err
	}
	if e.cfg.Temporal.Address != "" {
		var err error
		if e.client, err = dial(e.remote(e.cfg.Temporal.Address), "", e.quiet); err != nil {
			return err
		}
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	e.watching.Go(func() { e.watch(watching) })
	return nil
}

// open begins with the database.
func (e *Engine) open(ctx context.Context) error {
	if !e.cfg.embeds() {
		return nil
	}
	cfg := e.cfg.Database()
	var err error
	if e.visits {
		e.cluster, err = postgres.Visit(cfg)
		return err
	}
	if fresh := !postgres.There(cfg.Dir); !fresh || !cfg.Existing {
		if err := e.cfg.checkRoom(fresh); err != nil {
			return err
		}
	}
	began := time.Now()
	if e.cluster, err = postgres.Start(ctx, cfg); err != nil {
		return err
	}
	e.cfg.Log.Info("postgres ready", "took", time.Since(began).Round(time.Millisecond))
	return e.shutDoor() // of a program that was killed
}

// Database is how the embedded PostgreSQL is started.
func (c Config) Database() postgres.Config {
	return postgres.Config{
		Dir: filepath.Join(c.Dir, "postgres"), Existing: c.Existing, Form: form, Binaries: c.Binaries,
		NoSync: c.NoSync, Leashed: c.Leashed, Log: c.Log,
	}
}

// remote is Temporal at an address.
func (e *Engine) remote(address string) Remote {
	r := e.cfg.Temporal
	r.Address, r.Namespace = address, e.Namespace()
	return r
}

// Temporal returns the client, which the engine closes; nil for an embedded one
// until Ready brought it up.
func (e *Engine) Temporal() client.Client {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.client
}

// LedgerURL returns the ledger's address as the program's role.
func (e *Engine) LedgerURL() string {
	if e.cfg.DatabaseURL != "" {
		return e.cfg.DatabaseURL
	}
	return e.cluster.URL(postgres.Ledger, postgres.App)
}

// OwnerURL returns the ledger's address as the role that migrates.
func (e *Engine) OwnerURL() string {
	switch {
	case e.cfg.OwnerURL != "":
		return e.cfg.OwnerURL
	case e.cfg.DatabaseURL != "":
		return e.cfg.DatabaseURL
	}
	return e.cluster.URL(postgres.Ledger, postgres.Owner)
}

// Cluster is the embedded PostgreSQL, run here or visited; nil where it is elsewhere.
func (e *Engine) Cluster() *postgres.Cluster { return e.cluster }

// PostgresPID returns the embedded server's process id; 0 when it is down or not
// run here.
func (e *Engine) PostgresPID() int {
	if e.cluster == nil {
		return 0
	}
	return e.cluster.PID()
}

// Close stops what runs here: client, Temporal, PostgreSQL, in this order. It waits
// for a Ready that brings Temporal up: end its context first.
func (e *Engine) Close() error {
	e.Ending()
	e.stop()
	e.watching.Wait()
	e.raising.Lock() // what is being brought up is brought down
	defer e.raising.Unlock()
	if e.client != nil {
		e.client.Close()
	}
	var err error
	if e.server != nil {
		err = errors.Join(e.shutDoor(), e.server.stop())
	}
	if e.cluster != nil {
		err = errors.Join(err, e.cluster.Close())
	}
	return err
}
