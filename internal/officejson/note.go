package officejson

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Note is one thing that is said of a file.
type Note struct {
	Line, Column    int    // from 1; columns are characters
	At              string // in the office: "desks/so-1/room"; empty: of the text
	Found, Expected string
	Warning         bool // the file is taken nevertheless

	offset int
}

// In says the note as compilers do.
func (n Note) In(name string) string {
	text := fmt.Sprintf("%s:%d:%d: ", name, n.Line, n.Column)
	if n.Warning {
		text += "warning: "
	}
	if n.At != "" {
		text += n.At + ": "
	}
	return text + "found " + cmp.Or(n.Found, "nothing") + ", expected " + n.Expected
}

// Wrong reports whether a file with these notes is not taken.
func Wrong(notes []Note) bool {
	return slices.ContainsFunc(notes, func(n Note) bool { return !n.Warning })
}

// locate tells lines and columns, and puts notes in the order of the file, each once.
func locate(raw []byte, notes []Note) []Note {
	slices.SortStableFunc(notes, func(a, b Note) int { return cmp.Compare(a.offset, b.offset) })
	for i := range notes {
		before := raw[:min(notes[i].offset, len(raw))]
		notes[i].Line = 1 + bytes.Count(before, []byte("\n"))
		notes[i].Column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	}
	return slices.CompactFunc(notes, func(a, b Note) bool { return a == b })
}

const maxFound = 60 // characters of what was found

func clip(text string) string {
	if r := []rune(text); len(r) > maxFound {
		text = string(r[:maxFound]) + "…"
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "\n", " "))
}
