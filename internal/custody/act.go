package custody

import (
	"slices"
	"time"

	"harkara/internal/calendar"
)

// act is one decision in progress. What it changes of the draft s stands only as far as
// an entry says it; was is the state after the last of them. Nothing is shared with the
// caller's state: slices are cloned before they are changed.
type act struct {
	rules    Rules
	kind     Kind
	was, s   State
	c        Resolved
	contents Contents
	stops    []Planned // of the route in c
	now      time.Time
	ran      int64     // the leg that ran before the act
	sighted  Paper     // as it was known before it
	at       time.Time // where the act counts: whole seconds, never before the leg
	stale    bool      // of before what is known since: it must not move anything
	marks    []string
	saved    bool    // Before holds the custody that this act found
	before   Undoing // that the next entry says
	verdict  Verdict
	reason   Reason
	entries  []Entry
	notices  []Notice
}

// record appends an entry that says what the draft has changed, and leaves reason as the
// answer.
func (a *act) record(reason Reason, with func(*Entry)) {
	cmd := a.c.Command
	e := Entry{
		Version: EntryVersion, File: a.s.File, Revision: a.was.Head.Revision + 1, Seq: a.c.Seq, Reason: reason, Command: cmd.ID,
		At: a.at, Happened: stated(cmd.At.Wall), Received: micro(a.c.Received), Recorded: micro(a.now),
		Marks: slices.Clone(a.marks), Method: cmd.Method, Station: cmd.Station, By: a.c.By, Words: a.c.Words, Office: a.c.Office,
	}
	if cmd.Woken() {
		e.Happened = a.at
	}
	if a.c.Here != nil && a.kind.Sights {
		e.Seen = a.c.Here.Room
	}
	if cmd.Code != a.s.File && cmd.Code != "" {
		e.Cover = cmd.Code
	}
	if with != nil {
		with(&e)
	}
	if b := a.s.Before; b != nil && !e.Refused && !a.saved && b.Station != cmd.Station && reason != Late && reason != Voided && !cmd.Woken() {
		a.settle()
	}
	a.append(e)
	a.verdict, a.reason = Accepted, reason
	if e.Refused {
		a.verdict = Refused
	}
}

// append seals an entry with what the draft has changed, and has it change the state.
func (a *act) append(e Entry) {
	a.reckon()
	e.Leg = changed(a.was.Leg, a.s.Leg)
	e.Then = a.s.since(a.was)
	e.Then.Before, a.before = a.before, ""
	e.later = added
	e = e.seal(a.was.Head.Hash)
	a.entries = append(a.entries, e)
	a.was = Apply(a.was, e)
	a.s = a.was
}

func (a *act) refuse(reason Reason) {
	a.record(reason, func(e *Entry) { e.Refused = true })
}

// unknown refuses what names a thing that the office does not have.
func (a *act) unknown(what string) {
	a.record(NoSuchPlace, func(e *Entry) { e.Refused, e.Unknown = true, what })
}

// tick answers that nothing is new. It leaves no entry, so that nothing changes.
func (a *act) tick(reason Reason) { a.verdict, a.reason = Ticked, reason }

// begin ends the running leg at a.at and starts another there. It is the only
// place where custody passes.
func (a *act) begin(reason Reason, leg Leg, with ...func(*Entry)) {
	a.keep()
	worked := a.leave(a.at)
	passed := a.s.Leg.Phase != "" && !a.formerly()
	if leg.From = a.s.Leg.From; a.s.Leg.Place.Desk != leg.Place.Desk {
		leg.From = a.s.Leg.Place.Desk
	}
	leg.ID, leg.Since = a.s.Head.Revision+1, a.at
	a.s.Leg, a.s.Quiet, a.s.Shown = leg, time.Time{}, false
	if leg.Stay.IsZero() { // else it goes on: nobody else has it, and what was told stays told
		a.s.Moved = a.s.Moved || passed
		a.s.Rung, a.s.Percent = 0, 0
	}
	a.record(reason, func(e *Entry) {
		e.Closes = worked
		if reason == Opened || reason == Imported {
			e.Department, e.Route = a.s.Department, a.c.Route
		}
		for _, say := range with {
			say(e)
		}
	})
}

// leave notes what of its budget the running leg has used when it ends at an instant, and
// returns what was worked on it.
func (a *act) leave(at time.Time) Seconds {
	worked := a.worked(at)
	if old := a.s.Leg; old.Phase == Held && !old.OffRoute && !old.Waits() {
		used := worked
		if !old.Back || worked == 0 || !old.Stay.IsZero() { // sent on at once, a task of its own leaves nothing
			used += a.s.used(old.Stop, old.Place.Desk)
		}
		a.s.Balances = kept(a.s.Balances, Balance{old.Stop, old.Place.Desk, used})
	}
	return worked
}

