package custody

import "time"

// open begins a file's life: at a desk, at the station's receiving desk, or from
// a register without a clock.
func (a *act) open() {
	if !a.s.Opened.IsZero() {
		a.refuse(AlreadyOpen)
		return
	}
	o := a.c.Command.Opening
	a.s.Opened, a.s.Department = a.at, o.Department
	a.s.Path = Path{Route: RouteID(a.c.Route.ID)}.to(0, a.stops)
	at, known := a.c.To, ByPaper
	if a.c.Command.Station != "" && (at == nil || a.c.Here != nil && at.Desk == a.c.Here.Desk) {
		at, known = a.c.Here, ByScan
	}
	if o.Imported {
		leg := Leg{Phase: Unseen, Known: ByPaper}
		if at != nil {
			leg.Place = *at
		}
		a.begin(Imported, leg)
		return
	}
	if known == ByScan {
		a.seen()
	}
	a.begin(Opened, a.hold(*at, known))
}

// mark sets the next stop, or a whole new route from here.
func (a *act) mark() {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	a.settle() // what was before knows nothing of the new route
	path := &a.s.Path
	switch leg := a.s.Leg; {
	case a.c.To == nil:
		a.reroute()
	case leg.Phase == Held && leg.Place.Desk == a.c.To.Desk:
		path.ByHand = false // reached already: onward follows the route
		*path = path.to(path.Stop, a.stops)
	default:
		path.Next, path.ByHand = a.c.To.dest(), true
	}
	a.record(Marked, func(e *Entry) {
		if a.c.To == nil {
			e.Route = a.c.Route
		}
	})
}

// reroute replaces the route. What desks have used counts for their first stops on
// the new one: a new route buys no time.
func (a *act) reroute() {
	first := func(desk DeskID) int { return nearest(a.stops, desk, 1) }
	a.restop(func(b Balance) int { return first(b.Desk) }, func(Balance) bool { return true })
	at := 0
	if first(a.s.Leg.Place.Desk) == 1 {
		at = 1
	}
	a.s.Path = Path{Route: RouteID(a.c.Route.ID)}.to(at, a.stops)
}

// undo takes back the station's last act: place and consumed time stand again as
// though it had not been, and the time since counts for the restored holder.
func (a *act) undo() {
	b := a.s.Before
	switch {
	case b != nil && b.Station != a.c.Command.Station:
		a.refuse(OthersActed)
		return
	case b == nil, b.Leg.Phase == "", a.c.Act != "" && a.c.Act != b.Command:
		a.refuse(NothingToUndo)
		return
	case a.at.Sub(b.At) > a.rules.UndoWindow:
		a.refuse(TooLateToUndo)
		return
	}
	same := b.Leg.Same(a.s.Leg)
	if !same || b.Rung > a.s.Rung { // a rung told on this leg stays told
		a.s.Rung, a.s.Percent = b.Rung, b.Percent
	}
	if !same {
		a.s.Quiet = time.Time{}
	}
	a.s.Leg, a.s.Path, a.s.Missing = b.Leg, b.Path, b.Missing
	a.s.Balances = put(a.s.Balances, Balance{b.Leg.Stop, b.Leg.Place.Desk, b.Used})
	a.follow()
	a.s.Before, a.saved, a.before = nil, true, Spent
	a.record(Undone, func(e *Entry) { e.Undoes = b.Command })
}

// correct states the real place, with a reason; the clock there starts now.
func (a *act) correct() {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	a.settle()
	a.begin(Corrected, a.hold(*a.c.To, ByPaper))
}

// amend puts the file's number or subject right. What they are stands beside the chain,
// their digests in it.
func (a *act) amend() { a.record(Amended, nil) }

func (a *act) classify() {
	if a.s.Class == *a.c.Command.Class {
		a.tick(Classified)
		return
	}
	a.s.Class = *a.c.Command.Class
	a.record(Classified, nil)
}

func (a *act) close() {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	leg := a.s.Leg
	a.settle()
	a.s.Missing = false
	a.begin(Closed, Leg{Phase: Ended, Place: leg.Place, Known: leg.Known})
}

// reopen gives the file to a desk again, with a clock of its own: the one named, the
// station's, or the one that it was closed at, as that is now.
func (a *act) reopen() {
	if a.s.Leg.Phase != Ended {
		a.refuse(NotClosed)
		return
	}
	at, known := a.c.Holder, ByPaper
	switch {
	case a.c.To != nil:
		at = a.c.To
	case a.c.Here != nil:
		at, known = a.c.Here, ByScan
	case at == nil: // what held for it then did not come with the command
		a.unknown("desk " + string(a.s.Leg.Place.Desk))
		return
	}
	a.settle()
	a.begin(Reopened, a.hold(*at, known))
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
