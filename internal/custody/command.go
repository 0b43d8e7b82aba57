package custody

import (
	"bytes"
	"cmp"
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
	Code    label.Code  `json:"code"` // on its cover; where the kind reads covers it may be a registered foreign one
	Station StationID   `json:"station,omitempty"`
	Badge   label.Code  `json:"badge,omitempty"` // that was read at the station just before
	By      Actor       `json:"by,omitzero"`     // who gives it; at a station that is looked up by the badge
	Who     string      `json:"who,omitempty"`   // by whose order, in words
	Method  Method      `json:"method,omitempty"`
	At      Stamp       `json:"at"`
	Age     Age         `json:"-"`                // of At when it was sent: no part of the command, which is the same each time
	With    Payload     `json:"with,omitempty"`   // what its kind says beside; nil: nothing
	Reason  string      `json:"reason,omitempty"` // why, in words
}

// Limits of what people type, in bytes: longer text is refused before it is
// stored, so that an entry stays small.
const (
	MaxNumber  = 200
	MaxSubject = 2000
	MaxReason  = 500
	MaxWho     = maxID
)

// ErrMalformed marks a command that no file can take: its form is wrong.
var ErrMalformed = errors.New("malformed command")

// Fault is what is wrong with what a person filled in, which pages have words for. Each
// is ErrMalformed too.
type Fault string

// The faults.
const (
	NoReason       Fault = "no_reason"
	NoWho          Fault = "no_who" // nobody by whose order
	TooLong        Fault = "too_long"
	NoNumber       Fault = "no_number"
	NumberIsCode   Fault = "number_is_code" // a scanner typed into the form
	NothingAmended Fault = "nothing_amended"
	NotForeign     Fault = "not_foreign" // no code that an old cover can have
	NoSuchChoice   Fault = "unknown_place"
)

// Faults lists them.
var Faults = [...]Fault{NoReason, NoWho, TooLong, NoNumber, NumberIsCode, NothingAmended, NotForeign, NoSuchChoice}

func (f Fault) Error() string { return "malformed command: " + string(f) }

// Is makes every fault ErrMalformed.
func (f Fault) Is(target error) bool { return target == ErrMalformed }

// Validate checks the form of a command that comes from outside the office, not
// whether a file will take it. Errors wrap ErrMalformed. The time is never a reason to
// refuse.
func (c Command) Validate() error {
	if c.ID.own() || registry[c.Kind].By.Has(TheOffice) {
		return malformed("wakes are the office's own")
	}
	return c.check()
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}

// check is Validate for every command.
func (c Command) check() error {
	k, known := KindOf(c.Kind)
	switch {
	case !uuidForm(string(c.ID)):
		return malformed("id is not a UUID")
	case !known:
		return malformed("no command %q", c.Kind)
	case c.ID.own() != k.By.Has(TheOffice):
		return malformed("the office's own commands, and no others, have ids of its own")
	case !k.fits(c.With):
		return malformed("%s with what another kind says", c.Kind)
	case k.By.atStations() && c.Station == "":
		return malformed("%s needs a station", c.Kind)
	case c.Station != "" && c.By != Actor{}, c.Station == "" && c.Badge != "":
		return malformed("at a station a badge says who acts, and nowhere else")
	case c.Method != "" && !slices.Contains(methods, c.Method):
		return malformed("no method %q", c.Method)
	case len(c.Reason) > MaxReason, len(c.Who) > MaxWho:
		return TooLong
	case k.Reasoned && c.Reason == "":
		return NoReason
	case k.Ordered && c.Who == "":
		return NoWho
	}
	for _, id := range []string{string(c.Station), c.Who, c.At.Boot} {
		if !identifies(id) {
			return malformed("an identifier has at most %d bytes and no control characters", maxID)
		}
	}
	if err := errors.Join(c.checkCode(k), c.By.check(), onCard(label.Badge, c.Badge, look.badge).check()); err != nil {
		return err
	}
	for _, ref := range c.refers() {
		if err := ref.check(); err != nil {
			return err
		}
	}
	return k.with(c).check(c)
}

func (c Command) checkCode(k Kind) error {
	if k.Reads && foreign(c.Code) {
		return nil
	}
	if code, err := label.Check(string(c.Code)); err != nil {
		return malformed("code: %v", err)
	} else if code.Kind() != label.File {
		return malformed("code is a %s's, not a file's", code.Kind())
	}
	return nil
}

// Claims is the code that the command would give to its file; most give none.
func (c Command) Claims() label.Code {
	if code, claims := c.cover(); claims {
		return code
	}
	return ""
}

// Reads is the code of which the file must know whether it was ever a cover of its.
func (c Command) Reads() label.Code {
	code, _ := c.cover()
	return cmp.Or(code, c.Code)
}

func (c Command) cover() (code label.Code, claims bool) {
	if with, does := saying[covering](c); does {
		return with.cover()
	}
	return "", false
}

// Undoes is the act that the command takes back; most take back none.
func (c Command) Undoes() CommandID {
	if with, does := saying[undoing](c); does {
		return with.undoes()
	}
	return ""
}

// Names is the number that a command gives to its file, and whether a person said yes to
// it also where another file has it; most give none.
func (c Command) Names() (number string, anyway bool) {
	if with, does := saying[numbering](c); does {
		return with.number()
	}
	return "", false
}

// Draw is the command with a code that the office drew for it: see Kind.Draws.
func (c Command) Draw(code label.Code) Command {
	c.With = registry[c.Kind].with(c).(drawn).draw(code)
	return c
}

// Same reports whether two commands ask the same of one person, but for when, for a code that was drawn,
// and for a yes that is not needed any more, or was needed then.
func (c Command) Same(first Command) bool {
	if with, ok := c.With.(lenient); ok && first.With != nil {
		c.With = with.like(first.With)
	}
	c.At = first.At
	if c.By.Person == first.By.Person { // in whatever post he is now
		c.By = first.By
	}
	return bytes.Equal(c.Bytes(), first.Bytes())
}

func foreign(code label.Code) bool {
	form, err := label.Foreign(string(code))
	return err == nil && form == code
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

// Anyway is the command with a yes to a number that another file has.
func (c Command) Anyway() Command {
	switch with := c.With.(type) {
	case Opening:
		with.Anyway = true
		c.With = with
	case Naming:
		with.Anyway = true
		c.With = with
	}
	return c
}
