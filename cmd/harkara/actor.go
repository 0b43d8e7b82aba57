package main

import (
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
	"harkara/web"
	"harkara/web/lang"
)

// Acting says who acts at the server's console: whoever sits there.
type Acting struct {
	As string `help:"Who acts, an officer's id: it is recorded, with that only this command line says so. Without it, the console." placeholder:"OFFICER" env:"HARKARA_AS"`
}

// by is who acts at the console, as the office knows him now: the console says so, and nothing else.
func (a Acting) by(w *world, l *ledger.Store) (custody.Actor, error) {
	by := custody.Actor{Proof: custody.ByConsole}
	if a.As == "" {
		return by, nil
	}
	o, err := l.Office(w.ctx, time.Now())
	if err != nil {
		return by, err
	}
	if _, ok := o.OfficerByID(custody.OfficerID(a.As)); !ok {
		return by, fmt.Errorf("no officer %q in this office", a.As)
	}
	by = o.Acting(custody.PersonID(a.As), "")
	by.Proof = custody.ByConsole
	return by, nil
}

// acted names who did something, in English, by the office's names; empty: nobody is known.
func acted(o *custody.Office, by custody.Actor) string { return web.ActorIn(o, by) }

// ordered is who did something, and by whose order.
func ordered(by, who string) string {
	switch {
	case by == "":
		return who
	case who == "":
		return by
	}
	return by + ", " + lang.English.Text("entry.ordered", who)
}
