package custody

import (
	"cmp"

	"harkara/internal/label"
)

// Amend puts a file's number or subject right.
const Amend CommandKind = "amend"

// Amended is what it comes to.
const Amended Reason = "amended"

func init() {
	register(Kind{
		Name: Amend, Undo: Beside, Reasoned: true,
		By:      by(Holder, Superior, Administrator),
		Asks:    &Asks{Place: 6, Of: []Ask{{string(NumberField), NumberInput, true}, {string(SubjectField), SubjectInput, true}, because(false)}},
		Comes:   []Reason{Amended},
		Does:    map[Reason]Effect{Amended: Renames},
		Example: func(_ *Office) Payload { return Naming{Number: "C/9"} },
	}, (*act).amend)
}

// Inputs of that.
var (
	NumberInput  = &Input{Shape: Line, Max: MaxNumber, Was: func(r Row) string { return r.File.Number }}
	SubjectInput = &Input{Shape: Area, Max: MaxSubject, Was: func(r Row) string { return r.File.Subject }}
)

// Naming is what a file is called from now on; an empty part stays as it is.
type Naming struct {
	Number  string `json:"number,omitempty"`
	Subject string `json:"subject,omitempty"`
	Anyway  bool   `json:"anyway,omitempty"` // a person said yes: also where another file has the number
}

func (n Naming) number() (string, bool) { return n.Number, n.Anyway }

func (n Naming) check(Command) error {
	switch {
	case n.Number == "" && n.Subject == "":
		return NothingAmended
	case n.Number == "":
		return CheckSubject(n.Subject)
	}
	return cmp.Or(CheckNumber(n.Number), CheckSubject(n.Subject))
}

func (n Naming) texts() Texts { return Texts{NumberField: n.Number, SubjectField: n.Subject} }

func (n Naming) speak(texts Texts) Payload {
	n.Number, n.Subject = texts[NumberField], texts[SubjectField]
	return n
}

func (n Naming) like(first Payload) Payload {
	if f, same := first.(Naming); same {
		n.Anyway = f.Anyway
	}
	return n
}

// amend puts the file's number or subject right. What they are stands beside the chain,
// their digests in it.
func (a *act) amend(Naming) { a.record(Amended, nil) }

// CheckNumber says what is wrong with a number that a person gives to a file: NoNumber,
// NumberIsCode, TooLong.
func CheckNumber(number string) error {
	_, isCode := label.Parse(number)
	switch {
	case KeyOf(number) == "":
		return NoNumber
	case isCode == nil:
		return NumberIsCode
	case len(number) > MaxNumber:
		return TooLong
	}
	return nil
}

// CheckSubject says what is wrong with a subject: TooLong.
func CheckSubject(subject string) error {
	if len(subject) > MaxSubject {
		return TooLong
	}
	return nil
}
