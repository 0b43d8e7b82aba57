package custody

import (
	"slices"

	"harkara/internal/label"
)

// Unalias takes back that the code of an old cover was registered.
const Unalias CommandKind = "unalias"

// Unaliased is what it comes to: the code was registered by mistake, and is free again.
const Unaliased Reason = "unaliased"

func init() {
	register(Kind{
		Name: Unalias, Undo: Beside, Reasoned: true,
		By:      by(Holder, Superior, Administrator),
		Asks:    &Asks{Place: 10, When: hasOldCovers, Of: []Ask{{"cover", &Input{Shape: Digits, Choose: oldCovers}, false}, because(false)}},
		Comes:   []Reason{Unaliased, NotRegistered},
		Does:    map[Reason]Effect{Unaliased: FreesCover},
		Example: func(_ *Office) Payload { return Unaliasing{"FIN-2019/2"} },
	}, (*act).unalias)
}

func hasOldCovers(r Row) bool { return len(oldCovers(nil, r)) > 0 }

// oldCovers are the old codes that lead to the file.
func oldCovers(_ *Office, r Row) (list []Choice) {
	for _, code := range r.Codes {
		if code.Kind() == 0 {
			list = append(list, Choice{string(code), Phrase{With: []any{code}}})
		}
	}
	return list
}

// Unaliasing is the code of the old cover that is not the file's.
type Unaliasing struct {
	Cover label.Code `json:"cover"` // foreign
}

func (o Unaliasing) cover() (label.Code, bool) { return o.Cover, false }
func (o Unaliasing) check(Command) error       { return checkForeign(o.Cover) }
func (o Unaliasing) tidy() Payload             { return Unaliasing{tidyForeign(o.Cover)} }

// unalias takes back that a foreign code was registered, so that it can be
// registered for its own file.
func (a *act) unalias(with Unaliasing) {
	code := with.Cover
	if a.c.Stray {
		a.record(NotRegistered, func(e *Entry) { e.Cover, e.Refused = code, true })
		return
	}
	without := func(list []label.Code) []label.Code {
		return slices.DeleteFunc(slices.Clone(list), func(c label.Code) bool { return c == code })
	}
	a.s.Aliases = without(a.s.Aliases)
	if f := a.s.Former; f != nil {
		a.s.Former = &Former{Code: f.Code, Aliases: without(f.Aliases), Until: f.Until}
	}
	a.record(Unaliased, func(e *Entry) { e.Cover = code })
}
