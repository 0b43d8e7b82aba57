package custody

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"harkara/internal/label"
)

// CommandID is a UUID made where the event happens; it makes a command
// idempotent from the station to the ledger.
type CommandID string

// CommandKind names what a command asks.
type CommandKind string

// The commands. Each is about one file.
const (
	Open     CommandKind = "open"     // a file begins, or is imported
	Scan     CommandKind = "scan"     // a cover was read at a station, with or without a card's context
	Mark     CommandKind = "mark"     // the next stop or the route is set
	Undo     CommandKind = "undo"     // the station's last act is taken back
	Correct  CommandKind = "correct"  // an administrator states the real place
	Amend    CommandKind = "amend"    // its number or subject is put right
	Classify CommandKind = "classify" // who may read what it is about
	Close    CommandKind = "close"
	Reopen   CommandKind = "reopen"
	Missing  CommandKind = "missing" // declared missing by its holder or a manager
	Found    CommandKind = "found"
	Reprint  CommandKind = "reprint" // its cover is printed again
	Alias    CommandKind = "alias"   // the code of an old cover, of before this office's codes, is registered
	Unalias  CommandKind = "unalias" // that was a mistake: the code is free again
	Wake     CommandKind = "wake"    // the office's own: something of the file may have fallen due
)

var kinds = []CommandKind{Open, Scan, Mark, Undo, Correct, Amend, Classify, Close, Reopen, Missing, Found, Reprint, Alias, Unalias, Wake}

// Method is how a code was read.
type Method string

// The methods. A typed code may receive only a file in transit to that room.
const (
	ByQR      Method = "qr"
	ByCode128 Method = "code128"
	ByCode39  Method = "code39" // of an old cover
	ByWedge   Method = "wedge"
	ByImage   Method = "image"
	ByTyped   Method = "typed"
	ByHand    Method = "screen" // a person acting on a page or a command line
)

var methods = []Method{ByQR, ByCode128, ByCode39, ByWedge, ByImage, ByTyped, ByHand}

// Command is one act about one file, as the place where it happened states it.
type Command struct {
	ID      CommandID   `json:"id"`
	Kind    CommandKind `json:"kind"`
	Code    label.Code  `json:"code"` // on its cover; of a scan or an undo it may be a registered foreign one
	Station StationID   `json:"station,omitempty"`
	Who     string      `json:"who,omitempty"` // person or role that acts, where known
	Method  Method      `json:"method,omitempty"`
	At      Stamp       `json:"at"`
	Age     Age         `json:"-"` // of At when it was sent: no part of the command, which is the same each time
	Context Context     `json:"context,omitzero"`
	Opening *Opening    `json:"opening,omitempty"` // with open
	Amends  *Naming     `json:"amends,omitempty"`  // with amend
	Class   *Class      `json:"class,omitempty"`   // with classify
	Desk    DeskID      `json:"desk,omitempty"`    // with mark, correct, reopen
	Route   RouteID     `json:"route,omitempty"`   // with mark
	Undoes  CommandID   `json:"undoes,omitempty"`  // with undo
	Cover   label.Code  `json:"cover,omitempty"`   // with reprint: fresh, for a file that has moved; with alias, unalias: foreign
	Reason  string      `json:"reason,omitempty"`  // with correct, amend, classify, close, reopen, missing, found, reprint, unalias
	Waking  *Waking     `json:"waking,omitempty"`  // with wake
}

// Context is what a card at the station added to a scan: at most one of its
// fields is set.
type Context struct {
	Desk   label.Code `json:"desk,omitempty"`   // destination desk card
	Onward bool       `json:"onward,omitempty"` // to the route's next stop
	Runner label.Code `json:"runner,omitempty"` // badge of the runner who takes it
}

// Opening is what a new file is.
type Opening struct {
	Number     string       `json:"number"`  // file number, verbatim
	Subject    string       `json:"subject"` // in any language
	Department DepartmentID `json:"department"`
	Desk       DeskID       `json:"desk,omitempty"` // where it begins; empty: the station's receiving desk
	Route      RouteID      `json:"route,omitempty"`
	Imported   bool         `json:"imported,omitempty"` // known from a register, never seen: no clock yet
	Anyway     bool         `json:"anyway,omitempty"`   // a person said yes: also where another file has the number
}

