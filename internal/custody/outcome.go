package custody

import (
	"time"

	"harkara/internal/label"
)

// Reason names what a command came to; pages and stations have words for each. Those of
// one kind of command stand in its file.
type Reason string

// What commands of several kinds come to. A refusal is an outcome: stored, shown, and an
// entry where the file exists.
const (
	Voided        Reason = "voided" // an administrator set a stuck command aside
	NoSuchFile    Reason = "no_such_file"
	Unassigned    Reason = "unassigned"    // a label of ours that no file has yet
	NoSuchPlace   Reason = "no_such_place" // an unknown station, desk, badge or route
	NotHere       Reason = "not_here"      // a station may ask that of no file, or of none that another room has
	IsClosed      Reason = "is_closed"
	OldCover      Reason = "old_cover"      // its file has another cover since: destroy this one
	NotRegistered Reason = "not_registered" // that code is no cover of this file, nor was one
)

// What the ledger puts on the feed by itself: no entry, the file stays where it
// is.
const (
	Stuck Reason = "stuck" // a command about it is quarantined
	Freed Reason = "freed" // that command was retried or set aside
	Told  Reason = "told"  // the delivery of a notice about it ended
)

// Verdict is what a station's light and tone say.
type Verdict string

// The verdicts.
const (
	Accepted Verdict = "accepted" // something was recorded and stands
	Ticked   Verdict = "ticked"   // nothing new: a soft tick
	Refused  Verdict = "refused"
)

// Outcome is the answer to one command. It carries every entry that the ledger has
// not confirmed, oldest first.
type Outcome struct {
	Command  CommandID `json:"command"`
	Seq      int64     `json:"seq,omitempty"` // of the newest command that Position knows of
	Verdict  Verdict   `json:"verdict"`
	Reason   Reason    `json:"reason"`
	Marks    []string  `json:"marks,omitempty"` // see Entry.Marks
	Entries  []Entry   `json:"entries,omitempty"`
	Notices  []Notice  `json:"notices,omitempty"`
	Position Position  `json:"position"`
	Form     int       `json:"form,omitempty"`   // of the program that decided it
	Relies   []Digest  `json:"relies,omitempty"` // what the next decision about the file needs of its past
	Final    *State    `json:"final,omitempty"`  // of a closed file: what a later run starts from

	Incarnation Incarnation `json:"incarnation,omitempty"` // of the workflow that says so
}

// Phase is where a file is in its life.
type Phase string

// The phases.
const (
	Unseen  Phase = "unseen" // imported, never scanned
	Held    Phase = "held"
	Transit Phase = "transit"
	Ended   Phase = "closed"
)

// Known says how a position is known.
type Known string

// How a position is known.
const (
	ByScan    Known = "scan"        // somebody scanned it there
	ByCard    Known = "dispatch"    // its sender said so; nobody has seen it there
	ByPaper   Known = "register"    // an office record says so
	ByMissing Known = "unconfirmed" // declared missing: not where it should be
)

// Position is where a file is, for boards: identifiers only, no names and no
// subject. Every instant is UTC; a zero Deadline means no clock runs.
type Position struct {
	File     label.Code `json:"file"`
	Cover    label.Code `json:"cover,omitempty"` // on its present cover, where it is not File
	Revision int64      `json:"revision"`
	Phase    Phase      `json:"phase"`
	Desk     DeskID     `json:"desk,omitempty"` // of the holder: who is charged for the time
	Room     RoomID     `json:"room,omitempty"` // where it is, or where it left in transit
	Post     PostID     `json:"post,omitempty"`
	Officer  OfficerID  `json:"officer,omitempty"`
	Runner   OfficerID  `json:"runner,omitempty"` // in transit with this runner, who is charged
	To       DeskID     `json:"to,omitempty"`     // in transit to
	ToRoom   RoomID     `json:"to_room,omitempty"`
	From     DeskID     `json:"from,omitempty"` // see Leg.From
	Next     DeskID     `json:"next,omitempty"` // the next stop
	NextRoom RoomID     `json:"next_room,omitempty"`
	Path     Path       `json:"path,omitzero"`
	Known    Known      `json:"known"`
	By       Actor      `json:"by,omitzero"`        // see State.By
	Seen     time.Time  `json:"seen,omitzero"`      // last scan of the paper itself
	ShownIn  RoomID     `json:"shown_in,omitempty"` // where that was, when it was only shown there
	Leg      int64      `json:"leg,omitempty"`      // see Leg.ID
	Since    time.Time  `json:"since"`              // start of the leg
	Deadline time.Time  `json:"deadline,omitzero"`
	Wake     time.Time  `json:"wake,omitzero"`   // when the next rung is due
	Step     int        `json:"step,omitempty"`  // rungs of this leg passed, repeats included
	Wakes    int64      `json:"wakes,omitempty"` // see State.Wakes
	Budget   Seconds    `json:"budget,omitempty"`
	Consumed Seconds    `json:"consumed,omitempty"` // before Since, of the same budget
	Rung     int        `json:"rung,omitempty"`     // percent of the last rung recorded on this leg
	Breached bool       `json:"breached,omitempty"`
	OffRoute bool       `json:"off_route,omitempty"`
	Missing  bool       `json:"missing,omitempty"`
	Wait     Wait       `json:"wait,omitzero"`   // see Leg.Wait
	Moved    bool       `json:"moved,omitempty"` // in its present cover: printing that again needs a reason
}

// Notice is one message to one person about one rung, or about a queue that is
// stuck. Its Key makes delivery idempotent: file, entry or command, person, channel.
type Notice struct {
	Key      string     `json:"key"`
	Revision int64      `json:"revision,omitempty"` // of the entry that records the rung; 0: a command is stuck
	File     label.Code `json:"file"`
	Post     PostID     `json:"post,omitempty"` // empty: a runner, who has none
	Officer  OfficerID  `json:"officer,omitempty"`
	Channel  string     `json:"channel"`
	Percent  int        `json:"percent,omitempty"` // of the budget
	About    DeskID     `json:"about"`             // whose delay it is
	Due      time.Time  `json:"due"`               // when the rung was reached, or since when the queue stands
}
