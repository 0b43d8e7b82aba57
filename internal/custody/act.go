package custody

import (
	"bytes"
	"slices"
	"strings"
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
	stale   bool      // of before what is known since: it must not move anything
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
		At: a.at, Happened: stated(cmd.At.Wall), Received: micro(a.c.Received), Recorded: micro(a.now),
		Marks: slices.Clone(a.marks), Method: cmd.Method, Station: cmd.Station, Who: cmd.Who, Note: text(cmd.Reason),
	}
	if cmd.Woken() {
		e.Happened = a.at
	}
	if a.c.Here != nil && cmd.Kind == Scan {
		e.Seen = a.c.Here.Room
	}
	if cmd.Code != a.s.File && cmd.Code != "" {
		e.Cover = cmd.Code
	}
	if with != nil {
		with(&e)
	}
	a.s.chain(e)
	a.verdict, a.reason = Accepted, reason
	if e.Refused {
		a.verdict = Refused
	} else if b := a.s.Before; b != nil && !a.saved && b.Station != cmd.Station && reason != Late && reason != Voided && !cmd.Woken() {
		a.settle()
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
	if old := a.s.Leg; old.Phase == Held && !old.OffRoute {
		a.s.Balances = balance(a.s.Balances, old.Stop, old.Place.Desk, a.s.used(old.Stop, old.Place.Desk)+worked)
	}
	if leg.Phase == Held && reason != Returned && a.c.Ladder != nil { // in transit the sender's was kept
		a.swap(*a.c.Ladder)
	}
	leg.ID, leg.Since = a.s.Head.Revision+1, a.at
	a.s.Leg, a.s.Rung, a.s.Percent, a.s.Quiet = leg, 0, 0, time.Time{}
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
		Leg: s.Leg, Rung: s.Rung, Percent: s.Percent, Next: s.Next, Marked: s.Marked, Missing: s.Missing, Used: s.used(s.Leg.Stop, s.Leg.Place.Desk),
	}
}

// settle ends what could be undone: somebody else has acted, or the act is one that
// only a person with an order takes back.
func (a *act) settle() {
	a.s.Before = &Before{Command: a.c.Command.ID, Station: a.c.Command.Station, At: a.at}
}

// swap puts another holder's ladder in force; an undo puts the old one back.
func (a *act) swap(ladder Ladder) {
	old := a.s.Ladder
	if bytes.Equal(compactJSON(old), compactJSON(ladder)) {
		return
	}
	if a.saved && a.s.Before.Ladder == nil {
		before := *a.s.Before
		before.Ladder = &old
		a.s.Before = &before
	}
	a.s.Ladder = ladder
}

// hold is a leg at a desk, which the route is moved on to: its budget is the
// route's for that stop or the post's, less what was used there before, but never
// under the return floor.
func (a *act) hold(at Place, known Known) Leg {
	a.save()
	stop, budget := a.reach(at.Desk), at.Budget
	if stop > 0 {
		budget = a.s.Route[stop-1].Budget
	}
	used := a.s.used(stop, at.Desk)
	if leg := a.s.Leg; leg.Phase == Held && leg.Place.Desk == at.Desk && leg.Stop == stop {
		used += a.s.worked(a.at)
	}
	return Leg{
		Phase: Held, Place: at, Stop: stop, Known: known,
		Budget: budget, Consumed: max(0, min(used, budget-min(budget, a.rules.ReturnFloor))),
	}
}

// reach moves the route on when a desk is its next stop, or a later one where the
// file has not been, and returns which stop it is, from 1; 0 off the route. A desk
// that the route visits again is at its earlier stop until the file has come to the
// later one.
func (a *act) reach(desk DeskID) int {
	if m := a.s.Marked; m != nil && m.Desk == desk {
		a.s.Marked = nil
	}
	here := func(p Place) bool { return p.Desk == desk }
	behind, ahead := a.s.Route[:a.s.Next], slices.IndexFunc(a.s.Route[a.s.Next:], here)
	if ahead == 0 || ahead > 0 && !slices.ContainsFunc(behind, here) {
		a.s.Next += ahead + 1
		return a.s.Next
	}
	stop := len(behind)
	for stop > 0 && !here(behind[stop-1]) {
		stop--
	}
	return stop
}

// used is what was used of the budget for a stop, or of a desk's off the route, in
// legs that ended.
func (s *State) used(stop int, desk DeskID) Seconds {
	b, _ := first(s.Balances, func(b Balance) bool { return b.Stop == stop && b.Desk == desk })
	return b.Consumed
}

// keptBalances bounds the stays that a file remembers; the oldest go first.
const keptBalances = 16

func balance(list []Balance, stop int, desk DeskID, used Seconds) []Balance {
	list = slices.DeleteFunc(slices.Clone(list), func(b Balance) bool { return b.Stop == stop && b.Desk == desk })
	if used > 0 {
		list = append(list, Balance{Stop: stop, Desk: desk, Consumed: used})
	}
	return list[max(0, len(list)-keptBalances):]
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
	if s.Leg.Phase != Held && s.Leg.Phase != Transit {
		return 0
	}
	return s.Leg.Reckoned + SecondsOf(s.calendar(s.Leg.Place.Calendar).Working(s.Leg.from(), at))
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
// A running leg keeps the time that it has worked until then.
func (s *State) learn(calendars []calendar.Calendar, at time.Time) {
	for _, c := range calendars {
		i := slices.IndexFunc(s.Calendars, func(k calendar.Calendar) bool { return k.ID == c.ID })
		switch {
		case i < 0:
			s.Calendars = append(slices.Clone(s.Calendars), c)
		case s.Calendars[i].Revision < c.Revision:
			if s.Leg.Place.Calendar == c.ID && at.After(s.Leg.from()) {
				s.Leg.Reckoned, s.Leg.Reckon = s.worked(at), at
			}
			s.Calendars = slices.Clone(s.Calendars)
			s.Calendars[i] = c
		}
	}
}

// The first and the last time that RFC 3339 can write in UTC.
var (
	firstStated = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	lastStated  = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Microsecond)
)

// stated is a place's time as an entry can say it. The zones of the first and of the
// last day reach beyond; such a clock is marked, like every one that cannot be right.
func stated(t time.Time) time.Time {
	t = micro(t)
	switch {
	case t.Before(firstStated):
		return firstStated
	case t.After(lastStated):
		return lastStated
	}
	return t
}

// text is what a person typed as a database can keep it: PostgreSQL has no NUL.
func text(s string) string { return strings.ReplaceAll(s, "\x00", "\ufffd") }

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
