package custody

// Correct states the real place of a file.
const Correct CommandKind = "correct"

// Corrected is what it comes to.
const Corrected Reason = "corrected"

func init() {
	register(Kind{
		Name: Correct, Undo: OrderOnly, Reasoned: true,
		By:      by(Administrator),
		Asks:    &Asks{Place: 2, When: isOpen, Of: []Ask{{"desk", DeskInput, false}, because(false)}},
		Comes:   []Reason{Corrected, IsClosed},
		Example: func(o *Office) Payload { return Correction{o.Desks[0].ID} },
	}, (*act).correct)
}

// Correction is where a file really is.
type Correction struct {
	Desk DeskID `json:"desk"`
}

func (c Correction) refers() []reference { return []reference{atDesk(c.Desk)} }

func (c Correction) check(Command) error {
	if c.Desk == "" {
		return malformed("correct needs a desk")
	}
	return nil
}

// correct states the real place; the clock there starts now.
func (a *act) correct(Correction) {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	a.begin(Corrected, a.hold(*a.c.To, ByPaper))
}
