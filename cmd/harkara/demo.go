package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/label"
	"harkara/internal/office"
	"harkara/internal/paper"
	"harkara/web"
)

type demoCmd struct {
	Data     string        `help:"Keep everything in this folder; a restart carries on. Default: a temporary folder, removed at the end." type:"path"`
	Postgres string        `help:"Folder of PostgreSQL's programs." type:"path" env:"HARKARA_POSTGRES"`
	Addr     string        `help:"Where to look. On loopback everybody may read and act; elsewhere it asks for a token." default:"127.0.0.1:8470"`
	For      time.Duration `help:"Stop after living this long."`
	Files    int           `help:"How many files live at once." default:"300"`
	Scale    int           `help:"Seconds that stand for one unit of a budget." default:"40"`
}

// Run shows a sample secretariat alive.
func (c *demoCmd) Run(w *world) (err error) {
	began := time.Now()
	data := c.Data
	if data == "" {
		if data, err = os.MkdirTemp("", "harkara-demo"); err != nil {
			return fmt.Errorf("make temporary folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
		if err := os.Chmod(data, 0o711); err != nil {
			return err
		}
	}
	fmt.Fprintln(w.out, "Harkara: a sample secretariat, alive. Nothing here is law or anybody's record.")
	fmt.Fprintln(w.out, "Starting PostgreSQL and Temporal in", filepath.Clean(data), "...")
	o, err := office.OpenLedger(w.ctx, engine.Config{Dir: data, Binaries: c.Postgres, Log: w.log, NoSync: noSync})
	if err != nil {
		return err
	}
	if err := c.join(w.ctx, o); err != nil {
		return errors.Join(err, o.Close())
	}
	ctx := w.ctx
	if c.For > 0 { // of life: a slow machine takes its time to start
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	return errors.Join(c.live(ctx, w, o, began), o.Close())
}

// join brings the office alive unless it is somebody's: the sample would end every desk
// and token of that, and already its clocks are not to run here.
func (c *demoCmd) join(ctx context.Context, o *office.Office) error {
	have, err := o.Ledger.Office(ctx, time.Now())
	if err != nil {
		return err
	}
	if have.Revision > 0 && !have.Sample {
		return fmt.Errorf("%s holds a real office, %q: give the demonstration a folder of its own, or none; `harkara serve` runs this one", c.Data, have.Name.En)
	}
	return o.Join(ctx, office.Roles{Worker: true, Dispatch: true})
}

func (c *demoCmd) live(ctx context.Context, w *world, o *office.Office, began time.Time) error {
	sample := demo.Sample(custody.Seconds(c.Scale))
	if err := o.Ledger.SetOffice(ctx, sample, "demo", "sample secretariat"); err != nil {
		return err
	}
	tokens := map[custody.StationID]string{}
	for _, s := range sample.Stations { // new ones at every start: only their hashes are kept
		if err := o.Ledger.Revoke(ctx, s.ID); err != nil {
			return err
		}
		token, err := o.Ledger.Enrol(ctx, s.ID)
		if err != nil {
			return err
		}
		tokens[s.ID] = token
	}
	token := func(s custody.StationID) string { return tokens[s] }
	reader := ""
	if !loopback(c.Addr) {
		if err := o.Ledger.Revoke(ctx, ""); err != nil {
			return err
		}
		var err error
		if reader, err = o.Ledger.Enrol(ctx, ""); err != nil {
			return err
		}
	}
	at := make(chan string, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		cfg := web.Config{}
		if reader == "" {
			cfg.Open, cfg.StationToken = true, token
		}
		return o.Pages(ctx, c.Addr, cfg, func(address string) { at <- address })
	})
	group.Go(func() error {
		select {
		case address := <-at:
			c.tell(w, address, reader, time.Since(began))
			demo.New(demo.Config{
				Base: "http://" + address, Office: sample, Files: c.Files, Token: token, Reader: reader, Log: w.log,
				Mint:  func(ctx context.Context) (label.Code, error) { return o.Ledger.Mint(ctx, label.File) },
				Cover: func(c paper.Cover) (*image.Gray, error) { return c.Image(150) },
			}).Run(ctx)
		case <-ctx.Done():
		}
		return nil
	})
	return group.Wait()
}

func (c *demoCmd) tell(w *world, address, reader string, took time.Duration) {
	fmt.Fprintf(w.out, `Ready after %.1f s. Open in a browser:

  http://%[2]s/            the board: files move by themselves; the overdue stand on top
  http://%[2]s/rooms       forty rooms, and what lies in each
  http://%[2]s/kiosk       a scanning station: choose a room, type or scan a file's digits
  http://%[2]s/open        open a file of your own and print its cover

Virtual stations photograph covers, decode them and post what they read. Some files
are dawdled over and escalate; some go to a wrong room; every minute or so one station
is cut off and its scans arrive later. Budgets are seconds, on a clock that never rests.
Ctrl-C ends it.
`, took.Seconds(), address)
	if reader != "" {
		fmt.Fprintf(w.out, "Others can reach this address, so it asks for a token at /login: %s\n", reader)
	}
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
