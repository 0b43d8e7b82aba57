package custody

import (
	"fmt"
	"time"

	"harkara/internal/label"
)

// Wake is the office's own: something of the file may have fallen due.
const Wake CommandKind = "wake"

// What a wake comes to.
const (
	RungDue   Reason = "rung"      // a rung of the ladder was reached
	Overtaken Reason = "overtaken" // it needs no telling any more
	Deferred  Reason = "deferred"  // it may not be told yet
	HoldOver  Reason = "hold_over" // the date of a hold has passed: its holder is told
)

func init() {
	register(Kind{
		Name: Wake, Undo: Beside,
		By:    by(TheOffice),
		Comes: []Reason{RungDue, Overtaken, Deferred, HoldOver},
	}, (*act).wake)
}

// Waking says for what a file wakes: the next rung of a leg. Wakes of one file differ
// by Count, also of the same rung.
type Waking struct {
	Leg   int64 `json:"leg"`   // see Leg.ID
	Rung  int   `json:"rung"`  // rungs of that leg passed, repeats included
	Count int64 `json:"count"` // wakes of the file decided before it; of a closed file its entries too
}

// Waking returns what the file's next wake is for.
func (s State) Waking() Waking { return s.Position().waking() }

// waking counts the entries of a closed file: its wakes leave none.
func (p Position) waking() Waking {
	w := Waking{Leg: p.Leg, Rung: p.Step, Count: p.Wakes}
	if p.Phase == Ended {
		w.Count += p.Revision
	}
	return w
}

// Waker returns the command that a file must be given when its Wake has come. Whoever
// asks, the file's own timer or a sweep over positions, makes the same.
func (p Position) Waker() Command {
	w := p.waking()
	return Command{ID: w.id(p.File), Kind: Wake, Code: p.File, With: w}
}

// ownVersion is that of the UUIDs (RFC 9562, 5.8) which only the office makes.
const ownVersion = '8'

// id is a UUID of that version, drawn from what makes the wake this one.
func (w Waking) id(file label.Code) CommandID {
	return ownID(fmt.Appendf(nil, "wake of %s: leg %d, rung %d, after %d", file, w.Leg, w.Rung, w.Count))
}

// own reports whether an id is of the office's own commands.
func (id CommandID) own() bool { return len(id) == 36 && id[14] == ownVersion }

// Woken reports whether the command is the office's own, a wake or a replan, also where its
// program cannot read more than its id.
func (c Command) Woken() bool { return c.ID.own() }

func (w Waking) check(c Command) error {
	if c.ID != w.id(c.Code) {
		return malformed("a wake has the id that its file, leg, rung and count make")
	}
	return nil
}

// wake tells the newest rung that has fallen due; those passed over are named as
// skipped. Which wake it was does not matter: the leg may have ended since, its rungs
// may have been told, or nobody works now. Then it comes to nothing, and names when the
// file wakes next. A closed file learns by one that the ledger has its end.
func (a *act) wake(w Waking) {
	if a.s.Leg.Phase == Ended {
		a.tick(Overtaken)
		return
	}
	a.reckon()
	c, at := a.clock(), a.s.Wake
	late := !at.IsZero() && !at.After(a.now)
	switch {
	case late && c.hours.Open(a.now) && c.leg.Waits():
		a.waited()
		return
	case late && c.hours.Open(a.now):
		a.tell(c)
		return
	}
	if late { // nobody works now
		a.s.Quiet = c.hours.Next(a.now)
	}
	reason := Deferred
	if w.Leg != a.s.Leg.ID || w.Rung != a.s.Rung {
		reason = Overtaken
	}
	a.record(reason, nil)
	a.tick(reason)
}

// tell records a rung with whom it reaches: the newest that had fallen due when the wake
// was stored. What fell due since has a wake of its own, behind the scans that were stored
// meanwhile.
func (a *act) tell(c clock) {
	stored := a.c.Received
	switch { // by another clock
	case stored.After(a.now):
		stored = a.now
	case stored.Before(a.s.Wake):
		stored = a.s.Wake
	}
	passed := a.s.Rung
	n := c.due(passed, stored)
	used, _ := c.rungAt(n)
	at, rung := c.usedUp(used), c.rung(n)
	people := a.s.reached(a.c.Ranks, rung)
	a.s.Rung, a.s.Percent, a.s.Quiet = n+1, rung.Percent, time.Time{}
	a.record(RungDue, func(e *Entry) {
		e.At, e.Happened, e.Rung, e.Told, e.Channel = at, at, rung.Percent, people, rung.Channel
		for k := passed; k < min(n, len(c.ladder.Rungs)); k++ { // the last may have been passed over many times
			e.Skipped = append(e.Skipped, c.rung(k).Percent)
		}
	})
	a.notices = append(a.notices, a.s.Notices(a.entries[len(a.entries)-1])...)
}

func (c clock) rung(n int) Rung { return c.ladder.Rungs[min(n, len(c.ladder.Rungs)-1)] }

// reached are the people whom a rung of the running leg tells. Late in transit that is
// first the runner who has the file, the destination, which may have it and not have
// scanned it, and always the sender.
func (s State) reached(ranks Ranks, rung Rung) []Person {
	to := rung.To
	if s.Leg.To != nil {
		to = append([]Receiver{{Post: s.Leg.To.Post}}, to...)
	}
	var people []Person
	if s.Leg.Runner != "" {
		people = []Person{{Officer: s.Leg.Runner}}
		to = append([]Receiver{{}}, to...)
	}
	return append(people, ranks.Receivers(s.Leg.Place.Post, to)...)
}

// id names a person among those whom one rung tells.
func (p Person) id() string {
	if p.Post != "" {
		return string(p.Post)
	}
	return "officer-" + string(p.Officer)
}
