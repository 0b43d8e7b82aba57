package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
)

func newID() custody.CommandID { return custody.CommandID(uuid.NewString()) }

// Run prints the office's reference data, or puts a file's in force from now on.
// What differs is kept with who and why; every problem is told at once.
func (c *officeCmd) Run(w *world) error {
	o, err := openOffice(w.ctx, c.config(w.log), roles{}, custody.Book, w.log)
	if err != nil {
		return err
	}
	return errors.Join(c.apply(w, o), o.close())
}

func (c *officeCmd) apply(w *world, o *office) error {
	if c.File == "" {
		now, err := o.store.Office(w.ctx, time.Now())
		if err != nil {
			return err
		}
		enc := json.NewEncoder(w.out)
		enc.SetIndent("", "  ")
		return enc.Encode(now)
	}
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read office: %w", err)
	}
	var office custody.Office
	if err := json.Unmarshal(raw, &office); err != nil {
		return fmt.Errorf("read office %s: %w", c.File, err)
	}
	if err := o.store.SetOffice(w.ctx, office, c.Who, c.Reason); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "in force: %d rooms, %d desks, %d stations, %d routes\n", len(office.Rooms), len(office.Desks), len(office.Stations), len(office.Routes))
	return nil
}
