package custody

import (
	"cmp"
	"slices"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// Identifiers of cards that an office makes for itself.
type (
	HoldCardID   string
	ReasonCardID string
)

// HoldCard is a card that parks files while the office waits for somebody: "Finance, 5
// days".
type HoldCard struct {
	ID   HoldCardID `json:"id"`
	Code label.Code `json:"code"` // kind label.Hold
	Name Name       `json:"name"` // why, or whom the file waits for
	Days int        `json:"days"` // working days, 1 to MaxHoldDays

	// Whom files wait for, where the office knows them: a department of its own, somebody
	// outside by his calendar; one of the two or neither.
	Department DepartmentID `json:"department,omitempty"`
	Calendar   string       `json:"calendar,omitempty"`
}

// ReasonCard is a card that explains a delay, read with the badge of who explains.
type ReasonCard struct {
	ID   ReasonCardID `json:"id"`
	Code label.Code   `json:"code"` // kind label.Card
	Name Name         `json:"name"`
}

// MaxHoldDays bounds what one hold card may park a file for: a year of working days.
const MaxHoldDays = 250

// hoursOf is the calendar of whom files wait for: their own, else that of a post of theirs
// above which nobody of the department stands.
func (o *Office) hoursOf(h HoldCard) (calendar.Calendar, bool) {
	of := h.Calendar
	head, ok := first(o.Posts, func(p Post) bool {
		above, _ := o.PostByID(p.Superior)
		return h.Department != "" && p.Department == h.Department && above.Department != h.Department
	})
	if of == "" && ok {
		of = head.Calendar
	}
	return o.Hours(of, "")
}

func (o *Office) sortCards() {
	slices.SortFunc(o.Holds, func(a, b HoldCard) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Reasons, func(a, b ReasonCard) int { return cmp.Compare(a.ID, b.ID) })
}

// named sees that a thing has a name in both languages of the office.
func (p *problems) named(at string, n Name) {
	if n.En == "" {
		p.bad(at+"/name/en", "", "a name in English")
	}
	if n.Ur == "" {
		p.bad(at+"/name/ur", "", "a name in Urdu")
	}
}

// cards sees that every card says one thing, in both languages of the office.
func (p *problems) cards() {
	for _, h := range p.of.Holds {
		at := where("holds", h.ID)
		p.named(at, h.Name)
		if h.Days < 1 || h.Days > MaxHoldDays {
			p.bad(at+"/days", h.Days, "1 to %d working days", MaxHoldDays)
		}
		refer(p, at+"/department", h.Department, (*Office).DepartmentByID, "a department", false)
		refer(p, at+"/calendar", h.Calendar, (*Office).CalendarByID, "a calendar", false)
		if h.Calendar != "" && h.Department != "" {
			p.bad(at+"/calendar", h.Calendar, "a calendar or a department, not both")
		}
	}
	for _, r := range p.of.Reasons {
		p.named(where("reasons", r.ID), r.Name)
	}
}
