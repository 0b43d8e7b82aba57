package intake

import (
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
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

// counts is the instant as of which work is looked up: when it happened, or the beginning
// of the leg that it must follow and will be put at. See custody.Rules.Slack.
func (d *Dispatcher) counts(w ledger.Work, told time.Time) time.Time {
	at := happened(w.Command, told, w.Received, d.Rules.Spooled)
	p := w.Position
	if p == nil || !at.Before(p.Since) || p.Since.After(w.Received) || w.Command.Kind == custody.Scan && p.Since.Sub(at) > d.Rules.Slack {
		return at
	}
	return p.Since
}

// Resolve looks up everything that a command needs of the office, as the office was when
// the command happened: what it names, who holds the file, where the file goes next. What
// it names and cannot be found is named in Unknown: a person will be told, and the command
// refused, but never lost.
func Resolve(o *custody.Office, w ledger.Work) (custody.Resolved, custody.Contents) {
	r := resolver{office: o, contents: custody.Contents{}, out: resolved(o, w)}
	r.out.Act, r.out.Taken, r.out.Stray = w.Act, w.Taken, w.Stray
	r.out.Transit = o.Policy.Transit
	if w.Position != nil {
		r.file(*w.Position)
	}
	r.command(w.Command)
	if w.Command.Context.Onward && w.Position != nil && r.out.Here != nil {
		if to, ok := o.PlaceAt(w.Position.Onward(r.stops, r.out.Here.Room, r.out.Here.Desk), r.contents); ok { // else it has none, and arrives
			r.out.To = &to
		}
	}
	return r.out, r.contents
}

// resolved is the form of a command, with nothing looked up yet.
func resolved(o *custody.Office, w ledger.Work) custody.Resolved {
	r := custody.Resolved{
		Version: custody.ResolvedVersion, Command: w.Command, Words: w.Words, Seq: w.Seq, Received: w.Received, Office: o.Revision,
	}
	if w.File != w.Command.Code {
		r.File = w.File
	}
	return r
}

type resolver struct {
	office   *custody.Office
	contents custody.Contents
	stops    []custody.Planned // of the file's route
	out      custody.Resolved
}

// file looks up where the file is and what lies before it.
func (r *resolver) file(p custody.Position) {
	if holder, ok := r.office.PlaceAt(p.Desk, r.contents); ok {
		r.out.Holder = &holder
	}
	if route, stops, _, ok := r.office.Plan(p.Path.Route, r.contents); ok {
		r.out.Route, r.stops = route, stops
	}
}

func (r *resolver) command(c custody.Command) {
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

// route is one that the file is put on.
func (r *resolver) route(id custody.RouteID) {
	route, _, missing, ok := r.office.Plan(id, r.contents)
	switch {
	case ok:
		r.out.Route = route
	case missing != "":
		r.unknown("desk", missing)
	default:
		r.unknown("route", id)
	}
}

func (r *resolver) place(id custody.DeskID) *custody.Place {
	p, ok := r.office.PlaceAt(id, r.contents)
	if !ok {
		r.unknown("desk", id)
		return nil
	}
	return &p
}

// unknown keeps the first reference that was not found.
func (r *resolver) unknown(what string, id any) {
	if r.out.Unknown == "" {
		r.out.Unknown = fmt.Sprintf("%s %v", what, id)
	}
}
