package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"harkara/internal/calendar"
	"harkara/internal/custody"
)

// key names a thing of the office.
type key struct{ kind, id string }

// office is what there is one of.
type office struct {
	Name   custody.Name   `json:"name"`
	Sample bool           `json:"sample,omitempty"`
	Policy custody.Policy `json:"policy"`
}

// kind is one sort of things: how an office is taken apart into their stored forms,
// and how one of these becomes part of an office again.
type kind struct {
	name  string
	apart func(all map[key]json.RawMessage, o *custody.Office) error
	read  func(body []byte) (addTo func(*custody.Office), err error)
}

var kinds = []kind{
	theOffice,
	listed("department", func(o *custody.Office) *[]custody.Department { return &o.Departments }, func(d custody.Department) string { return string(d.ID) }),
	listed("room", func(o *custody.Office) *[]custody.Room { return &o.Rooms }, func(r custody.Room) string { return string(r.ID) }),
	listed("desk", func(o *custody.Office) *[]custody.Desk { return &o.Desks }, func(d custody.Desk) string { return string(d.ID) }),
	listed("post", func(o *custody.Office) *[]custody.Post { return &o.Posts }, func(p custody.Post) string { return string(p.ID) }),
	listed("officer", func(o *custody.Office) *[]custody.Officer { return &o.Officers }, func(p custody.Officer) string { return string(p.ID) }),
	listed("station", func(o *custody.Office) *[]custody.Station { return &o.Stations }, func(s custody.Station) string { return string(s.ID) }),
	listed("route", func(o *custody.Office) *[]custody.Route { return &o.Routes }, func(r custody.Route) string { return string(r.ID) }),
	listed("hold", func(o *custody.Office) *[]custody.HoldCard { return &o.Holds }, func(h custody.HoldCard) string { return string(h.ID) }),
	listed("reason", func(o *custody.Office) *[]custody.ReasonCard { return &o.Reasons }, func(r custody.ReasonCard) string { return string(r.ID) }),
	listed("ladder", func(o *custody.Office) *[]custody.Ladder { return &o.Ladders }, func(l custody.Ladder) string { return string(l.ID) }),
	listed("season", func(o *custody.Office) *[]custody.Season { return &o.Seasons }, func(x custody.Season) string { return string(x.ID) }),
	listed("holiday", func(o *custody.Office) *[]custody.Holiday { return &o.Holidays }, func(x custody.Holiday) string { return string(x.ID) }),
	listed("closure", func(o *custody.Office) *[]custody.Closure { return &o.Closures }, func(x custody.Closure) string { return string(x.ID) }),
	listed("calendar", func(o *custody.Office) *[]calendar.Calendar { return &o.Calendars }, func(c calendar.Calendar) string { return c.ID }),
}

var theOffice = kind{
	name: "office",
	apart: func(all map[key]json.RawMessage, o *custody.Office) error {
		return keep(all, key{kind: "office"}, office{o.Name, o.Sample, o.Policy})
	},
	read: func(body []byte) (func(*custody.Office), error) {
		var row office
		err := json.Unmarshal(body, &row)
		return func(o *custody.Office) { o.Name, o.Sample, o.Policy = row.Name, row.Sample, row.Policy }, err
	},
}

// kindNamed returns a kind; an error where only a newer program knows it.
func kindNamed(name string) (kind, error) {
	n := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if n < 0 {
		return kind{}, errors.New("a newer program wrote it")
	}
	return kinds[n], nil
}

// listed is the kind of things that an office has a list of.
func listed[T any](name string, list func(*custody.Office) *[]T, id func(T) string) kind {
	return kind{
		name: name,
		apart: func(all map[key]json.RawMessage, o *custody.Office) error {
			for _, t := range *list(o) {
				if err := keep(all, key{name, id(t)}, t); err != nil {
					return err
				}
			}
			return nil
		},
		read: func(body []byte) (func(*custody.Office), error) {
			var t T
			err := json.Unmarshal(body, &t)
			return func(o *custody.Office) { *list(o) = append(*list(o), t) }, err
		},
	}
}

func keep(all map[key]json.RawMessage, k key, thing any) error {
	if _, twice := all[k]; twice {
		return fmt.Errorf("%s %q is there twice", k.kind, k.id)
	}
	raw, err := json.Marshal(thing)
	if err != nil {
		return fmt.Errorf("marshal %s %q: %w", k.kind, k.id, err)
	}
	all[k] = raw
	return nil
}

// things takes an office apart.
func things(o custody.Office) (map[key]json.RawMessage, error) {
	all := map[key]json.RawMessage{}
	var problems []error
	for _, k := range kinds {
		problems = append(problems, k.apart(all, &o))
	}
	return all, errors.Join(problems...)
}
