package custody

import (
	"cmp"
	"fmt"
)

// Resolve looks up everything that a command needs of an office: where its station is,
// what it names, and of a file at p (nil: there is none) who holds it and where it goes
// next. It adds the contents of what it finds. What the command names and cannot be found
// is named in Unknown: a person will be told, and the command refused, but never lost.
func (o *Office) Resolve(r Resolved, p *Position, contents Contents) Resolved {
	look := resolver{o, contents, &r}
	var stops []Planned
	if p != nil {
		stops = look.file(*p)
	}
	look.command(r.Command)
	look.awaited(r.Command.Mentions(), p)
	if r.Command.Mentions().Onward && p != nil && r.Here != nil {
		if to, ok := o.PlaceAt(p.Onward(stops, r.Here.Room, r.Here.Desk), contents); ok { // else it has none, and arrives
			r.To = &to
		}
	}
	if r.Command.Mentions().Back && p != nil {
		look.back(*p)
	}
	return r
}

type resolver struct {
	office   *Office
	contents Contents
	out      *Resolved
}

// file looks up where the file is and what lies before it: its route's stops.
func (l resolver) file(p Position) (stops []Planned) {
	if holder, ok := l.office.PlaceAt(p.Desk, l.contents); ok {
		l.out.Holder = &holder
	}
	if route, stops, _, ok := l.office.Plan(p.Path.Route, l.contents); ok {
		l.out.Route = route
		return stops
	}
	return nil
}

func (l resolver) command(c Command) {
	if c.Station != "" {
		l.out.Here = l.station(c.Station)
	}
	m := c.Mentions()
	if m.DeskCard != "" {
		if desk, ok := l.office.DeskByCode(m.DeskCard); ok {
			l.out.To = l.place(desk.ID)
		} else {
			l.unknown("desk card", m.DeskCard)
		}
	}
	if m.Badge != "" {
		if p, ok := l.office.OfficerByCode(m.Badge); ok && p.Role == RoleRunner {
			l.out.Runner = p.ID
		} else {
			l.unknown("runner's badge", m.Badge)
		}
	}
	if m.ReasonCard != "" {
		if card, ok := l.office.ReasonByCode(m.ReasonCard); ok {
			l.out.Why = card.ID
		} else {
			l.unknown("reason card", m.ReasonCard)
		}
	}
	if _, ok := l.office.DepartmentByID(m.Department); !ok && m.Department != "" {
		l.unknown("department", m.Department)
	}
	if m.Desk != "" {
		l.out.To = l.place(m.Desk)
	}
	if m.Route != "" {
		l.route(m.Route)
	}
}

func (l resolver) station(id StationID) *Place {
	s, ok := l.office.StationByID(id)
	if !ok {
		l.unknown("station", id)
		return nil
	}
	desk, ok := l.office.ReceivingDesk(s.Room)
	if !ok {
		l.unknown("receiving desk of room", s.Room)
		return nil
	}
	return l.place(desk.ID)
}

// route is one that the file is put on.
func (l resolver) route(id RouteID) {
	route, _, missing, ok := l.office.Plan(id, l.contents)
	switch {
	case ok:
		l.out.Route = route
	case missing != "":
		l.unknown("desk", missing)
	default:
		l.unknown("route", id)
	}
}

func (l resolver) place(id DeskID) *Place {
	p, ok := l.office.PlaceAt(id, l.contents)
	if !ok {
		l.unknown("desk", id)
		return nil
	}
	return &p
}

// awaited is whom a file is to wait for, and whether it was sent to them.
func (l resolver) awaited(m Mentions, p *Position) {
	if m.Hold == "" && m.HoldCard == "" {
		return
	}
	card, ok := first(l.office.Holds, func(h HoldCard) bool { return h.ID == m.Hold || h.Code == m.HoldCard })
	if !ok {
		l.unknown("hold", cmp.Or(string(m.Hold), string(m.HoldCard)))
		return
	}
	l.out.Awaited = &Awaited{ID: card.ID, Days: card.Days}
	if hours, ok := l.office.hoursOf(card); ok {
		l.out.Awaited.Hours = l.contents.Keep(hours.ID, hours)
	}
	if p != nil && p.Phase == Transit && card.Department != "" {
		to, _ := l.office.RoomByID(p.ToRoom)
		l.out.Awaited.There = to.Department == card.Department
	}
}

// unknown keeps the first reference that was not found.
func (l resolver) unknown(what string, id any) {
	if l.out.Unknown == "" {
		l.out.Unknown = fmt.Sprintf("%s %v", what, id)
	}
}
