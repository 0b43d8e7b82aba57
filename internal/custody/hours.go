package custody

import (
	"cmp"
	"fmt"
	"slices"

	"harkara/internal/calendar"
)

// Identifiers of what an office orders of its days.
type (
	SeasonID  string
	HolidayID string
	ClosureID string
)

// Season is days with hours of their own: winter, Ramadan. Where several are on one day
// the shortest counts.
type Season struct {
	ID        SeasonID      `json:"id"`
	Name      Name          `json:"name"`
	Days      calendar.Days `json:"days"`
	Week      calendar.Week `json:"week"`
	Calendars []string      `json:"calendars,omitempty"` // that have it; none: every one
	Order     string        `json:"order,omitempty"`     // by which it is so
}

// Holiday is days on which nobody works. A provisional one counts until somebody decides:
// then it stays as it is, or is taken out.
type Holiday struct {
	ID          HolidayID     `json:"id"`
	Name        Name          `json:"name"`
	Days        calendar.Days `json:"days"`
	Provisional bool          `json:"provisional,omitempty"` // gazetted as "subject to the moon", or not at all yet
	Calendars   []string      `json:"calendars,omitempty"`   // that have it; none: every one
	Order       string        `json:"order,omitempty"`       // by which it is one
}

// Closure is days, or some hours of them, in which nobody can work in a building: snow, a
// strike.
type Closure struct {
	ID        ClosureID       `json:"id"`
	Name      Name            `json:"name"`
	Days      calendar.Days   `json:"days"`
	Hours     []calendar.Span `json:"hours,omitempty"`     // of each of the days; none: all of it
	Building  string          `json:"building,omitempty"`  // as its rooms have it in English; empty: every one
	Calendars []string        `json:"calendars,omitempty"` // that have it; none: every one
	Order     string          `json:"order,omitempty"`
}

// in reports whether what names some calendars counts on one.
func in(calendars []string, id string) bool {
	return len(calendars) == 0 || slices.Contains(calendars, id)
}

// Hours is a calendar with everything that the office has ordered of its days, as it counts
// in a building: what files rely on. Two offices in which it is the same have the same
// clocks there.
func (o *Office) Hours(id, building string) (calendar.Calendar, bool) {
	c, ok := o.CalendarByID(id)
	if !ok {
		return calendar.Calendar{}, false
	}
	for _, s := range o.Seasons {
		if in(s.Calendars, id) {
			c.Seasons = append(c.Seasons, calendar.Season{Days: s.Days, Week: s.Week})
		}
	}
	for _, h := range o.Holidays {
		if in(h.Calendars, id) {
			c.Off = append(c.Off, h.Days)
		}
	}
	for _, x := range o.Closures {
		switch {
		case !in(x.Calendars, id) || x.Building != "" && x.Building != building:
		case len(x.Hours) == 0:
			c.Off = append(c.Off, x.Days)
		default:
			c.Shut = append(c.Shut, calendar.Shut{Days: x.Days, Hours: x.Hours})
		}
	}
	return c, true
}

// Timed is an office of another time with the calendars of this one, which are the truth
// about that time too. One that is none any more is as it was last.
func (o *Office) Timed(then *Office) *Office {
	if o == then {
		return o
	}
	timed := *then
	timed.Calendars = slices.Clone(then.Calendars)
	for i, c := range timed.Calendars {
		if now, ok := o.CalendarByID(c.ID); ok {
			timed.Calendars[i] = now
		}
	}
	timed.Seasons, timed.Holidays, timed.Closures = o.Seasons, o.Holidays, o.Closures
	return &timed
}

// HoursOf is a post's calendar as it counts in a room.
func (o *Office) HoursOf(post PostID, room RoomID) (calendar.Calendar, bool) {
	p, _ := o.PostByID(post)
	return o.Hours(p.Calendar, o.building(room))
}

func (o *Office) building(room RoomID) string {
	r, _ := o.RoomByID(room)
	return r.Building.En
}

// Buildings are the office's, by their English names, in order.
func (o *Office) Buildings() (list []string) {
	for _, r := range o.Rooms {
		list = append(list, r.Building.En)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (o *Office) sortDays() {
	slices.SortFunc(o.Seasons, func(a, b Season) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Holidays, func(a, b Holiday) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Closures, func(a, b Closure) int { return cmp.Compare(a.ID, b.ID) })
}

// days sees that what is ordered of days can be counted, and is called by a name in both
// languages.
func (p *problems) days() {
	each := func(at string, n Name, d calendar.Days, calendars []string) {
		p.named(at, n)
		if d.Validate() != nil {
			p.bad(at+"/days", d.String(), "%s", daysExpected)
		}
		for i, id := range calendars {
			refer(p, fmt.Sprintf("%s/calendars/%d", at, i+1), id, (*Office).CalendarByID, "a calendar", true)
		}
	}
	for i, s := range p.of.Seasons {
		at := where("seasons", s.ID)
		each(at, s.Name, s.Days, s.Calendars)
		if err := s.Week.Validate(); err != nil {
			p.bad(at+"/week", "", "%v", err)
		}
		for _, o := range p.of.Seasons[:i] {
			both := len(s.Calendars) == 0 || len(o.Calendars) == 0 || slices.ContainsFunc(s.Calendars, func(id string) bool { return in(o.Calendars, id) })
			if both && s.Days == o.Days {
				p.bad(at+"/days", s.Days.String(), "other days than those of season %s: nobody knows which counts", o.ID)
			}
		}
	}
	for _, h := range p.of.Holidays {
		each(where("holidays", h.ID), h.Name, h.Days, h.Calendars)
	}
	for _, x := range p.of.Closures {
		at := where("closures", x.ID)
		each(at, x.Name, x.Days, x.Calendars)
		if err := (calendar.Week{x.Hours}).Validate(); err != nil {
			p.bad(at+"/hours", "", "%v", err)
		}
		if x.Building != "" && !slices.Contains(p.of.Buildings(), x.Building) {
			p.bad(at+"/building", x.Building, "a building in which the office has a room, as the room has it in English")
		}
	}
}

const daysExpected = `days, such as "2026-03-20", "2026-03-20 to 2026-03-22", "2027-01-01 on", or of every year "08-14", "11-01 to 02-29"`
