package office

import (
	"context"
	"errors"
	"net"

	"golang.org/x/sync/errgroup"

	"harkara/web"
)

// Service is what an office is served with.
type Service struct {
	Roles     Roles
	Listener  net.Listener      // of pages and stations; nil without them
	Addresses []string          // where stations find them
	Secure    bool              // browsers reach them by https, through a proxy
	Ready     func(addr string) // called once, with the address of the pages; empty: without them
}

// Serve runs an office until ctx ends, or what ends it for good, which it returns; then it
// closes it. Pages and stations need the ledger alone: worker and dispatcher join when
// Temporal is there.
func (o *Office) Serve(ctx context.Context, s Service) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if s.Listener != nil {
		defer s.Listener.Close()
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := o.Join(ctx, s.Roles)
		if err == nil && !s.Roles.Web {
			s.Ready("")
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
	if s.Roles.Web {
		group.Go(func() error {
			defer stop()
			cfg := web.Config{Addresses: s.Addresses, Secure: s.Secure}
			if _, here := o.Engine.Room(); here { // a database elsewhere is copied where it is
				cfg.Backups = keeper{o.Ledger}
			}
			server, err := o.server(cfg)
			if err != nil {
				return err
			}
			return o.pagesOn(ctx, s.Listener, server, s.Ready)
		})
	}
	<-ctx.Done()
	return errors.Join(group.Wait(), o.Close())
}
