package custody

// Found says that a missing file is there again.
const Found CommandKind = "found"

// Reasons of that. A scan of the file finds it too.
const (
	Refound    Reason = "found"
	NotMissing Reason = "not_missing"
)

func init() {
	register(Kind{
		Name: Found, Undo: AtStation,
		By:    by(StationHere, Holder, Superior, Manager, Administrator),
		Asks:  &Asks{Place: 4, When: func(r Row) bool { return isOpen(r) && r.Position.Missing }},
		Comes: []Reason{Refound, NotMissing},
	}, (*act).found)
}

func (a *act) found(Nothing) {
	if !a.s.Missing {
		a.refuse(NotMissing)
		return
	}
	a.keep()
	a.s.Missing = false
	a.record(Refound, nil)
}
