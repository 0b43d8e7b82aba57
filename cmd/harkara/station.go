package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
)

type stationCmd struct {
	Token tokenCmd `cmd:"" default:"withargs" help:"Make a token for a station and print it, or write it to a file. Older tokens of it end."`
	Enrol enrolCmd `cmd:"" help:"Make a one-time code, good for a day, by which a machine becomes a station."`
	Again againCmd `cmd:"" help:"Let every station send again what it has kept of the last 14 days: after a restore. The office takes each once."`
}

type againCmd struct {
	Location `embed:""`
	Reason   string `arg:"" help:"What was restored, and from when."`
}

// Run begins another epoch of the ledger. A database that was restored into a new
// cluster, or to a point in time, needs it not: stations see that by themselves.
func (c *againCmd) Run(w *world) error {
	o, err := c.open(w)
	if err != nil {
		return err
	}
	return errors.Join(o.Ledger.BeginEpoch(w.ctx, c.Reason), o.Close())
}

type tokenCmd struct {
	Location `embed:""`
	Issue    `embed:""`
	Station  string `arg:"" help:"Id of the station."`
}

// Run makes a token for a station, whether the office runs or not.
func (c *tokenCmd) Run(w *world) error {
	o, err := c.open(w)
	if err != nil {
		return err
	}
	err = c.make(w, o.Ledger, custody.StationID(c.Station))
	if closing := o.Close(); err == nil {
		err = closing
	}
	return err
}

func (c *tokenCmd) make(w *world, l *ledger.Store, id custody.StationID) error {
	in, err := l.Office(w.ctx, time.Now())
	if err != nil {
		return err
	}
	if _, ok := in.StationByID(id); !ok {
		return fmt.Errorf("no station %q in this office", id)
	}
	if err := l.Revoke(w.ctx, id); err != nil {
		return err
	}
	token, err := l.Enrol(w.ctx, id)
	if err != nil {
		return err
	}
	return c.issue(w, token)
}

type enrolCmd struct {
	Remote  `embed:""`
	Station string `arg:"" help:"Id of the station."`
}

// Run asks the running office for a code, and says how to use it.
func (c *enrolCmd) Run(w *world) error {
	var out struct {
		Code, Fingerprint string
		Expires           time.Time
	}
	if err := c.call(w, http.MethodPost, "/api/v1/stations/"+url.PathEscape(c.Station)+"/invitation", nil, &out); err != nil {
		return err
	}
	if _, err := c.office(w); err != nil { // whose zone times are said in
		return err
	}
	fmt.Fprintf(w.out, "%s\n", out.Code)
	fmt.Fprintf(w.err, "Good once, until %s. On the station's machine:\n  station enrol --server %s %q\nIt then shows the office's key: %s\n",
		w.local(out.Expires), c.Server, out.Code, out.Fingerprint)
	return nil
}
