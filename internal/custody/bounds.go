package custody

import (
	"harkara/internal/label"
)

// What bounds a file's state. An office that keeps to them has files that always fit:
// see MaxState.
const (
	MaxID     = 24 // bytes of an identifier of reference data
	MaxStops  = 16
	MaxRungs  = 8
	MaxTold   = 4 // receivers of a rung
	MaxBudget = Seconds(366 * 24 * 3600)
)

// validateBounds reports what a file could not carry or tell apart: identifiers and
// budgets that are too long, two cards with one code.
func (o Office) validateBounds(bad func(string, ...any)) {
	o.validateIDs(bad)
	for _, b := range o.budgets() {
		if b.budget > MaxBudget {
			bad("%s: %d s, at most %d", b.of, b.budget, MaxBudget)
		}
	}
	whose := map[label.Code]string{}
	card := func(code label.Code, of string) {
		if other, taken := whose[code]; taken {
			bad("%s has the code of %s", of, other)
		}
		whose[code] = of
	}
	for _, d := range o.Desks {
		card(d.Code, "desk "+string(d.ID))
	}
	for _, p := range o.Officers {
		card(p.Code, "officer "+string(p.ID))
	}
}

func (o Office) validateIDs(bad func(string, ...any)) {
	check := func(what, id string) {
		if id == "" || len(id) > MaxID || !identifies(id) || Plain(id) != id {
			bad("%s %q: an id has 1 to %d bytes, no control characters and none that nobody sees", what, id, MaxID)
		}
	}
	for _, x := range o.Departments {
		check("department", string(x.ID))
	}
	for _, x := range o.Rooms {
		check("room", string(x.ID))
	}
	for _, x := range o.Desks {
		check("desk", string(x.ID))
	}
	for _, x := range o.Posts {
		check("post", string(x.ID))
	}
	for _, x := range o.Officers {
		check("officer", string(x.ID))
	}
	for _, x := range o.Stations {
		check("station", string(x.ID))
	}
	for _, x := range o.Routes {
		check("route", string(x.ID))
	}
	for _, x := range o.Holds {
		check("hold", string(x.ID))
	}
	for _, x := range o.Ladders {
		check("ladder", string(x.ID))
		for _, r := range x.Rungs {
			check("channel", r.Channel)
		}
	}
	for _, x := range o.Calendars {
		check("calendar", x.ID)
	}
}

// budgeted is something that may take a while.
type budgeted struct {
	of     string
	budget Seconds
}

func (o Office) budgets() []budgeted {
	list := []budgeted{{"transit", o.Policy.Transit}}
	for _, p := range o.Posts {
		list = append(list, budgeted{"post " + string(p.ID), p.Budget})
	}
	for _, r := range o.Routes {
		for _, s := range r.Stops {
			list = append(list, budgeted{"route " + string(r.ID) + ": stop " + string(s.Desk), s.Budget})
		}
	}
	return list
}
