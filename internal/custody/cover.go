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

// formerly reports whether the act is of the cover before this one.
func (a *act) formerly() bool {
	return a.kind.Sights && a.s.Former.has(a.c.Command.Code)
}

// Covers folds entries of one file into the codes that were given to it beside the
// first, each with the revision of the entry that did it.
func Covers(entries []Entry) map[label.Code]int64 {
	codes := map[label.Code]int64{}
	for _, e := range entries {
		switch e.Effect() {
		case GivesCover:
			codes[e.Cover] = e.Revision
		case FreesCover:
			delete(codes, e.Cover)
		}
	}
	return codes
}