// keep sees to what a station can take back, before custody changes: its own act, with the
// custody that this finds, or nothing any more.
func (a *act) keep() {
	switch {
	case a.saved || a.was.Leg.Phase == "":
	case a.kind.Undo == AtStation:
		a.saved, a.before = true, Kept
		a.s.Before = a.was.before(a.c.Command.ID, a.c.Command.Station, a.at)
	case a.kind.Undo == OrderOnly:
		a.settle()
	}
}

// settle ends what could be undone: somebody else has acted, or the act is one that
// only a person with an order takes back.
func (a *act) settle() {
	a.saved, a.before = true, Settled
	a.s.Before = &Before{Command: a.c.Command.ID, Station: a.c.Command.Station, At: a.at}
}

// hold is a leg at a desk, which the route is moved on to: its budget is the
// route's for that stop or the post's, days of it as long as they are now, less what was used there before, but never
// under the return floor.
func (a *act) hold(at Place, known Known) Leg {
	a.keep()
	var stop int
	a.s.Path, stop = a.s.Path.reach(a.stops, at.Desk)
	budget, days := at.Budget, at.BudgetDays
	if stop > 0 {
		budget, days = a.stops[stop-1].Budget, a.stops[stop-1].BudgetDays
	}
	if days > 0 {
		budget = min(MaxBudget, budget+SecondsOf(a.contents.hours(at).Days(a.at, days)))
	}
	used, leg := a.s.used(stop, at.Desk), a.s.Leg
	back := leg.Back && leg.goesTo(at.Room)
	switch {
	case back:
		used = 0
	case leg.Back && leg.Phase == Held && leg.Place.Desk == at.Desk:
		used = leg.Consumed
	}
	if leg.Phase == Held && !leg.Waits() && leg.Place.Desk == at.Desk && leg.Stop == stop {
		used += a.worked(a.at)
	}
	return Leg{
		Phase: Held, Place: at, Stop: stop, Known: known, Back: back,
		Budget: budget, Consumed: max(0, min(used, budget-min(budget, a.rules.ReturnFloor))),
	}
}

// holder is the desk of the running leg as it is now: who sits there, and what holds for
// him.
func (a *act) holder() Place {
	leg := a.s.Leg
	if h := a.c.Holder; h != nil && h.Desk == leg.Place.Desk && leg.ID == a.ran {
		return *h
	}
	return leg.Place
}

// follow finds a file's place on its route where that was changed since: what desks have
// used counts for their stops as they are now.
func (a *act) follow() {
	if a.c.Route.ID == "" || a.c.Route.ID != string(a.s.Path.Route) {
		return
	}
	a.s.Path = a.s.Path.follow(a.stops)
	a.restop(func(b Balance) int { return nearest(a.stops, b.Desk, max(b.Stop, 1)) }, func(b Balance) bool {
		return b.Stop > 0 && (b.Stop > len(a.stops) || a.stops[b.Stop-1].Desk != b.Desk)
	})
}

// restop gives balances, and the running leg, the stops that they count for now.
func (a *act) restop(stop func(Balance) int, moved func(Balance) bool) {
	var stay []Balance
	for _, b := range a.s.Balances {
		if !moved(b) {
			stay = put(stay, b)
		}
	}
	for _, b := range a.s.Balances {
		if moved(b) {
			at := stop(b)
			sum := (&State{Balances: stay}).used(at, b.Desk) + b.Consumed
			stay = put(stay, Balance{at, b.Desk, sum})
		}
	}
	a.s.Balances = stay
	leg := &a.s.Leg
	if at := (Balance{Stop: leg.Stop, Desk: leg.Place.Desk}); leg.Phase == Held && !leg.OffRoute && moved(at) {
		leg.Stop = stop(at)
	}
}

// keptBalances bounds the stays that a file remembers; the shortest goes first.
const keptBalances = 16

func kept(list []Balance, b Balance) []Balance {
	list = put(list, b)
	for len(list) > keptBalances {
		least := slices.MinFunc(list, func(a, b Balance) int { return int(a.Consumed - b.Consumed) })
		list = put(list, Balance{Stop: least.Stop, Desk: least.Desk})
	}
	return list
}

// hours is the calendar of the running leg's holder.
func (a *act) hours() *calendar.Hours { return a.contents.hours(a.s.Leg.Place) }

// worked is the working time of the running leg up to an instant.
func (a *act) worked(at time.Time) Seconds { return a.s.Leg.worked(a.hours(), at) }

// renew takes over the hours of the holder where they have changed. They are the truth about
// past days too, so that the leg is counted from its beginning by them: hours that changed
// from some instant on leave what was worked before it, a holiday of yesterday does not.
func (a *act) renew() {
	h, leg := a.c.Holder, &a.s.Leg
	if h == nil || leg.Phase != Held && leg.Phase != Transit || h.Desk != leg.Place.Desk || h.Hours.ID != leg.Place.Hours.ID || h.Hours == leg.Place.Hours {
		return
	}
	if a.contents.hours(*h).Revision() > a.hours().Revision() {
		leg.Place.Hours = h.Hours
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

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
