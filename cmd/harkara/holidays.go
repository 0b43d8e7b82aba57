package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"harkara/internal/custody"
	"harkara/internal/gazette"
	"harkara/internal/ledger"
	"harkara/internal/office"
)

type holidaysCmd struct {
	List   holidaysListCmd   `cmd:"" default:"withargs" help:"Print the holidays in force."`
	Import holidaysImportCmd `cmd:"" help:"Add the holidays of a list, CSV or iCalendar."`
}

type holidaysListCmd struct {
	Location `embed:""`
}

// Run prints the holidays, a line each.
func (c *holidaysListCmd) Run(w *world) error {
	o, err := office.Open(w.ctx, c.config(w.log), office.Roles{})
	if err != nil {
		return err
	}
	now, err := o.Ledger.Office(w.ctx, time.Now())
	if err == nil {
		for _, h := range now.Holidays {
			fmt.Fprintln(w.out, holiday(h))
		}
		if len(now.Holidays) == 0 {
			fmt.Fprintln(w.out, "no holidays are in force")
		}
	}
	return errors.Join(err, o.Close())
}

func holiday(h custody.Holiday) string {
	line := fmt.Sprintf("%s: %s, %s", h.ID, h.Name.En, h.Days)
	if h.Provisional {
		line += ", provisional"
	}
	if h.Order != "" {
		line += ", by " + h.Order
	}
	return line
}

type holidaysImportCmd struct {
	Location `embed:""`
	Acting   `embed:""`
	File     string `arg:"" help:"The list. CSV has the columns from, name_en and, where there is one, to, name_ur, provisional (yes or no), order, id, calendars." type:"existingfile"`
	Who      string `help:"Who orders the change." default:"administrator"`
	Reason   string `help:"Order number or reason."`

	Provisional bool `help:"They are not gazetted yet: they count, and wait to be decided."`
	DryRun      bool `help:"Say what the list would change and which running clocks move, and change nothing."`
}

// Run puts the holidays of a list in force, each in place of the one with its id.
func (c *holidaysImportCmd) Run(w *world) error {
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read holidays: %w", err)
	}
	list, err := gazette.Read(raw)
	if err != nil {
		return fmt.Errorf("read holidays %s, nothing is changed: %w", c.File, err)
	}
	o, err := office.Open(w.ctx, c.config(w.log), office.Roles{})
	if err != nil {
		return err
	}
	return errors.Join(c.bringIn(w, o.Ledger, list), o.Close())
}

func (c *holidaysImportCmd) bringIn(w *world, l *ledger.Store, list []custody.Holiday) error {
	now, err := l.Office(w.ctx, time.Now())
	if err != nil {
		return err
	}
	to := *now
	to.Holidays = slices.Clone(now.Holidays)
	for _, h := range list {
		h.Provisional = h.Provisional || c.Provisional
		to.Holidays = slices.DeleteFunc(to.Holidays, func(old custody.Holiday) bool { return old.ID == h.ID })
		to.Holidays = append(to.Holidays, h)
	}
	to.Sort()
	by, err := c.by(w, l)
	if err != nil {
		return err
	}
	return change(w, l, to, ledger.Order{Who: c.Who, By: by, Reason: c.Reason, Dry: c.DryRun})
}
