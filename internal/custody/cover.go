package custody

import (
	"slices"
	"time"

	"harkara/internal/label"
)

// Former is the code of a file's last cover but one. A scan of before its end, kept
// by a station that was offline, still counts.
type Former struct {
	Code  label.Code `json:"code"`
	Until time.Time  `json:"until"`
}

// maxAliases is how many foreign codes one file can have.
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
	return code == a.s.cover() || slices.Contains(a.s.Aliases, code) || code == a.s.Former.Code && a.at.Before(a.s.Former.Until)
}

// reprint: until the file has moved, its cover may be printed again as it was.
// After that two covers of one code could lie on two papers, so that the new one
// gets a new code, and every code before it is old.
func (a *act) reprint() {
	switch {
	case a.c.Taken:
		a.refuse(CoverTaken)
		return
	case !a.s.Moved:
		a.record(Reprinted, func(e *Entry) { e.Cover = a.s.Cover })
		return
	}
	a.s.Former = Former{Code: a.s.cover(), Until: a.at}
	a.s.Cover, a.s.Aliases = a.c.Command.Cover, nil
	a.record(Relabelled, func(e *Entry) { e.Cover = a.s.Cover })
}

// alias lets the code that an old cover carries stand for the file.
func (a *act) alias() {
	code := a.c.Command.Cover
	switch {
	case a.c.Taken:
		a.refuse(CoverTaken)
	case slices.Contains(a.s.Aliases, code):
		a.tick(Aliased)
	case len(a.s.Aliases) == maxAliases:
		a.refuse(CoversFull)
	default:
		a.s.Aliases = append(slices.Clone(a.s.Aliases), code)
		a.record(Aliased, func(e *Entry) { e.Cover = code })
	}
}
