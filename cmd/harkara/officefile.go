package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"time"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/ledger"
	"harkara/internal/office"
	"harkara/internal/officejson"
)

type officeCmd struct {
	Location `embed:""`
	File     string `arg:"" optional:"" help:"The office's file: departments, rooms, desks, posts, officers, stations, routes, ladders, calendars. Without it the office in force is printed." type:"existingfile"`
	Sample   bool   `help:"Print a sample secretariat, to begin from."`
	Acting   `embed:""`
	Who      string `help:"Who orders the change." default:"administrator"`
	Reason   string `help:"Order number or reason."`

	DryRun bool                              `help:"Say what the file would change and which open files that touches, and change nothing."`
	Move   map[custody.DeskID]custody.DeskID `help:"Where the open files of a desk go that is taken out, as DESK=DESK: each is corrected there, by the order that --reason names." placeholder:"DESK=DESK"`
}

// Run prints the office's reference data, or puts a file's in force from now on.
// What differs is kept with who and why; every problem is told at once.
func (c *officeCmd) Run(w *world) error {
	if c.Sample {
		return officejson.Write(w.out, bare(demo.Sample(sampleUnit)))
	}
	cfg, act := c.config(w.log), c.print
	if c.File != "" {
		to, err := readOffice(w, c.File) // before a folder is made for it
		if err != nil {
			return err
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

// bare is an office without its codes: another that begins from it makes its own.
func bare(o custody.Office) custody.Office {
	for _, c := range o.Coded() {
		*c.Code = ""
	}
	return o
}

func (c *officeCmd) print(w *world, l *ledger.Store) error {
	now, err := l.Office(w.ctx, time.Now())
	if err != nil {
		return err
	}
	return officejson.Write(w.out, *now)
}

func (c *officeCmd) set(w *world, l *ledger.Store, to custody.Office) error {
	by, err := c.by(w, l)
	if err != nil {
		return err
	}
	done, err := l.AlterOffice(w.ctx, to, ledger.Order{Who: c.Who, By: by, Reason: c.Reason, Moves: c.Move, Dry: c.DryRun})
	if err != nil {
		return err
	}
	for _, t := range done.Things {
		fmt.Fprintln(w.out, told(t))
	}
	for _, f := range done.Files {
		where := "is at"
		if f.Coming {
			where = "is on its way to"
		}
		fmt.Fprintf(w.out, "file %s (%s) %s desk %s\n", f.Number, f.File.Format(), where, f.Desk)
	}
	w.inZone(&to)
	tellClocks(w, done.Clocks, c.DryRun)
	if len(done.Things) == 0 {
		fmt.Fprintln(w.out, "nothing differs from what is in force")
	}
	if c.DryRun {
		fmt.Fprintf(w.out, "would be in force: ")
	} else {
		fmt.Fprintf(w.out, "in force: ")
	}
	fmt.Fprintf(w.out, "%d rooms, %d desks, %d stations, %d routes\n", len(to.Rooms), len(to.Desks), len(to.Stations), len(to.Routes))
	return nil
}

// clocksTold is how many files are named whose clocks move.
const clocksTold = 20

// tellClocks says which running clocks a change moves, or would.
func tellClocks(w *world, of ledger.Clocks, dry bool) {
	if of.Running == 0 {
		return
	}
	var later, withdrawn, late, past int
	for _, m := range of.Moved {
		for n, is := range map[*int]bool{&later: m.Is.After(m.Was), &withdrawn: m.Withdrawn, &late: m.Late, &past: m.Past} {
			if is {
				*n++
			}
		}
	}
	move := "move"
	if dry {
		move = "would move"
	}
	fmt.Fprintf(w.out, "%d of %d running clocks %s: %d later, %d sooner", len(of.Moved), of.Running, move, later, len(of.Moved)-later)
	for _, more := range []struct {
		n    int
		what string
	}{{withdrawn, "told as late that are not"}, {late, "late by it"}, {past, "by what was worked already"}} {
		if more.n > 0 {
			fmt.Fprintf(w.out, "; %d %s", more.n, more.what)
		}
	}
	fmt.Fprintln(w.out)
	for i, m := range of.Moved {
		if i == clocksTold {
			fmt.Fprintf(w.out, "and %d more\n", len(of.Moved)-i)
			break
		}
		fmt.Fprintf(w.out, "file %s (%s): due %s, was %s\n", m.Number, m.File.Format(), w.local(m.Is), w.local(m.Was))
	}
}

// told is what became of one thing, a line.
func told(t ledger.Alteration) string {
	line := fmt.Sprintf("%s %s %s", t.How, t.Kind, t.ID)
	if t.Name.En != "" {
		line += fmt.Sprintf(" (%s)", t.Name.En)
	}
	sep := ":"
	for _, f := range t.Fields {
		line += fmt.Sprintf("%s %s %s -> %s", sep, f.Name, cmp.Or(f.Was, "nothing"), cmp.Or(f.Is, "nothing"))
		sep = ";"
	}
	return line
}

// readOffice reads an office's file. Whatever is wrong with it is said, a line each.
func readOffice(w *world, path string) (custody.Office, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return custody.Office{}, fmt.Errorf("read office: %w", err)
	}
	o, notes := officejson.Read(raw)
	wrong := 0
	for _, n := range notes {
		fmt.Fprintln(w.err, n.In(path))
		if !n.Warning {
			wrong++
		}
	}
	switch wrong {
	case 0:
		return o, nil
	case 1:
		return o, fmt.Errorf("read office %s: 1 thing in it is wrong, nothing is changed", path)
	}
	return o, fmt.Errorf("read office %s: %d things in it are wrong, nothing is changed", path, wrong)
}
