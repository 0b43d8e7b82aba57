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
	Addr     string        `help:"Where to look. On loopback everybody may read and act; elsewhere it asks who is there." default:"127.0.0.1:8470"`
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
	return errors.Join(c.live(w.ctx, w, o, began), o.Close())
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
	logins := demo.Logins(sample)
	password, reader, err := demo.Equip(ctx, o.People(), logins)
	if err != nil {
		return err
	}
	if c.For > 0 { // of life: a slow machine takes its time to start
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	open := loopback(c.Addr)
	at := make(chan string, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		cfg := web.Config{}
		if open {
			cfg.Open, cfg.StationToken = true, token
		}
		return o.Pages(ctx, c.Addr, cfg, func(address string) { at <- address })
	})
	group.Go(func() error {
		select {
		case address := <-at:
			c.tell(w, address, time.Since(began))
			tellLogins(w, address, open, logins, password)
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

func (c *demoCmd) tell(w *world, address string, took time.Duration) {
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
}

// tellLogins says as whom one may sign in.
func tellLogins(w *world, address string, open bool, list []demo.Login, password string) {
	if open {
		fmt.Fprintf(w.out, "\nOn this machine everybody may read and act. As one of them, sign in at http://%s/login\n", address)
	} else {
		fmt.Fprintf(w.out, "\nOthers can reach this address, so it asks who is there: sign in at http://%s/login\n", address)
	}
	fmt.Fprintf(w.out, "with the password %s and one of these names:\n\n", password)
	for _, l := range list {
		if l.Person.ID != "" {
			fmt.Fprintf(w.out, "  %-14s %s\n", l.Person.ID, l.What)
		}
	}
	fmt.Fprintln(w.out)
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
