package custody

import (
	"errors"
	"time"
)

// Rules are the figures that decide between rows of the scan table. A run keeps
// the version it started with; see State.Rules.
type Rules struct {
	Version     int
	SentAgain   time.Duration // a file scanned again where it was just sent from: soft tick
	SeenAgain   time.Duration // a file scanned again where it is: soft tick
	UndoWindow  time.Duration
	ReturnFloor Seconds       // least working time a returning file has
	Slack       time.Duration // clocks of two stations may differ by this much
	Spooled     time.Duration // a station keeps scans this long; older times are wrong clocks
}

// Rulebook is every version of the rules that some run may still follow, oldest
// first. The last one is current.
type Rulebook []Rules

// Book is the rulebook of this program.
var Book = Rulebook{{
	Version:     1,
	SentAgain:   2 * time.Minute,
	SeenAgain:   30 * time.Second,
	UndoWindow:  10 * time.Minute,
	ReturnFloor: 3600,
	Slack:       2 * time.Minute,
	Spooled:     14 * 24 * time.Hour,
}}

// Current returns the rules that new runs follow.
func (b Rulebook) Current() Rules { return b[len(b)-1] }

// Errors of Check. They are faults of the system, never outcomes.
var (
	ErrSequence = errors.New("command is out of sequence")      // neither the last seq nor the next
	ErrDiverged = errors.New("ledger and workflow diverged")    // the ledger's head is not in this file's past
	ErrRules    = errors.New("rules version is not known here") // a newer program decided this file
)
