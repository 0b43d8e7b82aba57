// Package people is who acts: persons, their roles, what each may see and do. It is pure
// but for the two costs it sets a price on, passwords and sessions, whose store it is given.
package people

import (
	"time"

	"harkara/internal/custody"
)

// ID names a person for ever: entries have it. The person of an officer has the officer's.
type ID = custody.PersonID

// Person is somebody who acts by his own name: an officer of the office, or its first
// administrator, who need not be one.
type Person struct {
	ID       ID
	Name     custody.Name
	Officer  custody.OfficerID // whose badge and post are his; empty: he is no officer
	Language string            // of his pages; empty: the browser's
	Digits   string            // Urdu or Latin; empty: Latin
	Grants   []Grant           // beside what his post gives him
	Ended    time.Time         // from when he is let in no more; zero: no end is set
}

// Role is what a person may do, as an office gives it.
type Role string

// The roles.
const (
	Administrator Role = "administrator" // rooms, desks, posts, stations, calendars, ladders, persons
	Manager       Role = "manager"       // an officer above: sees his departments, and what lies below his post
	Officer       Role = "officer"       // his desk, and what he sent
	Clerk         Role = "clerk"         // R&I: opens, registers, prints
	Auditor       Role = "auditor"       // reads all that he is cleared for, changes nothing
	Wall          Role = "wall"          // a screen: one scope, no names, no subjects, no end of session
	Program       Role = "program"       // a token with scopes and an end
)

// Grant is a role that a person has: in a post while he holds it or acts for who does, in
// a department, or in the whole office.
type Grant struct {
	Role       Role                 `json:"role"`
	Post       custody.PostID       `json:"post,omitempty"`       // empty: whatever post he is in
	Department custody.DepartmentID `json:"department,omitempty"` // empty: the whole office
	Clearance  custody.Class        `json:"clearance,omitempty"`  // up to which class, there and nowhere else
	For        custody.OfficerID    `json:"for,omitempty"`        // in whose stead he sees and acts, while that officer is in Post
}
