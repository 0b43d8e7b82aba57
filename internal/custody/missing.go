package custody

// Missing says that nobody can produce a file.
const Missing CommandKind = "missing"

// Lost is what it comes to.
const Lost Reason = "missing"

func init() {
	register(Kind{
		Name: Missing, Undo: AtStation,
		By:     by(StationHere, Holder, Superior, Manager, Administrator),
		Asks:   &Asks{Place: 3, When: func(r Row) bool { return isOpen(r) && !r.Position.Missing }, Of: []Ask{because(false)}},
		Brings: []Condition{{Name: "missing", Place: 5, Badge: 1, Is: func(p Position) bool { return p.Missing }}},
		Comes:  []Reason{Lost, IsClosed},
	}, (*act).missing)
}

// missing: nobody can produce the file. The last holder's clock runs on.
func (a *act) missing(Nothing) {
	switch {
	case a.s.Leg.Phase == Ended:
		a.refuse(IsClosed)
	case a.s.Missing:
		a.tick(Lost)
	default:
		a.keep()
		a.s.Missing = true
		a.record(Lost, nil)
	}
}
