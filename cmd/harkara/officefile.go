package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/demo"
)

func newID() custody.CommandID { return custody.CommandID(uuid.NewString()) }

// Run prints the office's reference data, or puts a file's in force from now on.
// What differs is kept with who and why; every problem is told at once.
func (c *officeCmd) Run(w *world) error {
	if c.Sample {
		return printOffice(w.out, demo.Sample(sampleUnit))
	}
	cfg := c.config(w.log)
	if c.File != "" {
		cfg = c.founding(w.log)
	}
	o, err := openOffice(w.ctx, cfg, roles{}, custody.Book, w.log)
	if err != nil {
		return err
	}
	return errors.Join(c.apply(w, o), o.close())
}

// sampleUnit is what a unit of the sample's budgets stands for in a real office: half
// a working hour, in seconds.
const sampleUnit = 1800

func printOffice(w io.Writer, o custody.Office) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(o)
}

func (c *officeCmd) apply(w *world, o *office) error {
	if c.File == "" {
		now, err := o.store.Office(w.ctx, time.Now())
		if err != nil {
			return err
		}
		return printOffice(w.out, *now)
	}
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read office: %w", err)
	}
	office, err := readOffice(raw)
	if err != nil {
		return fmt.Errorf("read office %s: %w", c.File, err)
	}
	if err := o.store.SetOffice(w.ctx, office, c.Who, c.Reason); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "in force: %d rooms, %d desks, %d stations, %d routes\n", len(office.Rooms), len(office.Desks), len(office.Stations), len(office.Routes))
	return nil
}

// readOffice takes no key that it does not know: what was misspelt would be missing,
// and what is missing ends.
func readOffice(raw []byte) (o custody.Office, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return o, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return o, errors.New("more follows the office")
	}
	return o, nil
}
