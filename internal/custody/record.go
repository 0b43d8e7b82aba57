package custody

import (
	"errors"
	"time"

	"harkara/internal/label"
)

// File is what the registry knows of a paper file beside its custody.
type File struct {
	Code       label.Code   `json:"code"`
	Number     string       `json:"number"`
	Subject    string       `json:"subject,omitempty"`
	Department DepartmentID `json:"department"`
	Opened     time.Time    `json:"opened"`
	Class      Class        `json:"class,omitempty"` // without a subject where it is not ordinary: see Words
}

// Row is a file with its position, as boards show it.
type Row struct {
	File        File     `json:"file"`
	Position    Position `json:"position"`
	Pending     int      `json:"pending,omitempty"`     // stored commands not decided yet
	Quarantined bool     `json:"quarantined,omitempty"` // one of them needs a person

	Codes []label.Code `json:"codes,omitempty"` // given to it beside the first: of later covers and old ones, also of those that are retired
}

// Event is one line of the feed. Whoever has seen Seq has seen everything up to
// it: numbers are given in commit order.
type Event struct {
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Reason Reason    `json:"reason"`
	Row    Row       `json:"row"`
}

// Receipt says that a command is stored: it can no longer be lost.
type Receipt struct {
	ID       CommandID `json:"id"`
	Seq      int64     `json:"seq"`                // 0: it is about a foreign code that no file has, and lies in the drawer
	Repeated bool      `json:"repeated,omitempty"` // it was stored before
	Reused   bool      `json:"reused,omitempty"`   // what was stored before is another command: this one lies in the drawer, see ErrReused
}

// Errors of the ledger that pages and stations have words for.
var (
	ErrNotFound  = errors.New("not found")
	ErrNotStored = errors.New("not stored") // nothing was kept: scan again
	ErrFull      = errors.New("disk full")  // why something is not stored: the ledger has no room

	// ErrReused: another command was stored under this one's id.
	ErrReused = errors.New("id belongs to another command")

	// ErrGap: entries between the ledger's head and an outcome's first one are not
	// there. The outcome must not be kept.
	ErrGap = errors.New("entries are missing before this outcome")

	// ErrUnfit: the ledger cannot hold what an outcome says, however often it is
	// asked.
	ErrUnfit = errors.New("ledger cannot hold this outcome")

	// ErrQuarantined: a command failed again and again. It is stored, and waits
	// for a person.
	ErrQuarantined = errors.New("command is quarantined")
)
