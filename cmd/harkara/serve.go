package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"harkara/internal/damp"
	"harkara/internal/engine"
	"harkara/internal/ledger"
	"harkara/internal/secret"
	"harkara/web"
)

type serveCmd struct {
	Engine  `embed:""`
	Addr    string   `help:"Where pages and stations are served." default:"127.0.0.1:8470" env:"HARKARA_ADDR"`
	Address []string `help:"Where stations find this office, told to them when they enrol: http://10.1.1.5:8470. Give every address that it has: it proves itself under no other." env:"HARKARA_ADDRESS"`
	Role    []string `help:"Parts to run here: web, worker, dispatch. Several machines may share them." enum:"web,worker,dispatch" default:"web,worker,dispatch" env:"HARKARA_ROLE"`
}

func (c *serveCmd) has(role string) bool {
	for _, r := range c.Role {
		if r == role {
			return true
		}
	}
	return false
}

// Run serves until it is interrupted. Pages and stations need the ledger alone: the
// worker and the dispatcher join when Temporal is there. The first start makes an
// administrator's token and says where it is.
func (c *serveCmd) Run(w *world) error {
	o, err := openLedger(w.ctx, c.founding(w.log), w.log)
	if err != nil {
		return err
	}
	return c.serve(w.ctx, w.out, o)
}

// serve closes the office in the end.
func (c *serveCmd) serve(ctx context.Context, out io.Writer, o *office) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := o.join(ctx, roles{worker: c.has("worker"), dispatch: c.has("dispatch")})
		if err == nil && !c.has("web") {
			fmt.Fprintln(out, "ready")
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case err := <-o.failed: // who started this program starts it again
			return err
		case <-ctx.Done():
			return nil
		}
	})
	if c.has("web") {
		group.Go(func() error {
			defer stop()
			return c.web(ctx, out, o)
		})
	}
	<-ctx.Done()
	return errors.Join(group.Wait(), o.close())
}

func (c *serveCmd) web(ctx context.Context, out io.Writer, o *office) error {
	enrolled, err := o.store.Enrolled(ctx, "")
	if err != nil {
		return err
	}
	if !enrolled {
		if err := c.found(ctx, out, o.store); err != nil {
			return err
		}
	}
	return o.serve(ctx, c.Addr, web.Config{Addresses: c.Address}, func(at string) { fmt.Fprintf(out, "ready on http://%s\n", at) })
}

// found gives the office its administrator. His token goes into a file of the data
// folder, never to the output: that is kept in logs and terminals, and read by others.
// It is on the disk before it is worth anything, so that a kill between loses nothing.
// An office elsewhere has no folder here, and perhaps many programs that start: there
// the administrator asks for it.
func (c *serveCmd) found(ctx context.Context, out io.Writer, store *ledger.Store) error {
	if c.Data == "" || c.DatabaseURL != "" {
		fmt.Fprintln(out, "this office has no administrator yet: harkara admin token -o FILE makes a token for one")
		return nil
	}
	path, token := filepath.Join(c.Data, administrator), ledger.NewToken()
	if err := secret.Write(path, token); err != nil {
		return err
	}
	if err := store.Admit(ctx, "", token); err != nil {
		return err
	}
	fmt.Fprintf(out, "administrator's token: in %s, for its owner alone; sign in with it at /login, and keep it elsewhere\n", path)
	return nil
}

// Timeouts of the HTTP server. A request body of 20 MB over a slow line takes
// longer than a header does.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 5 * time.Second
)

// serve runs pages and API on the office's ledger until ctx ends.
func (o *office) serve(ctx context.Context, addr string, cfg web.Config, ready func(at string)) error {
	cfg.Intake, cfg.Commands, cfg.Registry, cfg.Feed, cfg.Directory, cfg.Log = o.store, o.store, o.store, o.store, o.store, o.log
	cfg.Seal, cfg.Enrolment = o.store, o.store
	cfg.Quarantine, cfg.Archive, cfg.Notices = keeper{o.store}, keeper{o.store}, keeper{o.store}
	cfg.Quota = keeper{o.store}
	cfg.Judge = justice{o}
	cfg.Room = o.engine.Room
	cfg.Decides = func() error {
		err := o.engine.Health().Temporal
		if errors.Is(err, engine.ErrStarting) {
			return web.ErrStarting
		}
		return err
	}
	server, err := web.New(cfg)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	noise := damp.New(o.log, time.Now)
	h := &http.Server{
		ErrorLog: log.New(noise.Writer("http"), "", 0),
		Handler:  server.Handler(), ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, WriteTimeout: bodyTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10,
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { noise.Run(ctx); return nil })
	group.Go(func() error { server.Run(ctx); return nil })
	group.Go(func() error {
		if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		if err := h.Shutdown(drain); err != nil { // a picture over a slow line
			o.log.Warn("requests are cut off", "err", err)
			return h.Close()
		}
		return nil
	})
	ready(listener.Addr().String())
	return group.Wait()
}
