package custody

// Resume says that a file which waits need not wait any longer.
const Resume CommandKind = "resume"

// What it comes to, and what the date of a hold does by itself.
const (
	Resumed    Reason = "resumed"
	NotWaiting Reason = "not_waiting"
)

func init() {
	register(Kind{
		Name: Resume, Undo: AtStation, Sights: true, Reads: true,
		By:    by(StationHere, Holder, Superior, Administrator),
		Asks:  &Asks{Place: 1, Open: true, When: func(r Row) bool { return isOpen(r) && r.Position.Waits() }, Of: []Ask{because(true)}},
		Comes: []Reason{Resumed, NotWaiting, NotSeenYet, Adopted, Late, Refound, TypedCannot, IsClosed, OldCover, NotRegistered},
	}, (*act).resume)
}

func (a *act) resume(Nothing) {
	switch {
	case !a.ready():
	case !a.s.Leg.Waits():
		a.refuse(NotWaiting)
	default:
		a.begin(Resumed, a.goesOn(Wait{}))
	}
}
