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
		Example: func(o *Office) Payload { return Correction{Desk: o.Desks[0].ID} },
	}, (*act).correct)
}

// Correction is where a file really is, or which desk stands for one that was taken out of
// the office: then nothing is said of where the paper is.
type Correction struct {
	Desk DeskID `json:"desk"`
	For  DeskID `json:"for,omitempty"` // what it has to do with that desk, it has to do with this one
}

func (c Correction) refers() []reference { return []reference{atDesk(c.Desk)} }

func (c Correction) check(Command) error {
	switch {
	case c.Desk == "":
		return malformed("correct needs a desk")
	case !identifies(string(c.For)):
		return malformed("an identifier has at most %d bytes and no control characters", maxID)
	}
	return nil
}

// correct states the real place; the clock there starts now.
func (a *act) correct(c Correction) {
	switch {
	case c.For != "":
		a.rehouse(c.For, *a.c.To)
	case a.s.Leg.Phase == Ended:
		a.refuse(IsClosed)
	default:
		a.begin(Corrected, a.hold(*a.c.To, ByPaper))
	}
}

// rehouse puts a desk in the place of one, which may be the same as it was: where the file
// lies, whence it comes and whither it goes. What is on its way stays on its way, what waits
// waits on, what nobody has seen is not held; a desk that holds it has its own budget.
func (a *act) rehouse(old DeskID, to Place) {
	if a.s.Leg.Phase == Ended {
		a.tick(Corrected)
		return
	}
	leg := a.s.Leg
	at := leg.Place.Desk == old && (old != to.Desk || leg.Place.Room != to.Room || leg.Place.Post != to.Post)
	going := leg.To != nil && leg.To.Desk == old && *leg.To != to.dest()
	if !at && !going {
		a.tick(Corrected)
		return
	}
	a.keep() // what was before knows nothing of the desk
	if next := &a.s.Path.Next; a.s.Path.ByHand && next.Desk == old {
		*next = to.dest()
	}
	next := a.goesOn(leg.Wait)
	switch {
	case at && leg.Phase == Held && !leg.OffRoute && old != to.Desk:
		next = a.hold(to, ByPaper)
		next.From, next.Wait, next.Holds = leg.From, leg.Wait, leg.Holds
	case at:
		next.Place = to
	}
	if going {
		dest := to.dest()
		next.To = &dest
	}
	a.pass(Corrected, next)
}
