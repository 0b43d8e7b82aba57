package intake

import (
	"fmt"
	"time"

	"harkara/internal/custody"
)

// happened is the instant as of which a command's references are looked up: told by
// its age, else its own time, unless that cannot be right because it lies after it
// was received, or further back than stations keep scans.
func happened(c custody.Command, told, received time.Time, spooled time.Duration) time.Time {
	switch {
	case !told.IsZero():
		return told
	case c.At.Wall.After(received) || c.At.Wall.Before(received.Add(-spooled)):
		return received
	}
	return c.At.Wall
}

// Resolve looks up every reference of a command in the office as it was when the
// command happened. What cannot be found is named in Unknown: a person will be
// told, and the command refused, but never lost.
func Resolve(o *custody.Office, c custody.Command, seq int64, received time.Time) custody.Resolved {
	r := resolver{office: o, out: custody.Resolved{Command: c, Seq: seq, Received: received, Transit: o.Policy.Transit}}
	r.resolve(c)
	return r.out
}

type resolver struct {
	office *custody.Office
	out    custody.Resolved
}

func (r *resolver) resolve(c custody.Command) {
	if c.Station != "" {
		r.out.Here = r.station(c.Station)
	}
	switch {
	case c.Context.Desk != "":
		if desk, ok := r.office.DeskByCode(c.Context.Desk); ok {
			r.out.To = r.place(desk.ID)
		} else {
			r.unknown("desk card", c.Context.Desk)
		}
	case c.Context.Runner != "":
		if p, ok := r.office.OfficerByCode(c.Context.Runner); ok && p.Role == custody.RoleRunner {
			r.out.Runner = p.ID
		} else {
			r.unknown("runner's badge", c.Context.Runner)
		}
	case c.Opening != nil:
		r.opening(*c.Opening)
	case c.Desk != "":
		r.out.To = r.place(c.Desk)
	}
	if c.Route != "" {
		r.route(c.Route)
	}
	r.ladder(c)
}

// ladder finds the policy of the post that holds the file if the command begins a
// stay: the desk that is named outright or in this room, else the station's.
func (r *resolver) ladder(c custody.Command) {
	at, to := r.out.Here, r.out.To
	if to != nil && (at == nil || c.Context.Desk == "" || to.Room == at.Room) {
		at = to
	}
	if at == nil && len(r.out.Route) > 0 {
		at = &r.out.Route[0]
	}
	if at == nil {
		return
	}
	if post, ok := r.office.PostByID(at.Post); ok {
		if ladder, ok := r.office.LadderByID(post.Ladder); ok {
			r.out.Ladder = &ladder
		}
	}
}

func (r *resolver) opening(o custody.Opening) {
	if _, ok := r.office.DepartmentByID(o.Department); !ok {
		r.unknown("department", o.Department)
	}
	if o.Desk != "" {
		r.out.To = r.place(o.Desk)
	}
	if o.Route != "" {
		r.route(o.Route)
	}
}

func (r *resolver) station(id custody.StationID) *custody.Place {
	s, ok := r.office.StationByID(id)
	if !ok {
		r.unknown("station", id)
		return nil
	}
	desk, ok := r.office.ReceivingDesk(s.Room)
	if !ok {
		r.unknown("receiving desk of room", s.Room)
		return nil
	}
	return r.place(desk.ID)
}

func (r *resolver) route(id custody.RouteID) {
	route, ok := r.office.RouteByID(id)
	if !ok {
		r.unknown("route", id)
		return
	}
	for _, stop := range route.Stops {
		p := r.place(stop.Desk)
		if p == nil {
			return
		}
		p.Budget = stop.Budget
		r.out.Route = append(r.out.Route, *p)
	}
}

func (r *resolver) place(id custody.DeskID) *custody.Place {
	p, ok := r.office.PlaceAt(id)
	if !ok {
		r.unknown("desk", id)
		return nil
	}
	cal, ok := r.office.CalendarByID(p.Calendar)
	if !ok {
		r.unknown("calendar", p.Calendar)
		return nil
	}
	for _, known := range r.out.Calendars {
		if known.ID == cal.ID {
			return &p
		}
	}
	r.out.Calendars = append(r.out.Calendars, cal)
	return &p
}

// unknown keeps the first reference that was not found.
func (r *resolver) unknown(what string, id any) {
	if r.out.Unknown == "" {
		r.out.Unknown = fmt.Sprintf("%s %v", what, id)
	}
}
