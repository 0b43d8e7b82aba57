package custody

import (
	"cmp"
	"slices"
)

// Phrase is a key of the pages' words with what stands in it: ids of the office, which have
// names, an instant, of which the day is said, texts and numbers as they are. Without a key
// the first of With says it alone. The zero value says nothing.
type Phrase struct {
	Key  string
	With []any
}

// Condition is how it stands with a file, beside where it is: boards count it, pages call
// the file by it. Each is registered with the kind that brings it about, see Kind.Brings,
// and its words go by its name.
type Condition struct {
	Name  string
	Is    func(Position) bool
	Place int  // among the numbers of a board, from 1; 0: it is not counted
	State bool // it is what the file's state is called, in place of its phase
	Badge int  // among those of a row, from 1, for what is unusual; 0: it has none

	Next   func(Position) Phrase // what is to be done; nil: what the route says
	InHand func(Position) Phrase // what a room does with the paper that it has seen; nil, or nothing: Next
	Seen   func(Position) Phrase // how its paper was seen, {0} ago; nil, or nothing: as Position.Known says
}

// Conditions returns every condition, in the order of boards.
func Conditions() (list []Condition) {
	for _, k := range Kinds() {
		list = append(list, k.Brings...)
	}
	slices.SortStableFunc(list, func(a, b Condition) int { return cmp.Compare(a.Place, b.Place) })
	return list
}

// State is what the file's state is called: by a condition, else by its phase.
func (p Position) State() string {
	for _, k := range Kinds() {
		for _, c := range k.Brings {
			if c.State && c.Is(p) {
				return c.Name
			}
		}
	}
	return string(p.Phase)
}
