package custody

// Shown says that the paper was seen in a room for signature or discussion, and stays
// whose it is.
const Shown CommandKind = "shown"

// SeenHere is what it comes to.
const SeenHere Reason = "shown"

func init() {
	register(Kind{
		Name: Shown, Undo: AtStation, Sights: true, Restores: true, Reads: true,
		By: by(StationHere, StationElsewhere),
		Brings: []Condition{{
			Name: "shown", Is: func(p Position) bool { return p.ShownIn != "" }, InHand: toItsHolder, Seen: shownIn,
		}},
		Comes: []Reason{SeenHere, Refound, SeenAlready, Late, TypedCannot, OldCover, NotRegistered},
	}, (*act).shown)
}

// toItsHolder has it given back.
func toItsHolder(p Position) Phrase {
	if p.Phase != Held {
		return Phrase{}
	}
	return Phrase{"say.back", []any{p.Desk, p.Room}}
}

// shownIn is a sighting, but not in its holder's room; of what is missing since that says
// nothing.
func shownIn(p Position) Phrase {
	if p.Missing {
		return Phrase{}
	}
	return Phrase{"known.shown", []any{"{0}", p.ShownIn}}
}

// shown: seen here, and no clock knows of it. Where the cover was read before the card,
// that scan has taken the file from its holder: it is given back.
func (a *act) shown(Nothing) {
	switch {
	case !a.reads(true):
		return
	case a.sighted.Shown && a.justSeen():
		a.tick(SeenAlready)
		return
	}
	taken := a.justTaken()
	defer a.finds()()
	a.keep()
	if taken != nil {
		a.restore(taken)
	} else {
		a.follow()
	}
	a.s.Shown = true
	a.record(SeenHere, func(e *Entry) {
		if taken != nil {
			e.Undoes = taken.Command
		}
	})
}

// justTaken is what a scan at this station found that made a file its room's a moment ago,
// though it was not on its way there; nil: none did.
func (a *act) justTaken() *Before {
	b, leg := a.s.Before, a.s.Leg
	switch {
	case b == nil, b.Station != a.c.Command.Station, b.Leg.Phase == "", a.over(b.Leg), b.Leg.Same(leg), a.at.Sub(b.At) > a.rules.SeenAgain:
		return nil
	case leg.Phase != Held, leg.Known != ByScan, leg.Place.Room != a.c.Here.Room, b.Leg.goesTo(leg.Place.Room):
		return nil
	}
	return b
}
