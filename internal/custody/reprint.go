package custody

import "harkara/internal/label"

// Reprint prints a file's cover again.
const Reprint CommandKind = "reprint"

// Reasons of a reprint.
const (
	Reprinted  Reason = "reprinted"   // its cover again, with the code that it has
	Relabelled Reason = "relabelled"  // a cover with a new code; those before it are old
	CoverTaken Reason = "cover_taken" // that code belongs to another file
)

func init() {
	register(Kind{
		Name: Reprint, Undo: Beside, Reasoned: true, Draws: true,
		By:      by(Holder, Superior, Administrator),
		Asks:    &Asks{Place: 8, Of: []Ask{because(false)}},
		Comes:   []Reason{Reprinted, Relabelled, CoverTaken},
		Does:    map[Reason]Effect{Relabelled: GivesCover},
		Example: func(_ *Office) Payload { return Printing{label.New(label.File, 77)} },
	}, (*act).reprint)
}

// Printing is the code that the cover gets if the file has moved in its present one.
type Printing struct {
	Cover label.Code `json:"cover"` // fresh
}

func (p Printing) cover() (label.Code, bool) { return p.Cover, true }

func (p Printing) check(c Command) error {
	if code, err := label.Check(string(p.Cover)); err != nil || code.Kind() != label.File || code == c.Code {
		return malformed("reprint needs a fresh code")
	}
	return nil
}

func (p Printing) draw(code label.Code) Payload { return Printing{code} }

func (p Printing) like(first Payload) Payload {
	if f, same := first.(Printing); same {
		return f
	}
	return p
}

// reprint: until the file has moved in it, its cover may be printed again as it is.
// After that two covers of one code could lie on two papers, so that the new one
// gets a new code, and every code before it is old: also a foreign one, since the
// cover that carries it is the one that is replaced.
func (a *act) reprint(with Printing) {
	switch {
	case a.c.Taken:
		a.refuse(CoverTaken)
		return
	case !a.s.Moved:
		a.record(Reprinted, func(e *Entry) { e.Cover = a.s.Cover })
		return
	}
	a.s.Former = &Former{Code: a.s.cover(), Aliases: a.s.Aliases, Until: a.at}
	a.s.Cover, a.s.Aliases, a.s.Moved = with.Cover, nil, false
	a.record(Relabelled, func(e *Entry) { e.Cover = a.s.Cover })
}
