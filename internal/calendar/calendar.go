// Package calendar counts working time. It is pure: a calendar is data with a
// fixed offset from UTC, so no clock and no zone database is asked, and the same
// question has the same answer in a workflow's replay years later.
//
// A Calendar is what was ordered; Hours is the same made ready to be counted on.
// Instants are whole seconds: sub-second parts are cut off, so that pieces of a
// span always add up to the span.
package calendar

import (
	"errors"
	"fmt"
	"time"
)

const day = 24 * 60 * 60

// Calendar says when work is done. The zero value has no working time. Of what it says
// about one day days off come before hours that are shut, these before seasons, and these
// before the week. So the newest revision is the truth about every day, also about past
// ones: whoever counts again by it counts right.
type Calendar struct {
	ID       string `json:"id"`
	Revision int    `json:"rev,omitempty"`    // a newer one replaces an older one
	Offset   int    `json:"offset,omitempty"` // seconds east of UTC, the same all year
	Sample   bool   `json:"sample,omitempty"` // a demonstration or an example, not an order
	Week     Week   `json:"week"`

	Was     []Era    `json:"was,omitempty"`     // weeks before this one, oldest first
	Seasons []Season `json:"seasons,omitempty"` // of several on one day the shortest counts
	Shut    []Shut   `json:"shut,omitempty"`
	Off     []Days   `json:"off,omitempty"` // on which nobody works
}

// Era is the week that was in force until an instant.
type Era struct {
	Until time.Time `json:"until"`
	Week  Week      `json:"week"`
}

// Season is days with a week of their own: winter, Ramadan.
type Season struct {
	Days Days `json:"days"`
	Week Week `json:"week"`
}

// Shut is hours of some days in which nobody works: snow from noon.
type Shut struct {
	Days  Days   `json:"days"`
	Hours []Span `json:"hours"`
}

// MaxSpans is how many spans a day may have: three breaks.
const MaxSpans = 4

// Week holds the working spans of each day, Sunday first; a break is the gap
// between two spans.
type Week [7][]Span

// Span is a stretch of a local day, in seconds after midnight: [from, to).
type Span [2]int

// ErrCalendar marks a calendar that cannot be counted on.
var ErrCalendar = errors.New("unusable calendar")

// Validate checks that spans are in order, do not touch or overlap, lie within
// the day, that days are some, and that there is working time in the week. Errors wrap
// ErrCalendar.
func (c Calendar) Validate() error {
	if c.ID == "" {
		return fmt.Errorf("%w: no id", ErrCalendar)
	}
	bad := func(err error) error { return fmt.Errorf("%w %s: %w", ErrCalendar, c.ID, err) }
	if c.Offset <= -day || c.Offset >= day {
		return bad(fmt.Errorf("offset %d s", c.Offset))
	}
	if err := c.Week.Validate(); err != nil {
		return bad(err)
	}
	if c.Week.total() == 0 {
		return bad(errors.New("no working time"))
	}
	for _, e := range c.Was {
		if err := e.Week.Validate(); err != nil {
			return bad(err)
		}
	}
	for _, s := range c.Seasons {
		if err := errors.Join(s.Days.Validate(), s.Week.Validate()); err != nil {
			return bad(err)
		}
	}
	for _, s := range c.Shut {
		if err := errors.Join(s.Days.Validate(), ordered(s.Hours)); err != nil {
			return bad(err)
		}
	}
	for _, d := range c.Off {
		if err := d.Validate(); err != nil {
			return bad(err)
		}
	}
	return nil
}

// Validate checks the spans of each day.
func (w Week) Validate() error {
	for d, spans := range w {
		if len(spans) > MaxSpans {
			return fmt.Errorf("%s: %d spans, at most %d", time.Weekday(d), len(spans), MaxSpans)
		}
		if err := ordered(spans); err != nil {
			return fmt.Errorf("%s: %w", time.Weekday(d), err)
		}
	}
	return nil
}

// ordered reports spans that touch or overlap, are empty, or leave the day.
func ordered(spans []Span) error {
	end := -1
	for _, s := range spans {
		if s[0] <= end || s[1] <= s[0] || s[1] > day {
			return fmt.Errorf("span %s", s)
		}
		end = s[1]
	}
	return nil
}

// String shows a span as hours of the day, such as 08:30-13:30.
func (s Span) String() string {
	hm := func(sec int) string { return fmt.Sprintf("%02d:%02d", sec/3600, sec/60%60) }
	return hm(s[0]) + "-" + hm(s[1])
}

func (w Week) total() int {
	sum := 0
	for _, spans := range w {
		sum += total(spans)
	}
	return sum
}

func total(spans []Span) int {
	sum := 0
	for _, s := range spans {
		sum += s[1] - s[0]
	}
	return sum
}
