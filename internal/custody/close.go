package custody

// Close ends a file's life.
const Close CommandKind = "close"

// Closed is what it comes to.
const Closed Reason = "closed"

func init() {
	register(Kind{
		Name: Close, Undo: OrderOnly,
		By:    by(Holder, Superior, Administrator),
		Asks:  &Asks{Place: 5, When: isOpen, Of: []Ask{because(false)}},
		Comes: []Reason{Closed, IsClosed},
	}, (*act).close)
}

func (a *act) close(Nothing) {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	leg := a.s.Leg
	a.keep()
	a.s.Missing = false
	a.begin(Closed, Leg{Phase: Ended, Place: leg.Place, Known: leg.Known})
}
