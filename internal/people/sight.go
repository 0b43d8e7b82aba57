package people

import (
	"cmp"
	"encoding/json"
	"slices"
	"unique"

	"harkara/internal/custody"
)

// Seen is how much somebody sees of a file.
type Seen int

// How much.
const (
	Nothing Seen = iota
	Grey         // that a file is there, and in which room
	Whole
)

// Facets is what of an open file says who may see it: everybody sees files of the same
// facets as much. Rooms and desks are named as its position names them.
type Facets struct {
	Class      custody.Class
	Department custody.DepartmentID // its own
	Room       custody.RoomID       // where it is; in transit where it left
	ToRoom     custody.RoomID       // in transit, where that is known
	Desk       custody.DeskID       // that holds or sends it
	To         custody.DeskID       // that expects it
	From       custody.DeskID       // that sent it to the one that holds it
	Transit    bool
}

// FacetsOf are those of a file as it is.
func FacetsOf(r *custody.Row) Facets {
	pos := r.Position
	f := Facets{Class: r.File.Class, Department: r.File.Department, Room: pos.Room, Desk: pos.Desk}
	if pos.Phase == custody.Transit {
		f.Transit, f.ToRoom, f.To = true, pos.ToRoom, pos.To
	} else {
		f.From = pos.From
	}
	return f
}

// Compare orders facets, those of one department and room together.
func (f Facets) Compare(o Facets) int {
	if c := cmp.Compare(f.Department, o.Department); c != 0 {
		return c
	}
	if c := cmp.Compare(f.Room, o.Room); c != 0 {
		return c
	}
	if f.Transit != o.Transit {
		if f.Transit {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(f.ToRoom, o.ToRoom), cmp.Compare(f.Desk, o.Desk), cmp.Compare(f.To, o.To), cmp.Compare(f.From, o.From), cmp.Compare(f.Class, o.Class))
}

// Sight is what somebody may see, and how he stands to files, as one value: what is kept
// for several readers, a page, its ETag, a live scope, is kept for each sight. The zero
// value sees nothing.
type Sight struct{ text unique.Handle[string] }

// String tells one sight from every other.
func (s Sight) String() string {
	if s == (Sight{}) {
		return ""
	}
	return s.text.Value()
}

// Eyes are a sight laid out for looking at many files.
func (s Sight) Eyes() *Eyes {
	e := &Eyes{}
	if text := s.String(); text != "" {
		if err := json.Unmarshal([]byte(text), e); err != nil {
			panic("people: read sight: " + err.Error()) // it was written by eyes
		}
	}
	return e
}

// level is up to which class somebody sees what he reaches; 0: he does not reach it.
type level int8

func levelOf(c custody.Class) level {
	return level(slices.Index(custody.Classes[:], c) + 1) // of no class that is known: 0
}

// Eyes are what a principal's capacities come to. They do not change once they are made.
//
// A person reaches the files of his departments, that is those whose own it is and those
// that are, or are expected, in its rooms; those that a desk of it sent, until they go on;
// those that his post holds, sent or expects; and a manager what posts below his hold. What
// is reached is seen whole up to the level, which is that of the department it was given
// for and of no other.
type Eyes struct {
	All         level                          `json:"all,omitempty"` // of every file
	Departments map[custody.DepartmentID]level `json:"departments,omitempty"`
	Rooms       map[custody.RoomID]level       `json:"rooms,omitempty"` // of those departments
	Sent        map[custody.DeskID]bool        `json:"sent,omitempty"`  // the desks in them: it has left, so that no clearance counts
	Desks       map[custody.DeskID]level       `json:"desks,omitempty"` // of his posts
	Below       map[custody.DeskID]level       `json:"below,omitempty"` // of the posts under those
	Manages     map[custody.DepartmentID]bool  `json:"manages,omitempty"`
	Registers   map[custody.DepartmentID]bool  `json:"registers,omitempty"` // he opens its files
	Roles       []Role                         `json:"roles,omitempty"`
	Wall        bool                           `json:"wall,omitempty"` // no names, no subjects
}

// sight is the eyes as one value.
func (e *Eyes) sight() Sight {
	slices.Sort(e.Roles)
	e.Roles = slices.Compact(e.Roles)
	text, err := json.Marshal(e) // maps by their keys in order
	if err != nil {
		panic("people: write sight: " + err.Error()) // text and numbers
	}
	return Sight{unique.Make(string(text))}
}

// Of says how much is seen of files with some facets.
func (e *Eyes) Of(f Facets) Seen {
	lies := max(e.Rooms[f.Room], e.Rooms[f.ToRoom])
	mine := max(e.Desks[f.Desk], e.Desks[f.To])
	best := max(e.All, e.Departments[f.Department], lies, mine, e.Below[f.Desk], e.Below[f.To])
	if best == 0 && (e.Sent[f.From] || e.Desks[f.From] > 0) {
		best = levelOf(custody.Ordinary)
	}
	needs := levelOf(f.Class)
	switch {
	case needs == 0: // a class of a newer office
		return Nothing
	case best >= needs:
		return Whole
	case f.Class == custody.Confidential && max(e.All, lies, mine, e.Below[f.Desk], e.Below[f.To]) > 0,
		f.Class == custody.Secret && mine > 0:
		return Grey
	}
	return Nothing
}

// See says how much is seen of a file, open or closed.
func (e *Eyes) See(r *custody.Row) Seen { return e.Of(FacetsOf(r)) }

// Everything reports whether every file is seen whole.
func (e *Eyes) Everything() bool { return e.All == levelOf(custody.Secret) }

// Wide reports whether files of every department are seen.
func (e *Eyes) Wide() bool { return e.All > 0 }

// Department reports whether a department is one of his.
func (e *Eyes) Department(id custody.DepartmentID) bool { return e.Wide() || e.Departments[id] > 0 }

// Room reports whether a room is of a department of his.
func (e *Eyes) Room(id custody.RoomID) bool { return e.Wide() || e.Rooms[id] > 0 }

// Has reports whether he has one of some roles, anywhere.
func (e *Eyes) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(e.Roles, r) })
}

// Stands is how he stands to a file: the nearest that he is, and what he is beside. He is
// nothing to what he does not see whole.
func (e *Eyes) Stands(r *custody.Row) (as []custody.Giver) {
	f := FacetsOf(r)
	if e.Of(f) != Whole {
		return nil
	}
	switch {
	case e.Desks[f.Desk] > 0:
		as = append(as, custody.Holder)
	case e.Below[f.Desk] > 0:
		as = append(as, custody.Superior)
	}
	if e.Manages[f.Department] || e.Below[f.Desk] > 0 {
		as = append(as, custody.Manager)
	}
	if e.Has(Auditor) {
		as = append(as, custody.Auditor)
	}
	if e.Has(Administrator) {
		as = append(as, custody.Administrator)
	}
	return as
}

// MayOpen reports whether he may open a file of a department that begins at a desk.
func (e *Eyes) MayOpen(department custody.DepartmentID, desk custody.DeskID) bool {
	return e.Has(Administrator) || e.Registers[department] || e.Desks[desk] > 0 || e.Below[desk] > 0
}
