package custody

import (
	"fmt"

	"harkara/internal/label"
)

// Resolve looks up everything that a command needs of an office: where its station is,
// what it names, and of a file at p (nil: there is none) who holds it and where it goes
// next. It adds the contents of what it finds. What the command names and cannot be found
// is named in Unknown: a person will be told, and the command refused, but never lost.
func (o *Office) Resolve(r Resolved, p *Position, contents Contents) Resolved {
	r.Found, r.Relied = nil, nil
	l := look{office: o, contents: contents, at: p, out: &r}
	if p != nil {
		l.stops = l.file(*p)
		l.rests(p.Wait.Count)
	}
	if id := r.Command.Station; id != "" {
		r.Here = l.station(id)
	}
	if !r.Void { // else who set it aside
		r.By = r.Command.By
		l.badge(r.Command.Badge)
	}
	for _, ref := range r.Command.refers() {
		if ref.find != nil {
			ref.find(l)
		}
	}
	return r
}

// look is one look-up of what a command needs.
type look struct {
	office   *Office
	contents Contents
	at       *Position // of its file; nil: there is none
	stops    []Planned // of that one's route
	out      *Resolved
}

// file looks up where the file is and what lies before it: its route's stops.
func (l look) file(p Position) (stops []Planned) {
	if holder, ok := l.office.PlaceAt(p.Desk, l.contents); ok {
		l.out.Holder = &holder
	}
	if route, stops, _, ok := l.office.Plan(p.Path.Route, l.contents); ok {
		l.out.Route = route
		return stops
	}
	return nil
}

func (l look) station(id StationID) *Place {
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

// What many kinds name.

func (l look) department(id DepartmentID) {
	if _, ok := l.office.DepartmentByID(id); !ok {
		l.unknown("department", id)
	}
}

func (l look) desk(id DeskID) { l.out.To = l.place(id) }

func (l look) deskCard(code label.Code) {
	if desk, ok := l.office.DeskByCode(code); ok {
		l.desk(desk.ID)
	} else {
		l.unknown("desk card", code)
	}
}

// route is one that the file is put on.
func (l look) route(id RouteID) {
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

func (l look) place(id DeskID) *Place {
	p, ok := l.office.PlaceAt(id, l.contents)
	if !ok {
		l.unknown("desk", id)
		return nil
	}
	return &p
}

// keep adds contents that what is found names.
func (l look) keep(id string, thing any) Ref {
	ref := l.contents.Keep(id, thing)
	l.out.Relied = append(l.out.Relied, ref.Digest)
	return ref
}

// unknown keeps the first reference that was not found.
func (l look) unknown(what string, id any) {
	if l.out.Unknown == "" {
		l.out.Unknown = fmt.Sprintf("%s %v", what, id)
	}
}
