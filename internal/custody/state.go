package custody

import (
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// SnapshotVersion is the version of State's form. A program reads the versions
// it knows and refuses others.
const SnapshotVersion = 1

// MaxSnapshot bounds the JSON of a State, in bytes, beside what the ledger has not
// confirmed yet.
const MaxSnapshot = 6 << 10

// State is everything a file's workflow keeps: the snapshot that one run hands
// to the next. No subject, no names; identifiers, clocks and the chain's end.
type State struct {
	Version     int                 `json:"version"`
	Rules       int                 `json:"rules"` // fixed for a run
	File        label.Code          `json:"file"`
	Cover       label.Code          `json:"cover,omitempty"`   // on its present cover, where it is not File
	Aliases     []label.Code        `json:"aliases,omitempty"` // foreign codes that stand for it too
	Former      *Former             `json:"former,omitempty"`  // the cover before this one
	Opened      time.Time           `json:"opened,omitzero"`
	Seq         int64               `json:"seq"` // of the last command decided
	Head        Head                `json:"head"`
	Recent      []Head              `json:"recent,omitempty"` // older heads, oldest first: an Update may carry one
	Leg         Leg                 `json:"leg"`
	Rung        int                 `json:"rung,omitempty"`    // rungs of this leg passed, repeats included
	Percent     int                 `json:"percent,omitempty"` // of the last one recorded
	Wakes       int64               `json:"wakes,omitempty"`   // decided so far, whatever each came to
	Quiet       time.Time           `json:"quiet,omitzero"`    // until then no wake: nobody works, or the last one was set aside
	Moved       bool                `json:"moved,omitempty"`   // custody has passed since its cover was printed
	Missing     bool                `json:"missing,omitempty"`
	Seen        time.Time           `json:"seen,omitzero"` // last scan of the paper
	SeenIn      RoomID              `json:"seen_in,omitempty"`
	Bag         label.Code          `json:"bag,omitempty"`  // it lies in; reserved, nothing sets it yet
	Swept       time.Time           `json:"swept,omitzero"` // last count of its room; reserved, nothing sets it yet
	Route       []Place             `json:"route,omitempty"`
	Next        int                 `json:"next,omitempty"`   // index in Route of the next stop
	Marked      *Place              `json:"marked,omitempty"` // a next stop set by hand, before the route's
	Ladder      Ladder              `json:"ladder"`
	Transit     Seconds             `json:"transit,omitempty"`
	Balances    []Balance           `json:"balances,omitempty"`
	Calendars   []calendar.Calendar `json:"calendars,omitempty"` // of the places above
	Before      *Before             `json:"before,omitempty"`
	Last        *Answer             `json:"last,omitempty"`
	Unconfirmed []Entry             `json:"unconfirmed,omitempty"` // decided, not known to be in the ledger
	Untold      []Notice            `json:"untold,omitempty"`      // of those entries
}

// Balance is what a desk has used of its budget for a stop, in legs that ended: a
// file that comes back resumes it.
type Balance struct {
	Stop     int     `json:"stop,omitempty"` // of the route, from 1; 0: the desk's own, off it
	Desk     DeskID  `json:"desk"`
	Consumed Seconds `json:"consumed"`
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
	Next    int       `json:"next,omitempty"`
	Marked  *Place    `json:"marked,omitempty"`
	Missing bool      `json:"missing,omitempty"`
	Used    Seconds   `json:"used,omitempty"`   // balance of the leg's stop or desk
	Ladder  *Ladder   `json:"ladder,omitempty"` // where the act brought another
}

// Answer is what the last command came to, kept so that a repeat gets it again.
type Answer struct {
	Command CommandID `json:"command"`
	Verdict Verdict   `json:"verdict"`
	Reason  Reason    `json:"reason"`
	Marks   []string  `json:"marks,omitempty"`
}
