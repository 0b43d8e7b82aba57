package custody

import (
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// Resolved is a command with every reference looked up as of the time it
// happened. It is stored before the first dispatch and re-sent byte for byte.
type Resolved struct {
	Command   Command             `json:"command"`
	File      label.Code          `json:"file,omitempty"`      // whose cover was read, where Command.Code is not its first code
	Seq       int64               `json:"seq"`                 // of the file's queue: 1, 2, 3, ... without gaps
	Received  time.Time           `json:"received"`            // when the server stored it
	Told      time.Time           `json:"told,omitzero"`       // when it happened, where its station's time since its start tells
	Estimated bool                `json:"estimated,omitempty"` // Told is the latest instant that it can have been
	Here      *Place              `json:"here,omitempty"`
	To        *Place              `json:"to,omitempty"`
	Runner    OfficerID           `json:"runner,omitempty"`
	Route     []Place             `json:"route,omitempty"`  // with open and mark: stops with their budgets
	Ladder    *Ladder             `json:"ladder,omitempty"` // of the post that will hold it
	Transit   Seconds             `json:"transit,omitempty"`
	Calendars []calendar.Calendar `json:"calendars,omitempty"` // of every place above
	Taken     bool                `json:"taken,omitempty"`     // with reprint, alias: the cover's code belongs to another file
	Stray     bool                `json:"stray,omitempty"`     // with scan: the code that was read is no cover of the file, nor was one; with alias, unalias: the cover's
	Ranks     Ranks               `json:"ranks,omitempty"`     // with wake: whom its rung may be told to
	Void      *Void               `json:"void,omitempty"`      // set aside by a person: takes its turn, moves nothing
	Unknown   string              `json:"unknown,omitempty"`   // the reference that could not be found: the command is refused
}

// About is the file that the command is about: its first code, which its workflow,
// queue and chain of custody are named by.
func (r Resolved) About() label.Code {
	if r.File != "" {
		return r.File
	}
	return r.Command.Code
}

// Place is a desk as it was at one moment: who sat there and how long it has.
type Place struct {
	Desk     DeskID    `json:"desk"`
	Room     RoomID    `json:"room"`
	Post     PostID    `json:"post"`
	Officer  OfficerID `json:"officer,omitempty"` // empty: the post is vacant
	Calendar string    `json:"calendar"`
	Budget   Seconds   `json:"budget"`
}

// Head is the newest entry of a file: its revision and chain hash.
type Head struct {
	Revision int64 `json:"revision"`
	Hash     Hash  `json:"hash"`
}

// Void says who set a stuck command aside, and why.
type Void struct {
	Who    string `json:"who"`
	Reason string `json:"reason"`
}
