package custody

import "harkara/internal/calendar"

// What bounds a file's state. An office that keeps to them has files that always fit:
// see MaxState.
const (
	MaxID     = 24 // bytes of an identifier of reference data
	MaxStops  = 16
	MaxRungs  = 8
	MaxTold   = 4 // receivers of a rung
	MaxBudget = Seconds(366 * 24 * 3600)
	MaxDays   = 366 // of a budget
)

// bounds notes what a file could not carry: identifiers and budgets that are too long.
func (p *problems) bounds() {
	o := p.of
	ids(p, "departments", o.Departments, func(x Department) DepartmentID { return x.ID })
	ids(p, "rooms", o.Rooms, func(x Room) RoomID { return x.ID })
	ids(p, "desks", o.Desks, func(x Desk) DeskID { return x.ID })
	ids(p, "posts", o.Posts, func(x Post) PostID { return x.ID })
	ids(p, "officers", o.Officers, func(x Officer) OfficerID { return x.ID })
	ids(p, "stations", o.Stations, func(x Station) StationID { return x.ID })
	ids(p, "routes", o.Routes, func(x Route) RouteID { return x.ID })
	ids(p, "holds", o.Holds, func(x HoldCard) HoldCardID { return x.ID })
	ids(p, "reasons", o.Reasons, func(x ReasonCard) ReasonCardID { return x.ID })
	ids(p, "ladders", o.Ladders, func(x Ladder) LadderID { return x.ID })
	ids(p, "calendars", o.Calendars, func(x calendar.Calendar) string { return x.ID })
	ids(p, "seasons", o.Seasons, func(x Season) SeasonID { return x.ID })
	ids(p, "holidays", o.Holidays, func(x Holiday) HolidayID { return x.ID })
	ids(p, "closures", o.Closures, func(x Closure) ClosureID { return x.ID })
	for _, l := range o.Ladders {
		for i, r := range l.Rungs {
			if r.Channel != "" {
				p.id(where("ladders", l.ID, "rungs", i+1, "channel"), r.Channel)
			}
		}
	}
	p.budget("policy/transit", o.Policy.Transit, 0)
	for _, x := range o.Posts {
		p.budget(where("posts", x.ID, "budget"), x.Budget, x.BudgetDays)
	}
	for _, r := range o.Routes {
		for i, s := range r.Stops {
			p.budget(where("routes", r.ID, "stops", i+1, "budget"), s.Budget, s.BudgetDays)
		}
	}
}

func ids[T any, K ~string](p *problems, list string, all []T, id func(T) K) {
	for _, x := range all {
		p.id(where(list, id(x), "id"), string(id(x)))
	}
}

func (p *problems) id(at, id string) {
	if id == "" || len(id) > MaxID || !identifies(id) || Plain(id) != id {
		p.bad(at, id, "an id of 1 to %d bytes, without control characters and such that nobody sees", MaxID)
	}
}

func (p *problems) budget(at string, budget Seconds, days int) {
	if budget > MaxBudget || days > MaxDays {
		p.bad(at, budget, "at most %dh of working time, or %dd", MaxBudget/3600, MaxDays)
	}
}
