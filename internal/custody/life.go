package custody

import (
	"slices"
	"time"
)

// open begins a file's life: at a desk, at the station's receiving desk, or from
// a register without a clock.
func (a *act) open() {
	if !a.s.Opened.IsZero() {
		a.refuse(AlreadyOpen)
		return
	}
	a.s.Opened = a.at
	a.s.Route, a.s.Transit = a.c.Route, a.c.Transit
	if a.c.Ladder != nil {
		a.s.Ladder = *a.c.Ladder
	}
	at, known := a.c.To, ByPaper
	if a.c.Command.Station != "" && (at == nil || a.c.Here != nil && at.Desk == a.c.Here.Desk) {
		at, known = a.c.Here, ByScan
	}
	if a.c.Command.Opening.Imported {
		leg := Leg{Phase: Unseen, Known: ByPaper}
		if at != nil {
			leg.Place = *at
		}
		a.begin(Imported, leg, nil)
		return
	}
	a.begin(Opened, a.hold(*at, known), nil)
	if known == ByScan {
		a.seen()
	}
}

// mark sets the next stop, or a whole new route from here.
func (a *act) mark() {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	a.settle() // what was before knows nothing of the new route
	switch leg := a.s.Leg; {
	case a.c.To == nil:
		a.reroute(a.c.Route)
	case leg.Phase == Held && leg.Place.Desk == a.c.To.Desk:
		a.s.Marked = nil // reached already: onward follows the route
	default:
		a.s.Marked = a.c.To
	}
	a.record(Marked, func(e *Entry) {
		if next, ok := a.s.next(); ok {
			e.Next = next.Desk
		}
	})
}

// reroute replaces the route. What desks have used counts for their first stops on
// the new one: a new route buys no time.
func (a *act) reroute(route []Place) {
	stop := func(desk DeskID) int {
		return 1 + slices.IndexFunc(route, func(p Place) bool { return p.Desk == desk })
	}
	old := a.s.Balances
	a.s.Route, a.s.Next, a.s.Marked, a.s.Balances = route, 0, nil, nil
	for _, b := range old {
		at := stop(b.Desk)
		a.s.Balances = balance(a.s.Balances, at, b.Desk, a.s.used(at, b.Desk)+b.Consumed)
	}
	a.s.Leg.Stop = 0
	if a.s.Leg.Phase == Held && !a.s.Leg.OffRoute {
		a.s.Leg.Stop = stop(a.s.Leg.Place.Desk)
	}
	if stop(a.s.Leg.Place.Desk) == 1 {
		a.s.Next = 1
	}
}

// undo takes back the station's last act: place and consumed time stand again as
// though it had not been, and the time since counts for the restored holder.
func (a *act) undo() {
	b := a.s.Before
	switch {
	case b == nil, b.Station == a.c.Command.Station && b.Leg.Phase == "":
		a.refuse(NothingToUndo)
		return
	case b.Station != a.c.Command.Station, a.c.Command.Undoes != "" && a.c.Command.Undoes != b.Command:
		a.refuse(OthersActed)
		return
	case a.at.Sub(b.At) > a.rules.UndoWindow:
		a.refuse(TooLateToUndo)
		return
	}
	if !b.Leg.Same(a.s.Leg) || b.Rung > a.s.Rung { // a rung told on this leg stays told
		a.s.Rung, a.s.Percent = b.Rung, b.Percent
	}
	if !b.Leg.Same(a.s.Leg) {
		a.s.Quiet = time.Time{}
	}
	a.s.Leg = b.Leg
	a.s.Next, a.s.Marked, a.s.Missing, a.s.Before = b.Next, b.Marked, b.Missing, nil
	a.s.Balances = balance(a.s.Balances, b.Leg.Stop, b.Leg.Place.Desk, b.Used)
	if b.Ladder != nil {
		a.s.Ladder = *b.Ladder
	}
	a.record(Undone, func(e *Entry) { e.Leg, e.Undoes = &b.Leg, b.Command })
}

// correct states the real place, with a reason; the clock there starts now.
func (a *act) correct() {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	a.begin(Corrected, a.hold(*a.c.To, ByPaper), nil)
	a.settle()
}

func (a *act) close() {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	leg := a.s.Leg
	a.begin(Closed, Leg{Phase: Ended, Place: leg.Place, Known: leg.Known}, nil)
	a.s.Missing = false
	a.settle()
}

// reopen gives the file to a desk again, with a clock of its own.
func (a *act) reopen() {
	if a.s.Leg.Phase != Ended {
		a.refuse(NotClosed)
		return
	}
	at, known := a.s.Leg.Place, ByPaper
	switch {
	case a.c.To != nil:
		at = *a.c.To
	case a.c.Here != nil:
		at, known = *a.c.Here, ByScan
	}
	a.begin(Reopened, a.hold(at, known), nil)
	a.settle()
}

// missing: nobody can produce the file. The last holder's clock runs on.
func (a *act) missing() {
	switch {
	case a.s.Leg.Phase == Ended:
		a.refuse(IsClosed)
	case a.s.Missing:
		a.tick(Lost)
	default:
		a.save()
		a.s.Missing = true
		a.record(Lost, nil)
	}
}

func (a *act) found() {
	if !a.s.Missing {
		a.refuse(NotMissing)
		return
	}
	a.save()
	a.s.Missing = false
	a.record(Refound, nil)
}
