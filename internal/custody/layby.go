package custody

// LayBy says that nothing is to be done with a file, which lies where it is: no clock runs
// until it is moved, or goes on.
const LayBy CommandKind = "lay_by"

// What it comes to.
const (
	LaidBy   Reason = "laid_by"
	OnTheWay Reason = "on_the_way" // what is carried lies nowhere
)

func init() {
	register(Kind{
		Name: LayBy, Undo: AtStation, Sights: true, Reads: true,
		By:   by(StationHere, StationElsewhere, Holder, Superior, Administrator), // whoever has the paper
		Asks: &Asks{Place: 4, When: func(r Row) bool { return isOpen(r) && !r.Position.Wait.Laid }, Of: []Ask{because(true)}},
		Brings: []Condition{{
			Name: "laid_by", Place: 3, State: true,
			Is: func(p Position) bool { return p.Wait.Laid }, Next: restsFor,
		}},
		Comes: []Reason{LaidBy, OnTheWay, Adopted, Received, Inferred, Returned, OffRoute, SentAlready, Lost, NotSeenYet, Late, Refound, TypedCannot, IsClosed, OldCover, NotRegistered},
	}, (*act).layBy)
}

// layBy has the clock rest without an end. A station has the paper before it: what it
// lays by it has received.
func (a *act) layBy(Nothing) {
	if !a.ready() {
		return
	}
	if a.c.Here != nil {
		a.here()
	}
	switch leg := a.s.Leg; {
	case a.s.Missing:
		a.refuse(Lost)
	case leg.Phase == Transit && a.verdict == Ticked: // sent a moment ago
	case leg.Phase == Transit:
		a.refuse(OnTheWay)
	case leg.OffRoute:
		a.refuse(OffRoute)
	case leg.Wait.Laid:
		a.tick(LaidBy)
	default:
		a.begin(LaidBy, a.goesOn(Wait{Laid: true}))
	}
}
