package office

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"harkara/web"
)

// Service is what an office is served with.
type Service struct {
	Roles     Roles
	Addr      string            // of pages and stations
	Addresses []string          // where stations find them
	Ready     func(addr string) // called once, with the address of the pages; empty: without them
}

// Serve runs an office until ctx ends, or what ends it for good, which it returns; then it
// closes it. Pages and stations need the ledger alone: worker and dispatcher join when
// Temporal is there.
func (o *Office) Serve(ctx context.Context, s Service) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
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
			return o.Pages(ctx, s.Addr, web.Config{Addresses: s.Addresses}, s.Ready)
		})
	}
	<-ctx.Done()
	return errors.Join(group.Wait(), o.Close())
}
