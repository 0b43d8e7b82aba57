package office

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"harkara/internal/damp"
	"harkara/internal/engine"
	"harkara/web"
)

// Timeouts of the HTTP server. A request body of 20 MB over a slow line takes
// longer than a header does.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 5 * time.Second
)

// server makes pages and API on the office's ledger.
func (o *Office) server(cfg web.Config) (*web.Server, error) {
	cfg.Intake, cfg.Commands, cfg.Registry, cfg.Feed, cfg.Directory, cfg.Log = o.Ledger, o.Ledger, o.Ledger, o.Ledger, o.Ledger, o.log
	cfg.Seal, cfg.Enrolment, cfg.People = o.Ledger, o.Ledger, o.Ledger.People()
	cfg.Quarantine, cfg.Archive, cfg.Notices = keeper{o.Ledger}, keeper{o.Ledger}, keeper{o.Ledger}
	cfg.Quota = keeper{o.Ledger}
	cfg.Establishment = keeper{o.Ledger}
	cfg.Judge, cfg.Closed = justice{o}, o.Ledger
	cfg.Room = o.Engine.Room
	cfg.Decides = func() error {
		err := o.Engine.Health().Temporal
		if errors.Is(err, engine.ErrStarting) {
			return web.ErrStarting
		}
		return err
	}
	return web.New(cfg)
}

// Pages serves pages and API on the office's ledger until ctx ends. ready is told where.
func (o *Office) Pages(ctx context.Context, addr string, cfg web.Config, ready func(at string)) error {
	server, err := o.server(cfg)
	if err != nil {
		return err
	}
	listener, err := Listen(addr)
	if err != nil {
		return err
	}
	return o.pagesOn(ctx, listener, server, ready)
}

// Listen takes the address of pages and stations, or says that another program has it.
func Listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another program listens on %s: stop that one, or choose another address by --addr: %w", addr, err)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return listener, nil
}

func (o *Office) pagesOn(ctx context.Context, listener net.Listener, server *web.Server, ready func(at string)) error {
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
