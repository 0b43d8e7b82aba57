package custody

import (
	"slices"

	"harkara/internal/label"
)

// Alias registers the code of an old cover, of before this office's codes.
const Alias CommandKind = "alias"

// Reasons of that.
const (
	Aliased    Reason = "aliased"     // an old cover's code stands for it
	CoversFull Reason = "covers_full" // no more old covers of one file can be registered
)

func init() {
	register(Kind{
		Name: Alias, Undo: Beside,
		By:      by(Holder, Superior, Administrator),
		Asks:    &Asks{Place: 9, Of: []Ask{{"cover", &Input{Shape: Digits, Max: 60}, false}}},
		Comes:   []Reason{Aliased, CoverTaken, OldCover, CoversFull},
		Does:    map[Reason]Effect{Aliased: GivesCover},
		Example: func(_ *Office) Payload { return Aliasing{"FIN-2019/1"} },
	}, (*act).alias)
}

// Aliasing is the code of the old cover.
type Aliasing struct {
	Cover label.Code `json:"cover"` // foreign
}

func (o Aliasing) cover() (label.Code, bool) { return o.Cover, true }
func (o Aliasing) check(Command) error       { return checkForeign(o.Cover) }
func (o Aliasing) tidy() Payload             { return Aliasing{tidyForeign(o.Cover)} }

func checkForeign(code label.Code) error {
	if !foreign(code) {
		return NotForeign
	}
	return nil
}

// tidyForeign is what an old cover says in the form in which it is registered.
func tidyForeign(written label.Code) label.Code {
	code, err := label.Foreign(Plain(string(written)))
	if err != nil {
		return written
	}
	return code
}

// alias lets the code that an old cover carries stand for the file.
func (a *act) alias(with Aliasing) {
	code := with.Cover
	named := func(e *Entry) { e.Cover = code }
	refused := func(e *Entry) { e.Cover, e.Refused = code, true }
	switch {
	case a.c.Taken:
		a.record(CoverTaken, refused)
	case slices.Contains(a.s.Aliases, code):
		a.tick(Aliased)
	case !a.c.Stray: // it went with the cover that a reprint replaced
		a.record(OldCover, refused)
	case len(a.s.Aliases) == maxAliases:
		a.record(CoversFull, refused)
	default:
		a.s.Aliases = append(slices.Clone(a.s.Aliases), code)
		if f := a.s.Former; f != nil {
			forgotten := max(0, len(f.Aliases)+len(a.s.Aliases)-maxAliases)
			a.s.Former = &Former{Code: f.Code, Aliases: f.Aliases[forgotten:], Until: f.Until}
		}
		a.record(Aliased, named)
	}
}
