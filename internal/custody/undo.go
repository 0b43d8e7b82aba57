package custody

import (
	"slices"
	"time"
)

// Undo takes back the last act of a station.
const Undo CommandKind = "undo"

// Reasons of an undo.
const (
	Undone        Reason = "undone"
	NothingToUndo Reason = "nothing_to_undo"
	TooLateToUndo Reason = "too_late_to_undo"
	OthersActed   Reason = "others_acted"
)

func init() {
	register(Kind{
		Name: Undo, Undo: Beside, Restores: true, Reads: true,
		By:    by(StationHere, StationElsewhere), // whose act it was: wherever that has sent the file
		Comes: []Reason{Undone, NothingToUndo, TooLateToUndo, OthersActed},
	}, (*act).undo)
}

// Undoes is the act that an undo takes back.
type Undoes struct {
	Act CommandID `json:"act,omitempty"` // of the same station; empty: its last one
}

func (u Undoes) undoes() CommandID { return u.Act }

func (u Undoes) check(Command) error {
	if u.Act != "" && !uuidForm(string(u.Act)) {
		return malformed("what is undone is not a UUID")
	}
	return nil
}

// undo takes back the station's last act: place and consumed time stand again as
// though it had not been, and the time since counts for the restored holder. An act that
// took one back itself, as a paper's that was only shown, makes that stand again.
func (a *act) undo(Undoes) {
	b := a.s.Before
	switch {
	case b != nil && b.Station != a.c.Command.Station:
		a.refuse(OthersActed)
		return
	case b == nil, b.Leg.Phase == "", a.c.Act != "" && a.c.Act != b.Command:
		a.refuse(NothingToUndo)
		return
	case a.at.Sub(b.At) > a.rules.UndoWindow:
		a.refuse(TooLateToUndo)
		return
	case a.over(b.Leg):
		a.stay(b)
		return
	}
	var closes Seconds
	if b.Leg.ID > a.s.Leg.ID {
		closes = a.leave(b.Leg.Since)
	}
	a.restore(b)
	a.s.Missing, a.s.Shown = b.Missing, false
	a.s.Before, a.saved, a.before = nil, true, Spent
	a.record(Undone, func(e *Entry) { e.Undoes, e.Closes = b.Command, closes })
}

// over reports whether a desk of a leg has ended: the one that held the file, or sent it,
// or was to get it.
func (a *act) over(leg Leg) bool {
	desks, _ := ended.of(a.c)
	return slices.Contains(desks, leg.Place.Desk) || leg.To != nil && slices.Contains(desks, leg.To.Desk)
}

// stay takes an act back whose file has nowhere to go back to: it is with the station that
// did it.
func (a *act) stay(b *Before) {
	a.note(MarkMoved)
	a.s.Missing, a.s.Shown = b.Missing, false
	a.s.Before, a.saved, a.before = nil, true, Spent
	says := func(e *Entry) { e.Undoes = b.Command }
	if leg := a.s.Leg; leg.Phase == Held && leg.Place.Room == a.c.Here.Room {
		a.record(Undone, says)
		return
	}
	a.s.Path = b.Path
	a.follow()
	a.begin(Undone, a.hold(*a.c.Here, ByScan), says)
}

// restore has the leg, the route and what was used stand as an act found them.
func (a *act) restore(b *Before) {
	same := b.Leg.Same(a.s.Leg) || b.Leg.Place.Desk == a.s.Leg.Place.Desk && b.Leg.stayed().Equal(a.s.Leg.stayed())
	if !same || b.Rung > a.s.Rung { // a rung told on this stay stays told
		a.s.Rung, a.s.Percent = b.Rung, b.Percent
	}
	if !same {
		a.s.Quiet = time.Time{}
	}
	a.s.Leg, a.s.Path = b.Leg, b.Path
	a.s.Balances = put(a.s.Balances, Balance{b.Leg.Stop, b.Leg.Place.Desk, b.Used})
	a.follow()
}
