package custody

import (
	"slices"

	"harkara/internal/label"
)

// validateBounds reports what a file could not carry or tell apart: identifiers and
// budgets that are too long, routes whose stops take too much of its snapshot, two
// cards with one code.
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
	for _, r := range o.Routes {
		if size := o.plan(r); size > MaxPlan {
			bad("route %s: its stops, ladder and calendars take %d bytes of every file's %d, at most %d: it needs fewer stops or shorter ids", r.ID, size, MaxSnapshot, MaxPlan)
		}
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

// strays is how many calendars a file may need beside its route's: its holder's, of
// where it is on the way to, and of a next stop set by hand.
const strays = 3

// plan is what a route takes of a snapshot at most, in bytes: with the longest of
// the ladders, its own calendars and the longest of the others.
func (o Office) plan(r Route) int {
	size := func(v any) int { return len(compactJSON(v)) }
	sum, own := 0, map[string]bool{}
	for _, stop := range r.Stops {
		p, _ := o.PlaceAt(stop.Desk)
		p.Budget = stop.Budget
		sum += size(p) + len(",")
		own[p.Calendar] = true
	}
	ladder, others := 0, []int{}
	for _, l := range o.Ladders {
		ladder = max(ladder, size(l))
	}
	for _, c := range o.Calendars {
		if own[c.ID] {
			sum += size(c) + len(",")
		} else {
			others = append(others, size(c)+len(","))
		}
	}
	slices.Sort(others)
	for _, n := range others[max(0, len(others)-strays):] {
		sum += n
	}
	return sum + ladder
}
