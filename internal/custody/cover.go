package custody

import (
	"slices"
	"time"

	"harkara/internal/label"
)

// Former is the cover before the present one: its code, and the foreign ones that
// were registered for it. A scan of before its end, kept by a station that was
// offline, still counts.
type Former struct {
	Code    label.Code   `json:"code"`
	Aliases []label.Code `json:"aliases,omitempty"`
	Until   time.Time    `json:"until"`
}

func (f *Former) has(code label.Code) bool {
	return f != nil && (code == f.Code || slices.Contains(f.Aliases, code))
}

// maxAliases is how many foreign codes one file can have; those of its former cover
// are forgotten to make room.
const maxAliases = 2

// cover is the code on the file's present cover.
func (s *State) cover() label.Code {
	if s.Cover != "" {
		return s.Cover
	}
	return s.File
}

// covered reports whether a code stood for the file at the instant of the act.
func (a *act) covered(code label.Code) bool {
	return code == a.s.cover() || slices.Contains(a.s.Aliases, code) || a.s.Former.has(code) && a.at.Before(a.s.Former.Until)
}

// formerly reports whether the act is a scan of the cover before this one.
func (a *act) formerly() bool {
	return a.c.Command.Kind == Scan && a.s.Former.has(a.c.Command.Code)
}

// reprint: until the file has moved in it, its cover may be printed again as it is.
// After that two covers of one code could lie on two papers, so that the new one
// gets a new code, and every code before it is old: also a foreign one, since the
// cover that carries it is the one that is replaced.
func (a *act) reprint() {
	switch {
	case a.c.Taken:
		a.refuse(CoverTaken)
		return
	case !a.s.Moved:
		a.record(Reprinted, func(e *Entry) { e.Cover = a.s.Cover })
		return
	}
	a.s.Former = &Former{Code: a.s.cover(), Aliases: a.s.Aliases, Until: a.at}
	a.s.Cover, a.s.Aliases, a.s.Moved = a.c.Command.Cover, nil, false
	a.record(Relabelled, func(e *Entry) { e.Cover = a.s.Cover })
}

// alias lets the code that an old cover carries stand for the file.
func (a *act) alias() {
	code := a.c.Command.Cover
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

// unalias takes back that a foreign code was registered, so that it can be
// registered for its own file.
func (a *act) unalias() {
	code := a.c.Command.Cover
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

// Covers folds entries of one file into the codes that were given to it beside the
// first, each with the revision of the entry that did it.
func Covers(entries []Entry) map[label.Code]int64 {
	codes := map[label.Code]int64{}
	for _, e := range entries {
		switch e.Reason {
		case Relabelled, Aliased:
			codes[e.Cover] = e.Revision
		case Unaliased:
			delete(codes, e.Cover)
		}
	}
	return codes
}