// Naming is what a file is called from now on; an empty part stays as it is.
type Naming struct {
	Number  string `json:"number,omitempty"`
	Subject string `json:"subject,omitempty"`
	Anyway  bool   `json:"anyway,omitempty"` // a person said yes: also where another file has the number
}

// Class says who may read what a file is about.
type Class string

// The classes.
const (
	Ordinary     Class = ""
	Confidential Class = "confidential"
	Secret       Class = "secret"
)

var classes = []Class{Ordinary, Confidential, Secret}

// Limits of what people type, in bytes: longer text is refused before it is
// stored, so that an entry stays small.
const (
	MaxNumber  = 200
	MaxSubject = 2000
	MaxReason  = 500
)

// ErrMalformed marks a command that no file can take: its form is wrong.
var ErrMalformed = errors.New("malformed command")

// Validate checks the form of a command that comes from outside the office, not
// whether a file will take it. Errors wrap ErrMalformed. The time is never a reason to
// refuse.
func (c Command) Validate() error {
	if c.ID.own() || c.Kind == Wake {
		return malformed("wakes are the office's own")
	}
	return c.check()
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}

// check is Validate for every command.
func (c Command) check() error {
	bad := malformed
	if !uuidForm(string(c.ID)) {
		return bad("id is not a UUID")
	}
	if c.ID.own() || c.Kind == Wake || c.Waking != nil {
		return c.checkWake()
	}
	if err := c.validateCode(bad); err != nil {
		return err
	}
	if len(c.Reason) > MaxReason {
		return bad("reason is longer than %d bytes", MaxReason)
	}
	for _, id := range []string{string(c.Station), c.Who, string(c.Desk), string(c.Route), c.At.Boot} {
		if !identifies(id) {
			return bad("an identifier has at most %d bytes and no control characters", maxID)
		}
	}
	if c.Method != "" && !slices.Contains(methods, c.Method) {
		return bad("no method %q", c.Method)
	}
	switch {
	case c.Opening != nil && c.Kind != Open:
		return bad("%s with an opening", c.Kind)
	case (c.Amends != nil) != (c.Kind == Amend), (c.Class != nil) != (c.Kind == Classify):
		return bad("%s with or without what it amends or classifies", c.Kind)
	case c.Context != Context{} && c.Kind != Scan:
		return bad("%s with a card", c.Kind)
	case c.Cover != "" && c.Kind != Reprint && c.Kind != Alias && c.Kind != Unalias:
		return bad("%s with a cover", c.Kind)
	case c.Undoes != "" && !uuidForm(string(c.Undoes)):
		return bad("what is undone is not a UUID")
	}
	switch c.Kind {
	case Scan:
		return c.validateScan(bad)
	case Open:
		return c.validateOpening(bad)
	case Mark:
		if (c.Desk == "") == (c.Route == "") {
			return bad("mark needs a desk or a route")
		}
	case Correct:
		if c.Desk == "" || c.Reason == "" {
			return bad("correct needs a desk and a reason")
		}
	case Amend:
		if a := c.Amends; a.Number == "" && a.Subject == "" || len(a.Number) > MaxNumber || len(a.Subject) > MaxSubject || c.Reason == "" {
			return bad("amend needs a number of at most %d bytes or a subject of %d, and a reason", MaxNumber, MaxSubject)
		}
	case Classify:
		if !slices.Contains(classes, *c.Class) || c.Reason == "" || c.Who == "" {
			return bad("classify needs a class, a reason and by whom")
		}
	case Undo:
		if c.Station == "" {
			return bad("undo needs a station")
		}
	case Reprint:
		if code, err := label.Check(string(c.Cover)); err != nil || code.Kind() != label.File || code == c.Code || c.Reason == "" {
			return bad("reprint needs a reason and a fresh code")
		}
	case Alias, Unalias:
		if !foreign(c.Cover) || c.Kind == Unalias && c.Reason == "" {
			return bad("%s needs an old cover's code, unalias a reason too", c.Kind)
		}
	case Close, Reopen, Missing, Found:
	default:
		return bad("no command %q", c.Kind)
	}
	return nil
}

