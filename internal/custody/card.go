package custody

import (
	"cmp"
	"slices"

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
	Code label.Code `json:"code"` // kind label.Card
	Name Name       `json:"name"` // why, or whom the file waits for
	Days int        `json:"days"` // working days, 1 to MaxHoldDays
}

// ReasonCard is a card that explains a delay, read with the badge of who explains.
type ReasonCard struct {
	ID   ReasonCardID `json:"id"`
	Code label.Code   `json:"code"` // kind label.Card
	Name Name         `json:"name"`
}

// MaxHoldDays bounds what one hold card may park a file for: a year of working days.
const MaxHoldDays = 250

func (o *Office) sortCards() {
	slices.SortFunc(o.Holds, func(a, b HoldCard) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Reasons, func(a, b ReasonCard) int { return cmp.Compare(a.ID, b.ID) })
}

// validateCards sees that every card says one thing, in both languages of the office.
func (o *Office) validateCards(bad func(string, ...any)) {
	used := map[label.Code]string{}
	for _, code := range label.Cards {
		used[code] = "a command card"
	}
	card := func(what string, code label.Code, n Name) {
		if c, err := label.Check(string(code)); err != nil || c.Kind() != label.Card {
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
		card("hold "+string(h.ID), h.Code, h.Name)
		if h.Days < 1 || h.Days > MaxHoldDays {
			bad("hold %s: %d days, it has 1 to %d", h.ID, h.Days, MaxHoldDays)
		}
	}
	for _, r := range o.Reasons {
		card("reason "+string(r.ID), r.Code, r.Name)
	}
}
