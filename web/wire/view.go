package wire

import (
	"time"

	"harkara/internal/label"
)

// View is what a station shows beside its answers.
type View struct {
	Station  string    `json:"station"`
	Room     string    `json:"room"`
	Name     string    `json:"name"`
	Now      time.Time `json:"now"`
	East     int       `json:"east"`            // the office's clock, in seconds east of UTC
	Epoch    string    `json:"epoch,omitempty"` // another than before: send again what is kept
	Expected []Item    `json:"expected"`
	Overdue  []Item    `json:"overdue"`
	Told     []Notice  `json:"told"`    // newest first
	Refused  []Refusal `json:"refused"` // newest first

	Badges map[label.Code]Badge  `json:"badges"` // of runners
	Cards  map[label.Code]string `json:"cards"`  // what each of the office's cards stands for: a desk with its room, a runner

	// Overdrawn says, in words, that this station sends more than no file can take than
	// the office keeps whole.
	Overdrawn string `json:"overdrawn,omitempty"`
}

// Item is a file that should arrive or is overdue.
type Item struct {
	Code   label.Code `json:"code"`
	Number string     `json:"number"` // of a secret file the digits of its cover
	// Codes were given to it beside the first: of later covers, and old ones.
	Codes []label.Code `json:"codes,omitempty"`
	From  string       `json:"from"` // where it comes from; overdue: who holds it
	Late  bool         `json:"late"`
}

// Notice is what a post of the room, or the owner of a badge, was told.
type Notice struct {
	Code   label.Code `json:"code"`
	Number string     `json:"number"`
	What   string     `json:"what"`
	To     string     `json:"to"`
	At     string     `json:"at"` // as the office's clocks show it
}

// Refusal is a scan of the station that was refused, whoever heard it then, and not
// repeated since.
type Refusal struct {
	ID     string     `json:"id"`
	Code   label.Code `json:"code"`             // as scanned
	Number string     `json:"number,omitempty"` // of the open file that it is; not of a secret one
	What   string     `json:"what"`
	At     string     `json:"at"` // when it was scanned, as the office's clocks show it
}

// Badge is what the owner of a badge was told, for every station: his card may be read at
// any.
type Badge struct {
	Title string   `json:"title"`
	Told  []Notice `json:"told"` // newest first
}
