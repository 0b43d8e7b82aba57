package custody

import (
	"errors"
	"fmt"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// Identifiers of reference data: short, stable, chosen by the office.
type (
	DepartmentID string
	RoomID       string
	DeskID       string
	PostID       string
	OfficerID    string
	StationID    string
	RouteID      string
	LadderID     string
)

// Name is what people call a thing, in both languages of the office.
type Name struct {
	En string `json:"en"`
	Ur string `json:"ur,omitempty"`
}

// Department is a part of the secretariat with rooms and posts of its own.
type Department struct {
	ID   DepartmentID `json:"id"`
	Name Name         `json:"name"`
}

// Room is a door in a building; its receiving desk holds what is scanned there.
type Room struct {
	ID         RoomID       `json:"id"`
	Name       Name         `json:"name"`
	Department DepartmentID `json:"department"`
	Building   string       `json:"building"`
	Floor      int          `json:"floor"`
}

// Desk is a room and a post. Each room has exactly one receiving desk.
type Desk struct {
	ID        DeskID     `json:"id"`
	Code      label.Code `json:"code"` // of its destination card, kind label.Desk
	Room      RoomID     `json:"room"`
	Post      PostID     `json:"post"`
	Receiving bool       `json:"receiving,omitempty"`
}

// Post is an office held, such as SO (Budget); custody belongs to it.
type Post struct {
	ID         PostID       `json:"id"`
	Name       Name         `json:"name"`
	Department DepartmentID `json:"department"`
	Superior   PostID       `json:"superior,omitempty"`
	Calendar   string       `json:"calendar"` // id of the calendar its clock runs on
	Ladder     LadderID     `json:"ladder"`
	Budget     Seconds      `json:"budget"` // of a leg where no route says otherwise
}

// Role says what a person with a badge does.
type Role string

// The roles a badge can have.
const (
	RoleOfficer Role = "officer"
	RoleRunner  Role = "runner"
	RoleClerk   Role = "clerk"
)

// Officer is a person with a badge: in a post today, or a runner with none.
type Officer struct {
	ID   OfficerID  `json:"id"`
	Code label.Code `json:"code"` // of the badge, kind label.Badge
	Name Name       `json:"name"`
	Role Role       `json:"role"`
	Post PostID     `json:"post,omitempty"`
}

// Station is a scanning place; the room of a scan is its station's room.
type Station struct {
	ID   StationID `json:"id"`
	Room RoomID    `json:"room"`
	Name Name      `json:"name"`
}

// Route is a named list of stops.
type Route struct {
	ID         RouteID      `json:"id"`
	Name       Name         `json:"name"`
	Department DepartmentID `json:"department"`
	Stops      []Stop       `json:"stops"`
}

// Stop is a desk on a route and the working seconds it may take there.
type Stop struct {
	Desk   DeskID  `json:"desk"`
	Budget Seconds `json:"budget"`
}

// Policy holds the office-wide figures that are not a route's or a ladder's.
type Policy struct {
	Transit Seconds `json:"transit"` // working seconds a file may be between two rooms
}

// Office is the reference data in force at one instant. Slices are sorted by ID.
type Office struct {
	Revision    int64               `json:"revision"` // grows with every change
	Name        Name                `json:"name"`
	Sample      bool                `json:"sample,omitempty"` // demonstration data, labelled so
	Policy      Policy              `json:"policy"`
	Departments []Department        `json:"departments"`
	Rooms       []Room              `json:"rooms"`
	Desks       []Desk              `json:"desks"`
	Posts       []Post              `json:"posts"`
	Officers    []Officer           `json:"officers"`
	Stations    []Station           `json:"stations"`
	Routes      []Route             `json:"routes"`
	Holds       []HoldCard          `json:"holds"`
	Reasons     []ReasonCard        `json:"reasons"`
	Ladders     []Ladder            `json:"ladders"`
	Calendars   []calendar.Calendar `json:"calendars"`
}

// Seconds is a span in whole seconds, so that JSON, SQL and Go agree.
type Seconds int64

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// SecondsOf truncates d to whole seconds.
func SecondsOf(d time.Duration) Seconds { return Seconds(d / time.Second) }

// Validate reports everything in the office that would leave a file without a
// place, a clock or somebody to tell, all at once.
func (o Office) Validate() error {
	o.Sort()
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if o.Policy.Transit <= 0 {
		bad("policy: no transit budget")
	}
	for _, c := range o.Calendars {
		if err := c.Validate(); err != nil {
			problems = append(problems, err)
		}
	}
	for _, r := range o.Rooms {
		if _, ok := o.DepartmentByID(r.Department); !ok {
			bad("room %s: no department %q", r.ID, r.Department)
		}
		receiving := 0
		for _, d := range o.Desks {
			if d.Room == r.ID && d.Receiving {
				receiving++
			}
		}
		if receiving != 1 {
			bad("room %s: %d receiving desks, it needs one", r.ID, receiving)
		}
	}
	for _, d := range o.Desks {
		if _, ok := o.RoomByID(d.Room); !ok {
			bad("desk %s: no room %q", d.ID, d.Room)
		}
		if _, ok := o.PostByID(d.Post); !ok {
			bad("desk %s: no post %q", d.ID, d.Post)
		}
		if code, err := label.Check(string(d.Code)); err != nil || code.Kind() != label.Desk {
			bad("desk %s: %q is no desk's code", d.ID, d.Code)
		}
	}
	o.validatePeople(bad)
	o.validateBounds(bad)
	o.validateCards(bad)
	for _, s := range o.Stations {
		if _, ok := o.RoomByID(s.Room); !ok {
			bad("station %s: no room %q", s.ID, s.Room)
		}
	}
	for _, r := range o.Routes {
		if len(r.Stops) == 0 || len(r.Stops) > MaxStops {
			bad("route %s: %d stops, it has 1 to %d", r.ID, len(r.Stops), MaxStops)
		}
		for _, s := range r.Stops {
			if _, ok := o.DeskByID(s.Desk); !ok || s.Budget <= 0 {
				bad("route %s: stop %q with %d s", r.ID, s.Desk, s.Budget)
			}
		}
	}
	return errors.Join(problems...)
}

func (o Office) validatePeople(bad func(string, ...any)) {
	for _, p := range o.Posts {
		if _, ok := o.CalendarByID(p.Calendar); !ok {
			bad("post %s: no calendar %q", p.ID, p.Calendar)
		}
		if _, ok := o.LadderByID(p.Ladder); !ok {
			bad("post %s: no ladder %q", p.ID, p.Ladder)
		}
		if _, ok := o.PostByID(p.Superior); !ok && p.Superior != "" {
			bad("post %s: no superior %q", p.ID, p.Superior)
		}
		if o.ring(p) {
			bad("post %s is its own superior's superior", p.ID)
		}
		if p.Budget <= 0 {
			bad("post %s: no budget", p.ID)
		}
	}
	for _, p := range o.Officers {
		if _, ok := o.PostByID(p.Post); !ok && p.Post != "" {
			bad("officer %s: no post %q", p.ID, p.Post)
		}
		if code, err := label.Check(string(p.Code)); err != nil || code.Kind() != label.Badge {
			bad("officer %s: %q is no badge's code", p.ID, p.Code)
		}
	}
	for _, l := range o.Ladders {
		l.validate(o, bad)
	}
}
