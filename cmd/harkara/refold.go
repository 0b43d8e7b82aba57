package main

import (
	"slices"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// refolded is what entries by themselves say about a file's place.
type refolded struct {
	leg     custody.Leg
	percent int            // of the last rung of the leg
	missing bool           // declared so
	cover   label.Code     // where it is not the file's code
	seenIn  custody.RoomID // where the paper was last seen
}

// refold reads a chain from its beginning. An undo brings back what was before the
// act that it undoes.
func refold(entries []custody.Entry) refolded {
	var now refolded
	before := map[custody.CommandID]refolded{}
	for _, e := range entries {
		if _, known := before[e.Command]; !known {
			before[e.Command] = now
		}
		now.take(e, before)
	}
	return now
}

func (r *refolded) take(e custody.Entry, before map[custody.CommandID]refolded) {
	told := 0
	if e.Leg != nil {
		if r.leg.Same(*e.Leg) {
			told = r.percent
		}
		r.leg, r.percent = *e.Leg, 0
	}
	switch e.Reason {
	case custody.Undone:
		r.percent, r.missing = max(told, before[e.Undoes].percent), before[e.Undoes].missing
	case custody.RungDue:
		r.percent = e.Rung
	case custody.Confirmed:
		r.leg.Known = custody.ByScan
	case custody.Lost:
		r.missing = true
	case custody.Refound, custody.Closed:
		r.missing = false
	case custody.Relabelled:
		r.cover = e.Cover
	case custody.Opened:
		if r.leg.Known == custody.ByScan {
			r.seenIn = r.leg.Place.Room
		}
	}
	if e.Seen != "" && !slices.Contains(unseen, e.Reason) {
		r.seenIn = e.Seen
	}
}

// unseen are entries of scans that do not place the paper.
var unseen = []custody.Reason{custody.Late, custody.TypedCannot, custody.NoSuchPlace, custody.TooLarge}

// position puts what entries say over a position. Deadlines come of the leg and the
// calendars that a snapshot carries; without one they stay as they are.
func (r refolded) position(p custody.Position, head custody.Head, snapshot *custody.State) custody.Position {
	s := custody.State{File: p.File, Cover: r.cover, Head: head, Leg: r.leg, Percent: r.percent, Missing: r.missing, SeenIn: r.seenIn}
	if snapshot != nil {
		s.Calendars, s.Ladder, s.Rung, s.Wakes, s.Quiet = snapshot.Calendars, snapshot.Ladder, snapshot.Rung, snapshot.Wakes, snapshot.Quiet
		s.Leg.Reckon, s.Leg.Reckoned = snapshot.Leg.Reckon, snapshot.Leg.Reckoned // a new calendar leaves no entry
	}
	folded := s.Position()
	folded.Seen, folded.Moved = p.Seen, p.Moved // no entry says them: the workflow does
	if folded.To == "" {                        // in transit the leg says it, else routes do
		folded.Next, folded.NextRoom = p.Next, p.NextRoom
	}
	if snapshot == nil {
		folded.Deadline, folded.Wake, folded.Step, folded.Wakes = p.Deadline, p.Wake, p.Step, p.Wakes
	} else if folded.Wakes != p.Wakes { // one that came to nothing is not committed yet
		folded.Wakes, folded.Wake = p.Wakes, p.Wake
	}
	return folded
}
