package custody

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"harkara/internal/label"
)

// Then is what stands from an entry on, of what it changed beside the leg; what is
// absent stands as before. Its parts are those of State.
type Then struct {
	Opened    time.Time  `json:"opened,omitzero"`
	Class     *Class     `json:"class,omitempty"`
	Reckoning *Reckoning `json:"reckoning,omitempty"`
	Paper     *Paper     `json:"paper,omitempty"`
	Codes     *Codes     `json:"codes,omitempty"`
	Path      *Path      `json:"path,omitempty"`
	Balances  []Balance  `json:"balances,omitempty"` // each in place of the one of its stop and desk; without seconds: none
	Before    Undoing    `json:"before,omitempty"`
}

// Undoing says what an entry makes of State.Before.
type Undoing string

// What an entry makes of it.
const (
	Kept    Undoing = "kept"    // custody as it was before this entry: the act can be undone
	Settled Undoing = "settled" // nothing of before this entry can be undone at a station
	Spent   Undoing = "spent"   // it was used up
)

// Apply returns the state after an entry: the one interpreter of a chain, for the
// workflow, for verification and for whatever is made again from the ledger. It is
// total, and it copies what the entry says: what would have to be reckoned, Decide has
// said. Entries keep their meaning for ever: a mended Apply is a new version of entries.
// Commands that leave no entry change Seq and Last alone, which the inbox has.
func Apply(s State, e Entry) State {
	t := e.Then
	switch t.Before {
	case Kept:
		s.Before = s.before(e.Command, e.Station, e.At)
	case Settled:
		s.Before = &Before{Command: e.Command, Station: e.Station, At: e.At}
	case Spent:
		s.Before = nil
	}
	if !t.Opened.IsZero() {
		s.Opened = t.Opened
	}
	if e.Department != "" {
		s.Department = e.Department
	}
	if e.Leg != nil {
		s.Leg = *e.Leg
	}
	if e.Begins() || t.Paper != nil || e.Undoes != "" && e.Leg != nil {
		s.By = e.By
	}
	if t.Class != nil {
		s.Class = *t.Class
	}
	if t.Reckoning != nil {
		s.Reckoning = *t.Reckoning
	}
	if t.Paper != nil {
		s.Paper = *t.Paper
	}
	if t.Codes != nil {
		s.Codes = *t.Codes
	}
	if t.Path != nil {
		s.Path = *t.Path
	}
	s.Balances = put(s.Balances, t.Balances...)
	s.Seq, s.Head = e.Seq, Head{Revision: e.Revision, Hash: e.Hash}
	return s
}

// Replay returns what the entries of a file come to.
func Replay(file label.Code, entries []Entry) State {
	s := Begin(file)
	for _, e := range entries {
		s = Apply(s, e)
	}
	return s
}

// before is what an undo of an act restores, from the state that the act finds.
func (s State) before(c CommandID, at StationID, when time.Time) *Before {
	return &Before{
		Command: c, Station: at, At: when,
		Leg: s.Leg, Rung: s.Rung, Percent: s.Percent, Path: s.Path, Missing: s.Missing, Used: s.used(s.Leg.Stop, s.Leg.Place.Desk),
	}
}

// put returns balances with others in place of those of the same stop and desk.
func put(list []Balance, others ...Balance) []Balance {
	if len(others) == 0 {
		return list
	}
	list = slices.Clone(list)
	for _, b := range others {
		list = slices.DeleteFunc(list, func(o Balance) bool { return o.Stop == b.Stop && o.Desk == b.Desk })
		if b.Consumed > 0 {
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b Balance) int { return cmp.Or(cmp.Compare(a.Stop, b.Stop), cmp.Compare(a.Desk, b.Desk)) })
	return list
}

// since is what stands in a state otherwise than in the one before it, as an entry says
// it.
func (s State) since(was State) (t Then) {
	if !s.Opened.Equal(was.Opened) {
		t.Opened = s.Opened
	}
	t.Class = changed(was.Class, s.Class)
	t.Reckoning = changed(was.Reckoning, s.Reckoning)
	t.Paper = changed(was.Paper, s.Paper)
	t.Codes = changed(was.Codes, s.Codes)
	t.Path = changed(was.Path, s.Path)
	for _, b := range was.Balances {
		if s.used(b.Stop, b.Desk) == 0 {
			t.Balances = append(t.Balances, Balance{Stop: b.Stop, Desk: b.Desk})
		}
	}
	for _, b := range s.Balances {
		if was.used(b.Stop, b.Desk) != b.Consumed {
			t.Balances = append(t.Balances, b)
		}
	}
	return t
}

func changed[T any](was, is T) *T {
	if reflect.DeepEqual(was, is) {
		return nil
	}
	return &is
}
