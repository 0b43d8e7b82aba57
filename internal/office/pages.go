package office

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
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

// Pages serves pages and API on the office's ledger until ctx ends. ready is told where.
func (o *Office) Pages(ctx context.Context, addr string, cfg web.Config, ready func(at string)) error {
	cfg.Intake, cfg.Commands, cfg.Registry, cfg.Feed, cfg.Directory, cfg.Log = o.Ledger, o.Ledger, o.Ledger, o.Ledger, o.Ledger, o.log
	cfg.Seal, cfg.Enrolment = o.Ledger, o.Ledger
	cfg.Quarantine, cfg.Archive, cfg.Notices = keeper{o.Ledger}, keeper{o.Ledger}, keeper{o.Ledger}
	cfg.Quota = keeper{o.Ledger}
	cfg.Judge = justice{o}
	cfg.Room = o.Engine.Room
	cfg.Decides = func() error {
		err := o.Engine.Health().Temporal
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
