package custody

// Reopen gives a closed file to a desk again.
const Reopen CommandKind = "reopen"

// Reasons of a reopening.
const (
	Reopened  Reason = "reopened"
	NotClosed Reason = "not_closed"
)

func init() {
	register(Kind{
		Name: Reopen, Undo: OrderOnly,
		By:    by(StationHere, StationElsewhere, Holder, Superior, Administrator), // whoever has the paper: he is charged from then
		Asks:  &Asks{Place: 1, Open: true, When: func(r Row) bool { return !isOpen(r) }, Of: []Ask{because(true)}},
		Comes: []Reason{Reopened, NotClosed},
	}, (*act).reopen)
}

// Reopening is at which desk; empty: the station's, or the one that the file was closed at.
type Reopening struct {
	Desk DeskID `json:"desk,omitempty"`
}

func (r Reopening) refers() []reference { return []reference{atDesk(r.Desk)} }
func (Reopening) check(Command) error   { return nil }

// reopen gives the file to a desk again, with a clock of its own: the one named, the
// station's, or the one that it was closed at, as that is now.
func (a *act) reopen(Reopening) {
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
	a.begin(Reopened, a.hold(*at, known))
}
