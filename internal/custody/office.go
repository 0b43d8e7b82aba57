package custody

import (
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
	Building   Building     `json:"building"`
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
	Budget     Seconds      `json:"budget"`                // of a leg where no route says otherwise
	BudgetDays int          `json:"budget_days,omitempty"` // beside it: working days, each as long as it is then
	Staff      []OfficerID  `json:"staff,omitempty"`       // who may see and act for its officer: his PS, his PA
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
	ID       StationID `json:"id"`
	Room     RoomID    `json:"room"`
	Name     Name      `json:"name"`
	Subjects bool      `json:"subjects,omitempty"` // its screen says what a file is about: nobody but the office sees it
}

// Route is a named list of stops.
type Route struct {
	ID         RouteID      `json:"id"`
	Name       Name         `json:"name"`
	Department DepartmentID `json:"department"`
	Stops      []Stop       `json:"stops"`
}

// Stop is a desk on a route and the working time it may take there.
type Stop struct {
	Desk       DeskID  `json:"desk"`
	Budget     Seconds `json:"budget"`
	BudgetDays int     `json:"budget_days,omitempty"` // see Post
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
	Seasons     []Season            `json:"seasons,omitempty"`
	Holidays    []Holiday           `json:"holidays,omitempty"`
	Closures    []Closure           `json:"closures,omitempty"`

	// Former is what had ended by then, each as it was last: what still names one can be
	// called by its name. nil: nothing had.
	Former *Office `json:"-"`
}

// Seconds is a span in whole seconds, so that JSON, SQL and Go agree.
type Seconds int64

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// SecondsOf truncates d to whole seconds.
func SecondsOf(d time.Duration) Seconds { return Seconds(d / time.Second) }
