package custody

import (
	"slices"
	"time"

	"harkara/internal/calendar"
)

// act is one decision in progress. State is a value: nothing is shared with the
// caller's, so slices are cloned before they are changed.
type act struct {
	rules   Rules
	s       State
	c       Resolved
	now     time.Time
	at      time.Time // where the act counts: whole seconds, never before the leg
	late    bool      // older than the leg: it must not move anything
	marks   []string
	saved   bool // Before holds the custody that this act found
	verdict Verdict
	reason  Reason
}

// keptHeads is how many older heads a state remembers: a dispatcher that read
// the ledger just before some rungs were recorded still fits.
const keptHeads = 4

// record appends an entry to the chain and leaves reason as the answer.
func (a *act) record(reason Reason, with func(*Entry)) {
	cmd := a.c.Command
	e := Entry{
		File: a.s.File, Revision: a.s.Head.Revision + 1, Reason: reason, Command: cmd.ID,
		At: a.at, Happened: micro(cmd.At.Wall), Received: micro(a.c.Received), Recorded: micro(a.now),
		Marks: slices.Clone(a.marks), Method: cmd.Method, Station: cmd.Station, Who: cmd.Who, Note: cmd.Reason,
	}
	if a.c.Here != nil && cmd.Kind == Scan {
		e.Seen = a.c.Here.Room
	}
	if cmd.Code != a.s.File {
		e.Cover = cmd.Code
	}
	if with != nil {
		with(&e)
	}
	a.s.chain(e)
	a.verdict, a.reason = Accepted, reason
	if e.Refused {
		a.verdict = Refused
	}
}

func (s *State) chain(e Entry) {
	e = e.seal(s.Head.Hash)
	s.Recent = append(slices.Clone(s.Recent), s.Head)
	if extra := len(s.Recent) - keptHeads; extra > 0 {
		s.Recent = s.Recent[extra:]
	}
	s.Head = Head{Revision: e.Revision, Hash: e.Hash}
	s.Unconfirmed = append(slices.Clone(s.Unconfirmed), e)
}

func (a *act) refuse(reason Reason) {
	a.record(reason, func(e *Entry) { e.Refused = true })
}

func (a *act) tick(reason Reason) { a.verdict, a.reason = Ticked, reason }

// begin ends the running leg at a.at and starts another there. It is the only
// place where custody passes.
func (a *act) begin(reason Reason, leg Leg, with func(*Entry)) {
	a.save()
	worked := a.s.worked(a.at)
	a.s.Moved = a.s.Moved || a.s.Leg.Phase != "" && !a.formerly()
	if old := a.s.Leg; old.Phase == Held {
		a.s.Balances = balance(a.s.Balances, old.Place.Desk, old.Consumed+worked)
	}
	leg.Since = a.at
	a.s.Leg, a.s.Rung, a.s.Percent = leg, 0, 0
	a.record(reason, func(e *Entry) {
		e.Leg, e.Closes = &leg, worked
		if next, ok := a.s.next(); ok {
			e.Next = next.Desk
		}
		if with != nil {
			with(e)
		}
	})
}

// save keeps the custody that a station's act is about to change, for undo.
func (a *act) save() {
	if a.saved || a.s.Leg.Phase == "" {
		return
	}
	a.saved = true
	s := a.s
	a.s.Before = &Before{
		Command: a.c.Command.ID, Station: a.c.Command.Station, At: a.at,
		Leg: s.Leg, Rung: s.Rung, Percent: s.Percent, Next: s.Next, Marked: s.Marked, Missing: s.Missing, Balances: s.Balances,
	}
}

// hold is a leg at a desk: the budget is the route's for that stop or the
// post's, less what the desk used before, but never under the return floor.
func (a *act) hold(at Place, known Known) Leg {
	budget := at.Budget
	for _, stop := range a.s.Route {
		if stop.Desk == at.Desk {
			budget = stop.Budget
		}
	}
	used := a.usedBy(at.Desk)
	return Leg{Phase: Held, Place: at, Known: known, Budget: budget, Consumed: max(0, min(used, budget-min(budget, a.rules.ReturnFloor)))}
}

// usedBy is what a desk has used of its budget, the running leg included.
func (a *act) usedBy(desk DeskID) Seconds {
	if leg := a.s.Leg; leg.Phase == Held && leg.Place.Desk == desk {
		return leg.Consumed + a.s.worked(a.at)
	}
	for _, b := range a.s.Balances {
		if b.Desk == desk {
			return b.Consumed
		}
	}
	return 0
}

// keptBalances bounds the desks a file remembers; the oldest go first.
const keptBalances = 16

func balance(list []Balance, desk DeskID, used Seconds) []Balance {
	list = slices.DeleteFunc(slices.Clone(list), func(b Balance) bool { return b.Desk == desk })
	list = append(list, Balance{Desk: desk, Consumed: used})
	return list[max(0, len(list)-keptBalances):]
}

// reached moves the route on when a desk of the room is its next stop, or a
// later one.
func (a *act) reached(desk DeskID) {
	if m := a.s.Marked; m != nil && m.Desk == desk {
		a.s.Marked = nil
	}
	for i := a.s.Next; i < len(a.s.Route); i++ {
		if a.s.Route[i].Desk == desk {
			a.s.Next = i + 1
			return
		}
	}
}

// next returns where the file should go from here.
func (s *State) next() (Place, bool) {
	if s.Leg.Phase == Transit && s.Leg.To != nil {
		return *s.Leg.To, true
	}
	return s.planned()
}

// planned is the next stop once the file is held: the one set by hand, else the
// route's.
func (s *State) planned() (Place, bool) {
	if s.Marked != nil {
		return *s.Marked, true
	}
	if s.Next < len(s.Route) {
		return s.Route[s.Next], true
	}
	return Place{}, false
}

// worked is the working time of the running leg up to an instant.
func (s *State) worked(at time.Time) Seconds {
	if s.Leg.Budget == 0 && s.Leg.Phase != Held && s.Leg.Phase != Transit {
		return 0
	}
	return SecondsOf(s.calendar(s.Leg.Place.Calendar).Working(s.Leg.Since, at))
}

func (s *State) calendar(id string) calendar.Calendar {
	for _, c := range s.Calendars {
		if c.ID == id {
			return c
		}
	}
	return calendar.Always(id) // a place always comes with its calendar; better too strict than no clock
}

// learn takes over the calendars that came with a command, newer revisions first.
func (s *State) learn(calendars []calendar.Calendar) {
	for _, c := range calendars {
		i := slices.IndexFunc(s.Calendars, func(k calendar.Calendar) bool { return k.ID == c.ID })
		switch {
		case i < 0:
			s.Calendars = append(slices.Clone(s.Calendars), c)
		case s.Calendars[i].Revision < c.Revision:
			s.Calendars = slices.Clone(s.Calendars)
			s.Calendars[i] = c
		}
	}
}

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
