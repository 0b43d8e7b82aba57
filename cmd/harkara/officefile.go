package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/ledger"
	"harkara/internal/office"
)

type officeCmd struct {
	Location `embed:""`
	File     string `arg:"" optional:"" help:"JSON of the office: departments, rooms, desks, posts, officers, stations, routes, ladders, calendars. Without it the office in force is printed." type:"existingfile"`
	Sample   bool   `help:"Print a sample secretariat, to begin from."`
	Who      string `help:"Who orders the change." default:"administrator"`
	Reason   string `help:"Order number or reason."`
}

// Run prints the office's reference data, or puts a file's in force from now on.
// What differs is kept with who and why; every problem is told at once.
func (c *officeCmd) Run(w *world) error {
	if c.Sample {
		return printOffice(w.out, demo.Sample(sampleUnit))
	}
	cfg, act := c.config(w.log), c.print
	if c.File != "" {
		to, err := readOffice(c.File) // before a folder is made for it
		if err != nil {
			return fmt.Errorf("read office %s: %w", c.File, err)
		}
		act = func(w *world, l *ledger.Store) error { return c.set(w, l, to) }
		if to.Revision == 0 { // it was not made from another
			cfg = c.founding(w.log)
		}
	}
	o, err := office.Open(w.ctx, cfg, office.Roles{})
	if err != nil {
		return err
	}
	return errors.Join(act(w, o.Ledger), o.Close())
}

// sampleUnit is what a unit of the sample's budgets stands for in a real office: half
// a working hour, in seconds.
const sampleUnit = 1800

func printOffice(w io.Writer, o custody.Office) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(o)
}

func (c *officeCmd) print(w *world, l *ledger.Store) error {
	now, err := l.Office(w.ctx, time.Now())
	if err != nil {
		return err
	}
	return printOffice(w.out, *now)
}

func (c *officeCmd) set(w *world, l *ledger.Store, to custody.Office) error {
	if err := l.SetOffice(w.ctx, to, c.Who, c.Reason); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "in force: %d rooms, %d desks, %d stations, %d routes\n", len(to.Rooms), len(to.Desks), len(to.Stations), len(to.Routes))
	return nil
}

// readOffice reads an office's file and checks it. It takes no key that it does not know:
// what was misspelt would be missing, and what is missing ends. Names lose what nobody sees.
func readOffice(path string) (o custody.Office, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return o, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return o, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return o, errors.New("more follows the office")
	}
	o.Clean()
	return o, o.Validate()
}
