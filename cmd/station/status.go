package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"harkara/scanner/spool"
)

var errNotRunning = errors.New("the station does not answer: is it running? (systemctl status harkara-station)")

// ask gets an answer of the running station.
func (l Local) ask(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.Addr+path, nil)
	if err != nil {
		return fmt.Errorf("address of the station: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotRunning, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the station says %s", resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("read the station's answer: %w", err)
	}
	return nil
}

// zoned is how times are printed: in the office's zone, as they come, which is named.
const zoned = "2006-01-02 15:04:05 UTC-07:00"

type statusCmd struct {
	Local `embed:""`
	JSON  bool `help:"Print JSON."`
}

// Run says how the running station is.
func (c *statusCmd) Run(w *world) error {
	var v statusView
	if err := c.ask(w.ctx, "/api/v1/status", &v); err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(w.out)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
	fmt.Fprintf(w.out, "station  %s\noffice   %s since %s %s\n", v.Station, v.Server, v.Since.Format(zoned), v.Address)
	if v.Why != "" {
		fmt.Fprintf(w.out, "         %s\n", v.Why)
	}
	fmt.Fprintf(w.out, "waiting  %d\ndrawer   %d\nkey      %s\n", v.Waiting, v.Drawer, v.Key)
	if v.Counted > 0 {
		fmt.Fprintf(w.out, "         %d of the drawer are only counted: more came in a day than is kept\n", v.Counted)
	}
	if v.Ahead != nil {
		fmt.Fprintf(w.out, "clock    the office's is %+.1f s from this machine's, to within %.1f s\n", *v.Ahead, v.Within)
	}
	for _, s := range v.Sources {
		state := "there"
		if s.Lost != "" {
			state = "LOST: " + s.Lost
		}
		fmt.Fprintf(w.out, "source   %s: %s\n", s.Name, state)
	}
	return nil
}

type drawerCmd struct {
	Local `embed:""`
}

// Run prints what lies in the drawer, one a line.
func (c *drawerCmd) Run(w *world) error {
	var list []spool.Refused
	if err := c.ask(w.ctx, "/api/v1/drawer", &list); err != nil {
		return err
	}
	for _, r := range list {
		rest := ""
		if r.Length > len(r.Body) {
			rest = fmt.Sprintf("\tthe first %d of %d bytes, SHA-256 %x", len(r.Body), r.Length, r.Digest)
		}
		fmt.Fprintf(w.out, "%d\t%s\t%s\t%s%s\n", r.Key, r.At.Format(zoned), r.Reason, r.Body, rest)
	}
	return nil
}
