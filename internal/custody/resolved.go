package custody

import (
	"encoding/json"
	"fmt"
	"time"

	"harkara/internal/label"
)

// ResolvedVersion is the version of resolved commands that this program writes.
const ResolvedVersion = 1

// Resolved is a command with every reference looked up as of the time it happened, and
// without what people typed. It is stored before the first dispatch and re-sent byte for
// byte. What its refs name comes with it: see Contents.
type Resolved struct {
	Version   int        `json:"v"`
	Command   Command    `json:"command"`             // see Command.Split
	Words     Digests    `json:"words,omitempty"`     // of what people typed
	File      label.Code `json:"file,omitempty"`      // whose cover was read, where Command.Code is not its first code
	Seq       int64      `json:"seq"`                 // of the file's queue: 1, 2, 3, ... without gaps
	Received  time.Time  `json:"received"`            // when the server stored it
	Told      time.Time  `json:"told,omitzero"`       // when it happened, where its station's time since its start tells
	Estimated bool       `json:"estimated,omitempty"` // Told is the latest instant that it can have been
	Office    int64      `json:"office,omitempty"`    // revision of the office in which it was looked up
	By        Actor      `json:"by,omitzero"`         // who gave it, as the office knew him then
	Here      *Place     `json:"here,omitempty"`      // receiving desk of the station's room
	To        *Place     `json:"to,omitempty"`        // the desk that was named, or onward's
	Holder    *Place     `json:"holder,omitempty"`    // the desk that holds the file, or sent it
	Route     Ref        `json:"route,omitzero"`      // a list of Planned: the file's route, or with open and mark the new one
	Transit   Seconds    `json:"transit,omitempty"`

	Found  map[string]json.RawMessage `json:"found,omitempty"`  // what else it names: see finding
	Relied []Digest                   `json:"relied,omitempty"` // of contents that Found names

	Act     CommandID `json:"act,omitempty"`     // with undo: the act that it names, also by a repeated scan of it; empty: the last one
	Taken   bool      `json:"taken,omitempty"`   // with reprint, alias: the cover's code belongs to another file
	Stray   bool      `json:"stray,omitempty"`   // with scan: the code that was read is no cover of the file, nor was one; with alias, unalias: the cover's
	Ranks   Ranks     `json:"ranks,omitempty"`   // with wake: whom its rung may be told to
	Void    bool      `json:"void,omitempty"`    // set aside by a person: takes its turn, moves nothing
	Unknown string    `json:"unknown,omitempty"` // the reference that could not be found: the command is refused
	later
}

// About is the file that the command is about: its first code, which its workflow,
// queue and chain of custody are named by.
func (r Resolved) About() label.Code {
	if r.File != "" {
		return r.File
	}
	return r.Command.Code
}

// Bytes returns the stored form.
func (r Resolved) Bytes() []byte {
	r.later = added
	return storedJSON(r)
}

// ReadResolved reads a stored form. Errors: ErrNewer, others.
func ReadResolved(stored []byte) (r Resolved, err error) {
	if err := readForm(stored, ResolvedVersion, &r, &r.Version); err != nil {
		return Resolved{}, err
	}
	if _, known := KindOf(r.Command.Kind); !known && !r.Void {
		return Resolved{}, fmt.Errorf("kind %q: %w", r.Command.Kind, ErrNewer)
	}
	return r, nil
}

// Relies returns the digests of what the command names of the office.
func (r Resolved) Relies() []Digest {
	digests := append([]Digest{r.Route.Digest}, r.Relied...)
	for _, p := range []*Place{r.Here, r.To, r.Holder} {
		if p != nil {
			digests = append(digests, p.Hours.Digest, p.Ladder.Digest)
		}
	}
	return digests
}

// Place is a desk as it was at one moment: who sat there, and what held for him.
type Place struct {
	Desk    DeskID    `json:"desk"`
	Room    RoomID    `json:"room"`
	Post    PostID    `json:"post"`
	Officer OfficerID `json:"officer,omitempty"` // empty: the post is vacant
	Hours   Ref       `json:"hours"`             // a calendar
	Ladder  Ref       `json:"ladder"`
	Budget  Seconds   `json:"budget"` // of a stay where no route says otherwise

	BudgetDays int `json:"budget_days,omitempty"` // see Post
}
