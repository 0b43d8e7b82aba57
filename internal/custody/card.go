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
	return o.CalendarByID(of)
}

func (o *Office) sortCards() {
	slices.SortFunc(o.Holds, func(a, b HoldCard) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Reasons, func(a, b ReasonCard) int { return cmp.Compare(a.ID, b.ID) })
}

// validateCards sees that every card says one thing, in both languages of the office.
func (o *Office) validateCards(bad func(string, ...any)) {
	used := map[label.Code]string{}
	for _, card := range label.Commands() {
		used[card.Code] = "a command card"
	}
	card := func(what string, code label.Code, kind label.Kind, n Name) {
		if c, err := label.Check(string(code)); err != nil || c.Kind() != kind {
			bad("%s: %q is no card's code", what, code)
		} else if other, twice := used[code]; twice {
			bad("%s: %s is on %s too", what, code, other)
		}
		used[code] = what
		if n.En == "" || n.Ur == "" {
			bad("%s: it needs a name in English and in Urdu", what)
		}
	}
	for _, h := range o.Holds {
		card("hold "+string(h.ID), h.Code, label.Hold, h.Name)
		if h.Days < 1 || h.Days > MaxHoldDays {
			bad("hold %s: %d days, it has 1 to %d", h.ID, h.Days, MaxHoldDays)
		}
		if _, ok := o.DepartmentByID(h.Department); !ok && h.Department != "" {
			bad("hold %s: no department %q", h.ID, h.Department)
		}
		if _, ok := o.CalendarByID(h.Calendar); !ok && h.Calendar != "" || h.Calendar != "" && h.Department != "" {
			bad("hold %s: no calendar %q, or one beside a department", h.ID, h.Calendar)
		}
	}
	for _, r := range o.Reasons {
		card("reason "+string(r.ID), r.Code, label.Card, r.Name)
	}
}
