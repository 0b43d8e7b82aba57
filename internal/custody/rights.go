package custody

import "slices"

// Giver is who gives a command, as he stands to its file.
type Giver int

// The givers. An officer is the nearest that he is: a superior who holds the file is its
// holder.
const (
	StationHere      Giver = iota // whoever is at the station of the room that has the file, or sent it
	StationElsewhere              // at another
	Holder                        // the officer who holds the file
	Superior                      // an officer above him
	Manager                       // an officer above others
	Auditor                       // reads everything, changes nothing
	Administrator
	TheOffice // its own commands
	givers
)

// Givers is a set of them.
type Givers uint16

// by makes a set.
func by(list ...Giver) (set Givers) {
	for _, g := range list {
		set |= 1 << g
	}
	return set
}

// Has reports whether one of some givers is in the set.
func (set Givers) Has(some ...Giver) bool {
	return slices.ContainsFunc(some, func(g Giver) bool { return set&(1<<g) != 0 })
}

// atStations reports whether nobody but stations is in the set.
func (set Givers) atStations() bool {
	return set != 0 && set&^by(StationHere, StationElsewhere) == 0
}

// admits reports whether the command may be given about a file that a room has. What a
// station may, its place decides when the command's turn comes: it gives files to no desk
// but its room's as that was then, unless it sends them there. Of anybody else the door has said so, before
// the command was stored.
func (r Resolved) admits(k Kind, has RoomID) bool {
	switch {
	case r.Command.Station == "" || r.Here == nil:
		return true
	case r.To != nil && r.To.Room != r.Here.Room && !r.Moved && r.Command.local():
		return false
	case has == r.Here.Room:
		return k.By.Has(StationHere)
	}
	return k.By.Has(StationElsewhere)
}

// Begins reports whether the command begins the file of a code that has none, and if not,
// what it comes to.
func (r Resolved) Begins() (why Reason, begins bool) {
	k := registry[r.Command.Kind]
	switch {
	case r.Void:
		return Voided, false
	case !k.Begins:
		return NoSuchFile, false
	case r.Unknown != "":
		return NoSuchPlace, false
	case r.Here != nil && !r.admits(k, r.Here.Room):
		return NotHere, false
	}
	return "", true
}
