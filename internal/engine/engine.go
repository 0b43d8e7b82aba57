// Package engine gives the program a PostgreSQL and a Temporal: both embedded in
// one process on one machine, or the addresses of real clusters.
//
// Embedded, Temporal is the server's own library on a private PostgreSQL in the
// data folder. It listens on loopback and accepts only a secret made anew at
// every start.
package engine

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"harkara/internal/engine/postgres"
)

// Namespace is where the office's workflows live.
const Namespace = "harkara"

// retention is how long Temporal keeps closed runs; the audit is in the ledger.
const retention = 3 * 24 * time.Hour

// Config says which. Empty addresses mean embedded.
type Config struct {
	Dir      string // data folder, for what is embedded
	Binaries string // folder of PostgreSQL's programs; empty: found
	NoSync   bool   // for tests: a power cut may lose everything

	DatabaseURL string // of an external ledger, as the program's role
	OwnerURL    string // of the same database, as the role that migrates; empty: DatabaseURL
	Temporal    Remote

	Log *slog.Logger
}

// Remote is the address of an external Temporal.
type Remote struct {
	Address   string // host:port
	Namespace string // empty: Namespace
	TLS       bool
	APIKey    string
}

// Engine is what runs. Close it last.
type Engine struct {
	cfg     Config
	cluster *postgres.Cluster
	server  *server
	client  client.Client
}

// Start brings up what is embedded and connects to what is not. It returns once
// workflows can be started; an external Temporal that is away is waited for.
func Start(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	e := &Engine{cfg: cfg}
	if err := e.start(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *Engine) start(ctx context.Context) error {
	if e.cfg.DatabaseURL == "" || e.cfg.Temporal.Address == "" {
		cluster, err := postgres.Start(ctx, postgres.Config{
			Dir: filepath.Join(e.cfg.Dir, "postgres"), Binaries: e.cfg.Binaries, NoSync: e.cfg.NoSync, Log: e.cfg.Log,
		})
		if err != nil {
			return err
		}
		e.cluster = cluster
	}
	remote, secret := e.cfg.Temporal, e.cfg.Temporal.APIKey
	if remote.Address == "" {
		secret = rand.Text()
		server, err := startServer(e.cluster, secret, e.cfg.Log)
		if err != nil {
			return err
		}
		e.server, remote.Address = server, server.address
	}
	if remote.Namespace == "" {
		remote.Namespace = Namespace
	}
	return e.connect(ctx, remote, secret)
}

func (e *Engine) connect(ctx context.Context, remote Remote, secret string) error {
	options := client.Options{HostPort: remote.Address, Namespace: remote.Namespace, Logger: sdklog.NewStructuredLogger(quiet(e.cfg.Log))}
	if secret != "" {
		options.HeadersProvider = bearer(secret)
	}
	if remote.TLS {
		options.ConnectionOptions.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return fmt.Errorf("make Temporal client: %w", err)
	}
	e.client = c
	return e.register(ctx, options)
}

// register makes sure that the namespace is there and served.
func (e *Engine) register(ctx context.Context, options client.Options) error {
	nc, err := client.NewNamespaceClient(options)
	if err != nil {
		return fmt.Errorf("make namespace client: %w", err)
	}
	defer nc.Close()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := nc.Register(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: options.Namespace, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
		})
		var there *serviceerror.NamespaceAlreadyExists
		if err == nil || errors.As(err, &there) {
			// A fresh namespace is served once the caches know it.
			_, err = e.client.WorkflowService().ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: options.Namespace, PageSize: 1})
			if err == nil {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("reach Temporal at %s: %w", options.HostPort, errors.Join(ctx.Err(), err))
		}
	}
}

// bearer sends the secret with every call.
type bearer string

// GetHeaders implements the client's HeadersProvider.
func (b bearer) GetHeaders(context.Context) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// Temporal returns the client; the engine closes it.
func (e *Engine) Temporal() client.Client { return e.client }

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

// PostgresPID returns the embedded postmaster's process id; 0 when it is down or
// not ours.
func (e *Engine) PostgresPID() int {
	if e.cluster == nil {
		return 0
	}
	return e.cluster.PID()
}

// Close stops what is embedded: client, Temporal, PostgreSQL, in this order.
func (e *Engine) Close() error {
	if e.client != nil {
		e.client.Close()
	}
	var err error
	if e.server != nil {
		err = e.server.stop()
	}
	if e.cluster != nil {
		err = errors.Join(err, e.cluster.Close())
	}
	return err
}
