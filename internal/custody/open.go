package custody

// Open begins a file, or takes one over from a register.
const Open CommandKind = "open"

// Reasons of an opening.
const (
	Opened      Reason = "opened"
	Imported    Reason = "imported" // known from a register, no clock yet
	AlreadyOpen Reason = "already_open"
)

func init() {
	register(Kind{
		Name: Open, Begins: true,
		By:    by(StationHere, Holder, Superior, Administrator),
		Comes: []Reason{Opened, Imported, AlreadyOpen},
		Does:  map[Reason]Effect{Opened: Renames, Imported: Renames},
		Example: func(o *Office) Payload {
			return Opening{Number: "C/9", Department: o.Departments[0].ID, Desk: o.Desks[0].ID}
		},
	}, (*act).open)
}

// Opening is what a new file is.
type Opening struct {
	Number     string       `json:"number"`  // file number, verbatim
	Subject    string       `json:"subject"` // in any language
	Department DepartmentID `json:"department"`
	Desk       DeskID       `json:"desk,omitempty"` // where it begins, at a station one of its room; empty: the station's receiving desk
	Route      RouteID      `json:"route,omitempty"`
	Imported   bool         `json:"imported,omitempty"` // known from a register, never seen: no clock yet
	Anyway     bool         `json:"anyway,omitempty"`   // a person said yes: also where another file has the number
}

// Clean is an opening as it is kept: see Plain and Prose.
func (o Opening) Clean() Opening {
	o.Number, o.Subject = NumberField.clean(o.Number), SubjectField.clean(o.Subject)
	return o
}

func (o Opening) refers() []reference {
	return []reference{named(o.Department, look.department), atDesk(o.Desk), named(o.Route, look.route)}
}

func (o Opening) number() (string, bool) { return o.Number, o.Anyway }

func (o Opening) check(c Command) error {
	switch {
	case o.Number == "":
		return NoNumber
	case len(o.Number) > MaxNumber, len(o.Subject) > MaxSubject:
		return TooLong
	case o.Department == "":
		return malformed("open needs a department")
	case o.Desk == "" && c.Station == "" && !o.Imported:
		return malformed("open needs a desk or a station")
	}
	return nil
}

func (o Opening) texts() Texts { return Texts{NumberField: o.Number, SubjectField: o.Subject} }

func (o Opening) speak(texts Texts) Payload {
	o.Number, o.Subject = texts[NumberField], texts[SubjectField]
	return o
}

func (o Opening) like(first Payload) Payload {
	if f, same := first.(Opening); same {
		o.Anyway = f.Anyway
	}
	return o
}

// open begins a file's life: at a desk, at the station's receiving desk, or from
// a register without a clock.
func (a *act) open(o Opening) {
	if !a.s.Opened.IsZero() {
		a.refuse(AlreadyOpen)
		return
	}
	a.s.Opened, a.s.Department = a.at, o.Department
	a.s.Path = Path{Route: RouteID(a.c.Route.ID)}.to(0, a.stops)
	at, known := a.c.To, ByPaper
	if a.c.Command.Station != "" && (at == nil || a.c.Here != nil && at.Desk == a.c.Here.Desk) {
		at, known = a.c.Here, ByScan
	}
	if o.Imported {
		leg := Leg{Phase: Unseen, Known: ByPaper}
		if at != nil {
			leg.Place = *at
		}
		a.begin(Imported, leg)
		return
	}
	if known == ByScan {
		a.seen()
	}
	a.begin(Opened, a.hold(*at, known))
}