func (c Command) validateCode(bad func(string, ...any) error) error {
	if foreign(c.Code) && (c.Kind == Scan || c.Kind == Undo) {
		return nil
	}
	if code, err := label.Check(string(c.Code)); err != nil {
		return bad("code: %v", err)
	} else if code.Kind() != label.File {
		return bad("code is a %s's, not a file's", code.Kind())
	}
	return nil
}

// Claims is the code that the command would give to its file; most give none.
func (c Command) Claims() label.Code {
	if c.Kind == Reprint || c.Kind == Alias {
		return c.Cover
	}
	return ""
}

// Reads is the code of which the file must know whether it was ever a cover of its.
func (c Command) Reads() label.Code {
	if c.Cover != "" {
		return c.Cover
	}
	return c.Code
}

func foreign(code label.Code) bool {
	form, err := label.Foreign(string(code))
	return err == nil && form == code
}

func (c Command) validateScan(bad func(string, ...any) error) error {
	if c.Station == "" {
		return bad("scan needs a station")
	}
	set := 0
	for _, card := range []struct {
		code label.Code
		kind label.Kind
	}{{c.Context.Desk, label.Desk}, {c.Context.Runner, label.Badge}} {
		if card.code == "" {
			continue
		}
		set++
		if code, err := label.Check(string(card.code)); err != nil {
			return bad("context: %v", err)
		} else if code.Kind() != card.kind {
			return bad("context: a %s's code where a %s's belongs", code.Kind(), card.kind)
		}
	}
	if c.Context.Onward {
		set++
	}
	if set > 1 {
		return bad("more than one card in a context")
	}
	return nil
}

func (c Command) validateOpening(bad func(string, ...any) error) error {
	o := c.Opening
	switch {
	case o == nil:
		return bad("open needs an opening")
	case o.Number == "" || len(o.Number) > MaxNumber:
		return bad("file number has 1 to %d bytes", MaxNumber)
	case len(o.Subject) > MaxSubject:
		return bad("subject is longer than %d bytes", MaxSubject)
	case o.Department == "" || !identifies(string(o.Department)) || !identifies(string(o.Desk)) || !identifies(string(o.Route)):
		return bad("department, desk or route")
	case o.Desk == "" && c.Station == "" && !o.Imported:
		return bad("open needs a desk or a station")
	}
	return nil
}

// maxID bounds identifiers in a command, in bytes: whether the office knows them is
// another question.
const maxID = 64

// identifies reports whether a text may stand for a thing. PostgreSQL has no NUL,
// and a control character is no part of any name.
func identifies(id string) bool {
	return len(id) <= maxID && utf8.ValidString(id) && !strings.ContainsFunc(id, unicode.IsControl)
}

func uuidForm(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f':
		default:
			return false
		}
	}
	return true
}

// ParseCommand reads a command's JSON and checks its form; it may be a wake, which
// Validate refuses. Unknown fields are refused, so that a newer station is never half
// understood.
func ParseCommand(data []byte) (Command, error) {
	var c Command
	if err := strictJSON(data, &c); err != nil {
		return Command{}, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return c, c.check()
}

// CommandVersion is the version of commands that this program stores.
const CommandVersion = 1

// ReadCommand reads a command as it was stored, whoever did. What the door refuses is
// another question: see ParseCommand. Errors: ErrNewer, others.
func ReadCommand(stored []byte) (c Command, err error) {
	var form struct {
		V int `json:"v"`
		*Command
	}
	form.Command = &c
	if err := readForm(stored, CommandVersion, &form, &form.V); err != nil {
		return Command{}, err
	}
	if !slices.Contains(kinds, c.Kind) {
		return Command{ID: c.ID}, fmt.Errorf("kind %q: %w", c.Kind, ErrNewer)
	}
	return c, nil
}

// Bytes returns the command's JSON, the form that is stored.
func (c Command) Bytes() []byte { return storedJSON(c) }

// Names is the number that a command gives to its file, and whether a person said yes to
// it also where another file has it; most give none.
func (c Command) Names() (number string, anyway bool) {
	switch {
	case c.Opening != nil:
		return c.Opening.Number, c.Opening.Anyway
	case c.Amends != nil:
		return c.Amends.Number, c.Amends.Anyway
	}
	return "", false
}
