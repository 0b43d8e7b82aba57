package custody

import (
	"encoding/json"
	"slices"
	"time"

	"harkara/internal/label"
)

// StateVersion is the version of State's form. A program reads it and those before it,
// and gives a newer one back to whoever knows it.
const StateVersion = 1

// MaxState bounds the JSON of a State, in bytes, beside what the ledger has not
// confirmed yet. Office.Validate bounds what goes into it.
const MaxState = 4 << 10

// State is everything that decides what may happen to a file next: the snapshot that one
// run of its workflow hands to the next, and what its entries come to. It holds
// identifiers, instants and digests, and nothing that somebody typed. Apply alone
// changes it.
type State struct {
	Version    int          `json:"v"`
	File       label.Code   `json:"file"`
	Opened     time.Time    `json:"opened,omitzero"`
	Department DepartmentID `json:"department,omitempty"`
	Class      Class        `json:"class,omitempty"`
	Seq        int64        `json:"seq"` // of the last command decided
	Head       Head         `json:"head"`
	Leg        Leg          `json:"leg"`
	By         Actor        `json:"by,omitzero"` // who had to do with the paper last
	Reckoning
	Paper
	Codes
	Path        Path      `json:"path,omitzero"`
	Balances    []Balance `json:"balances,omitempty"` // in order
	Before      *Before   `json:"before,omitempty"`
	Last        *Answer   `json:"last,omitempty"`
	Unconfirmed []Entry   `json:"unconfirmed,omitempty"` // decided, not known to be in the ledger
	Untold      []Notice  `json:"untold,omitempty"`      // of those entries
}

// Begin returns the state of a file that nobody has opened yet.
func Begin(file label.Code) State { return State{Version: StateVersion, File: file} }

// ReadState reads a stored state. Errors: ErrNewer, others.
func ReadState(stored []byte) (s State, err error) {
	if err := readForm(stored, StateVersion, &s, &s.Version); err != nil {
		return State{}, err
	}
	return s, understood(s.Unconfirmed)
}

// Reckoning is what the running leg's clock comes to. Its instants were reckoned when
// they were recorded, and stand however a later program reckons.
type Reckoning struct {
	Rung     int       `json:"rung,omitempty"`    // rungs of this leg passed, repeats included
	Percent  int       `json:"percent,omitempty"` // of the last one recorded
	Wakes    int64     `json:"wakes,omitempty"`   // decided so far, whatever each came to
	Quiet    time.Time `json:"quiet,omitzero"`    // until then no wake: nobody works, or the last one was set aside
	Deadline time.Time `json:"deadline,omitzero"` // when the leg's budget is used up; zero: no clock runs
	Wake     time.Time `json:"wake,omitzero"`     // when the next rung is told: when it is due, but in working time
	Alarm    time.Time `json:"alarm,omitzero"`    // when the file asks for a wake: a little later, so that not all do at once
}

// Paper is what is known of the paper itself.
type Paper struct {
	Seen    time.Time `json:"seen,omitzero"` // last recorded scan of it
	SeenIn  RoomID    `json:"seen_in,omitempty"`
	Shown   bool      `json:"shown,omitempty"` // there, and no more than that: its holder still has it
	Moved   bool      `json:"moved,omitempty"` // custody has passed since its cover was printed
	Missing bool      `json:"missing,omitempty"`
}

// Codes are those that stand for the file.
type Codes struct {
	Cover   label.Code   `json:"cover,omitempty"`   // on its present cover, where it is not File
	Aliases []label.Code `json:"aliases,omitempty"` // foreign codes that stand for it too
	Former  *Former      `json:"former,omitempty"`  // the cover before this one
}

// Balance is what a desk has used of its budget for a stop, in legs that ended: a
// file that comes back resumes it. It is written as an array of the three.
type Balance struct {
	Stop     int // of the route, from 1; 0: the desk's own, off it
	Desk     DeskID
	Consumed Seconds
}

// MarshalJSON writes the array.
func (b Balance) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{b.Stop, b.Desk, b.Consumed})
}

// UnmarshalJSON reads the array.
func (b *Balance) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&b.Stop, &b.Desk, &b.Consumed})
}

// Before is what an undo restores: the custody just before a station's act. An act
// that cannot be undone, also by somebody else, leaves one without a leg.
type Before struct {
	Command CommandID `json:"command"`
	Station StationID `json:"station"`
	At      time.Time `json:"at"`
	Leg     Leg       `json:"leg,omitzero"`
	Rung    int       `json:"rung,omitempty"`
	Percent int       `json:"percent,omitempty"`
	Path    Path      `json:"path,omitzero"`
	Missing bool      `json:"missing,omitempty"`
	Used    Seconds   `json:"used,omitempty"` // balance of the leg's stop or desk
}

// Answer is what the last command came to, kept so that a repeat gets it again.
type Answer struct {
	Command CommandID `json:"command"`
	Verdict Verdict   `json:"verdict"`
	Reason  Reason    `json:"reason"`
	Marks   []string  `json:"marks,omitempty"`
}

// Head is the newest entry of a file: its revision and chain hash.
type Head struct {
	Revision int64 `json:"revision"`
	Hash     Hash  `json:"hash"`
}

// Confirm drops the entries and notices that the ledger has, up to head.
func (s State) Confirm(head Head) State {
	s.Unconfirmed = slices.DeleteFunc(slices.Clone(s.Unconfirmed), func(e Entry) bool { return e.Revision <= head.Revision })
	s.Untold = slices.DeleteFunc(slices.Clone(s.Untold), func(n Notice) bool { return n.Revision <= head.Revision })
	return s
}

// used is what was used of the budget for a stop, or of a desk's off the route, in
// legs that ended.
func (s *State) used(stop int, desk DeskID) Seconds {
	b, _ := first(s.Balances, func(b Balance) bool { return b.Stop == stop && b.Desk == desk })
	return b.Consumed
}

// Over reports whether nothing is left to do for a file: it is closed, and the ledger
// has its last entry.
func (s State) Over() bool { return s.Leg.Phase == Ended && len(s.Unconfirmed) == 0 }

// Final is the snapshot that a closed file leaves behind, nil of an open one. It has
// what the ledger has.
func (s State) Final() *State {
	if s.Leg.Phase != Ended {
		return nil
	}
	s.Unconfirmed, s.Untold = nil, nil
	return &s
}
