package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
	"harkara/internal/office"
	"harkara/internal/people"
)

type personCmd struct {
	Add   personAddCmd   `cmd:"" help:"Let a person sign in: an officer of the office by his id, or somebody who is none. Prints a one-time secret, or writes it to a file, by which he chooses his password or PIN at /login. On the server's console, or with --database-url; also beside a running serve."`
	Reset personResetCmd `cmd:"" help:"Give a person a one-time secret in place of his password, PIN and token. His sessions end."`
	Grant personGrantCmd `cmd:"" help:"Set a person's roles, in place of those he has."`
	End   personEndCmd   `cmd:"" help:"Let a person in no more. His sessions end."`
	Token personTokenCmd `cmd:"" help:"Make a token by which a program, a wall, or a person's own command line is known. An older one of his ends."`
	List  personListCmd  `cmd:"" help:"Show who may sign in, and what was done to persons in the last 30 days."`
}

// Console is where persons are looked after on the machine of the office.
type Console struct {
	Location `embed:""`
	Who      string `help:"Who orders it, kept with it." default:"console"`
}

// with gives the persons of the office to f. The ledger alone is enough.
func (c *Console) with(w *world, f func(store *ledger.Store, door *people.Door) error) error {
	if c.DatabaseURL != "" {
		store, err := ledger.Open(w.ctx, c.DatabaseURL, w.log)
		if err != nil {
			return err
		}
		defer store.Close()
		return f(store, people.NewDoor(store.People(), time.Now))
	}
	o, err := c.open(w)
	if err != nil {
		return err
	}
	return errors.Join(f(o.Ledger, o.People()), o.Close())
}

// by is whose act it is: the console's, whoever ordered it.
func (c *Console) by() string {
	if c.Who == office.Console {
		return office.Console
	}
	return office.Console + ": " + custody.Plain(c.Who)
}

type personAddCmd struct {
	Console `embed:""`
	Issue   `embed:""`
	Person  string   `arg:"" help:"Id of an officer, or a sign-in name for somebody who is none."`
	Name    string   `help:"Name in English of who is no officer."`
	NameUr  string   `help:"Name in Urdu of who is no officer."`
	Role    []string `help:"What he may do beside what his post gives him: ROLE, ROLE@DEPARTMENT, ROLE:POST, with +confidential or +secret behind. Roles: administrator, manager, officer, clerk, auditor, wall, program."`
}

// Run adds a person, or lets one in again.
func (c *personAddCmd) Run(w *world) error {
	list, err := roles(c.Role)
	if err != nil {
		return err
	}
	return c.with(w, func(store *ledger.Store, door *people.Door) error {
		p := people.Person{ID: people.ID(c.Person), Name: custody.Name{En: custody.Plain(c.Name), Ur: custody.Plain(c.NameUr)}, Grants: list}
		o, err := store.Office(w.ctx, time.Now())
		if err != nil {
			return err
		}
		officer, there := o.OfficerByID(custody.OfficerID(c.Person))
		switch {
		case there:
			p.Officer, p.Name = officer.ID, officer.Name
		case p.Name.En == "":
			p.Name.En = c.Person
		}
		once, err := door.Add(w.ctx, p, c.by())
		if err != nil {
			return err
		}
		return c.hand(w, p.ID, once)
	})
}

// hand gives a one-time secret to who runs the command.
func (i Issue) hand(w *world, id people.ID, once string) error {
	err := i.issue(w, once)
	fmt.Fprintf(w.err, "harkara: a one-time secret of %s, for three days: he chooses his own with it at /login\n", id)
	return err
}

func roles(texts []string) (list []people.Grant, err error) {
	for _, text := range texts {
		g, wrong := people.ParseGrant(text)
		list, err = append(list, g), errors.Join(err, wrong)
	}
	return list, err
}

type personResetCmd struct {
	Console `embed:""`
	Issue   `embed:""`
	Person  string `arg:"" help:"His id."`
}

// Run makes a person choose anew.
func (c *personResetCmd) Run(w *world) error {
	return c.with(w, func(_ *ledger.Store, door *people.Door) error {
		once, err := door.Reset(w.ctx, people.ID(c.Person), c.by())
		if err != nil {
			return err
		}
		err = c.hand(w, people.ID(c.Person), once)
		if c.DatabaseURL == "" && people.ID(c.Person) == people.FirstAdministrator {
			err = errors.Join(err, office.RemoveSecret(c.Data))
		}
		return err
	})
}

type personGrantCmd struct {
	Console `embed:""`
	Person  string   `arg:"" help:"His id."`
	Role    []string `arg:"" optional:"" help:"As --role of person add; none: he has what his post gives him."`
}

// Run sets a person's roles.
func (c *personGrantCmd) Run(w *world) error {
	list, err := roles(c.Role)
	if err != nil {
		return err
	}
	return c.with(w, func(_ *ledger.Store, door *people.Door) error {
		return door.Grant(w.ctx, people.ID(c.Person), list, c.by())
	})
}

type personEndCmd struct {
	Console `embed:""`
	Person  string `arg:"" help:"His id."`
}

// Run lets a person in no more.
func (c *personEndCmd) Run(w *world) error {
	return c.with(w, func(_ *ledger.Store, door *people.Door) error {
		return door.End(w.ctx, people.ID(c.Person), time.Now(), c.by())
	})
}

type personTokenCmd struct {
	Console `embed:""`
	Issue   `embed:""`
	Person  string        `arg:"" help:"His id."`
	For     time.Duration `help:"How long it lasts, at most a year." default:"2160h"`
}

// Run makes a token.
func (c *personTokenCmd) Run(w *world) error {
	return c.with(w, func(_ *ledger.Store, door *people.Door) error {
		token, err := door.Issue(w.ctx, people.ID(c.Person), time.Now().Add(c.For), c.by())
		if err != nil {
			return err
		}
		return c.issue(w, token)
	})
}

type personListCmd struct {
	Console `embed:""`
}

// Run shows persons and what was done to them.
func (c *personListCmd) Run(w *world) error {
	return c.with(w, func(store *ledger.Store, door *people.Door) error {
		list, err := door.Persons(w.ctx)
		if err != nil {
			return err
		}
		if o, err := store.Office(w.ctx, time.Now()); err == nil {
			w.inZone(o)
		}
		for _, p := range list {
			var opens []string
			for _, k := range p.Opens {
				opens = append(opens, string(k))
			}
			state := "in"
			if !p.In(time.Now()) {
				state = "ended"
			}
			seen := "never seen"
			if !p.Seen.IsZero() {
				seen = "seen " + w.local(p.Seen)
			}
			fmt.Fprintf(w.out, "%s  %s  %s  [%s]  by %s  %s\n", p.ID, p.Name.En, state, people.Grants(p.Grants), orNothing(opens), seen)
		}
		events, err := door.Events(w.ctx, 1000)
		for _, e := range events {
			fmt.Fprintln(w.out, strings.TrimSpace(fmt.Sprintf("%s  %s  %s  by %s  %s", w.local(e.At), e.Person, e.Act, e.By, e.Detail)))
		}
		return err
	})
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}
