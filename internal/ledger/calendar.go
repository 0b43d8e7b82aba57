package ledger

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/custody"
)

// keptWeeks are those before the present one that a calendar remembers: no running leg is
// so old that it needs more.
const keptWeeks = 24

// revise gives wanted calendars what files go by: a revision over the one in force where
// anything is otherwise on some day, in the week, by a season, a holiday or a closure; and
// the weeks that were in force until an instant, so that what was worked by them stays.
func revise(have, want map[key]json.RawMessage, at time.Time) error {
	was, err := assemble(have)
	is, errIs := assemble(want)
	if err := errors.Join(err, errIs); err != nil {
		return err
	}
	for _, c := range is.Calendars {
		old, there := was.CalendarByID(c.ID)
		if !there {
			continue
		}
		c.Was = slices.DeleteFunc(slices.Clone(old.Was), func(e calendar.Era) bool { return e.Until.After(at) })
		if !reflect.DeepEqual(c.Week, old.Week) {
			c.Was = append(c.Was, calendar.Era{Until: at.UTC().Truncate(time.Second), Week: old.Week})
		}
		c.Was = c.Was[max(0, len(c.Was)-keptWeeks):]
		if c.Revision <= old.Revision {
			if c.Revision = old.Revision; !alike(was, is, c.ID) {
				c.Revision++
			}
		}
		raw, err := json.Marshal(c)
		if err != nil {
			return err
		}
		want[key{"calendar", c.ID}] = raw
	}
	return nil
}

// assemble is the office of which things are.
func assemble(things map[key]json.RawMessage) (*custody.Office, error) {
	o := &custody.Office{}
	for k, body := range things {
		i := item{key: k, body: body}
		if err := i.assign(o); err != nil {
			return nil, err
		}
	}
	o.Sort()
	return o, nil
}

// alike reports whether a calendar counts the same in two offices, in every building.
func alike(a, b *custody.Office, id string) bool {
	for _, building := range append(slices.Concat(a.Buildings(), b.Buildings()), "") {
		x, _ := a.Hours(id, building)
		y, _ := b.Hours(id, building)
		x.Revision, y.Revision, x.Was, y.Was, x.Sample, y.Sample = 0, 0, nil, nil, false, false
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}
