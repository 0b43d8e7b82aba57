package custody

import (
	"encoding/json"
	"slices"

	"harkara/internal/calendar"
)

// What bounds a snapshot. An office that keeps to them has files that always fit.
const (
	MaxID     = 24 // bytes of an identifier of reference data
	MaxStops  = 16
	MaxRungs  = 8
	MaxTold   = 4           // receivers of a rung
	MaxPlan   = 3<<10 + 512 // bytes of a route with the longest ladder and the calendars that a file may meet
	MaxBudget = Seconds(366 * 24 * 3600)

	// rungs and refusals lengthen a snapshot a little, and must never fail to fit:
	// older heads, longer figures.
	spare = 512
)

// size is that of the snapshot's JSON once the ledger has confirmed everything.
func (s State) size() int {
	s.Unconfirmed, s.Untold = nil, nil
	b, err := json.Marshal(s)
	if err != nil {
		panic("custody: marshal state: " + err.Error()) // strings, numbers and times only
	}
	return len(b)
}

// prune drops the calendars of places that the file has left behind.
func (s *State) prune() {
	used := []string{s.Leg.Place.Calendar}
	for _, p := range s.Route {
		used = append(used, p.Calendar)
	}
	places := []*Place{s.Leg.To, s.Marked}
	if b := s.Before; b != nil {
		used = append(used, b.Leg.Place.Calendar)
		places = append(places, b.Leg.To, b.Marked)
	}
	for _, p := range places {
		if p != nil {
			used = append(used, p.Calendar)
		}
	}
	s.Calendars = slices.DeleteFunc(slices.Clone(s.Calendars), func(c calendar.Calendar) bool { return !slices.Contains(used, c.ID) })
}

// fit brings the snapshot within MaxSnapshot, and reports false where it cannot.
// Custody and its clock are never given up for it: first goes the undo, then what
// desks used longest ago.
func (s *State) fit() bool {
	s.prune()
	if s.size() <= MaxSnapshot-spare {
		return true
	}
	s.Before = nil
	s.prune()
	for len(s.Balances) > 0 && s.size() > MaxSnapshot-spare {
		s.Balances = s.Balances[1:]
	}
	return s.size() <= MaxSnapshot-spare
}
