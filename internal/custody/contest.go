package custody

// Contest says for whom a file waits that its time is not theirs.
const Contest CommandKind = "contest"

// What it comes to.
const (
	Contested  Reason = "contested"   // from here on it is the holder's again
	NotCharged Reason = "not_charged" // it is nobody's but the holder's
)

func init() {
	register(Kind{
		Name: Contest, Undo: OrderOnly, Reasoned: true, Ordered: true,
		By: by(Administrator), // for a body that has no place of its own in the office, or whose officers do not sign in
		Asks: &Asks{
			Place: 3, When: func(r Row) bool { return isOpen(r) && r.Position.Wait.Charged },
			Of: []Ask{because(false), {string(WhoField), TextInput, false}},
		},
		Comes: []Reason{Contested, NotCharged},
	}, (*act).contest)
}

// contest has the last undisputed clock run on, the holder's, until a superior orders that
// they are charged again.
func (a *act) contest(Nothing) {
	w := a.s.Leg.Wait
	if !w.Charged {
		a.refuse(NotCharged)
		return
	}
	w.Charged, w.Contested = false, true
	a.begin(Contested, a.goesOn(w))
}
