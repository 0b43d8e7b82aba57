// Package calendar counts working time. It is pure: a calendar is data with a
// fixed offset from UTC, so no clock and no zone database is asked, and the same
// question has the same answer in a workflow's replay years later.
//
// Instants are whole seconds: sub-second parts are cut off, so that pieces of a
// span always add up to the span.
package calendar

import (
	"errors"
	"fmt"
	"time"
)

const day = 24 * 60 * 60

// Calendar says when work is done. The zero value has no working time.
type Calendar struct {
	ID       string `json:"id"`
	Revision int    `json:"rev,omitempty"`    // a newer one replaces an older one
	Offset   int    `json:"offset,omitempty"` // seconds east of UTC, the same all year
	Sample   bool   `json:"sample,omitempty"` // a demonstration or an example, not an order
	Week     Week   `json:"week"`
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
// the day, and that there is some working time. Errors wrap ErrCalendar.
func (c Calendar) Validate() error {
	if c.ID == "" {
		return fmt.Errorf("%w: no id", ErrCalendar)
	}
	if c.Offset <= -day || c.Offset >= day {
		return fmt.Errorf("%w %s: offset %d s", ErrCalendar, c.ID, c.Offset)
	}
	for d, spans := range c.Week {
		if len(spans) > MaxSpans {
			return fmt.Errorf("%w %s: %s: %d spans, at most %d", ErrCalendar, c.ID, time.Weekday(d), len(spans), MaxSpans)
		}
		end := -1
		for _, s := range spans {
			if s[0] <= end || s[1] <= s[0] || s[1] > day {
				return fmt.Errorf("%w %s: %s: span %s", ErrCalendar, c.ID, time.Weekday(d), s)
			}
			end = s[1]
		}
	}
	if c.Week.total() == 0 {
		return fmt.Errorf("%w %s: no working time", ErrCalendar, c.ID)
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

// Working returns the working time between two instants, in whole seconds; zero
// when to is not after from.
func (c Calendar) Working(from, to time.Time) time.Duration {
	a, b := c.local(from), c.local(to)
	if b <= a {
		return 0
	}
	return time.Duration(c.since(b)-c.since(a)) * time.Second
}

// Add returns the earliest instant at which d of working time has passed since
// from. A span of zero or less gives from itself. Where hardly any work is
// done, or none, it gives the end of its reach, some 290 years on, rather than no
// answer.
func (c Calendar) Add(from time.Time, d time.Duration) time.Time {
	need := int64(d / time.Second)
	start := c.local(from)
	if need <= 0 {
		return c.utc(start)
	}
	week := int64(c.Week.total())
	if week == 0 || need/week > reach/(7*day) {
		return c.utc(start + reach)
	}
	target := c.since(start) + need
	// The instant lies in the week where the count first reaches the target.
	weeks := (target - 1) / week
	if (target-1)%week < 0 {
		weeks--
	}
	left := target - weeks*week
	for d := range c.Week {
		for _, s := range c.Week[d] {
			if n := int64(s[1] - s[0]); left > n {
				left -= n
				continue
			}
			return c.utc(weeks*7*day + int64(d)*day + int64(s[0]) + left)
		}
	}
	panic("calendar: week shorter than its total")
}

// reach is how far Add answers, in seconds.
const reach = 290 * 366 * day

// Back returns the latest instant from which d of working time passes until to.
func (c Calendar) Back(to time.Time, d time.Duration) time.Time {
	need := int64(d / time.Second)
	end := c.local(to)
	if need <= 0 {
		return c.utc(end)
	}
	week := int64(c.Week.total())
	if week == 0 {
		return c.utc(end - reach)
	}
	target := c.since(end) - need // the count at the answer
	weeks := target / week
	if target%week < 0 {
		weeks--
	}
	left := target - weeks*week // 0 <= left < week: the last instant with this count
	for d := range c.Week {
		for _, s := range c.Week[d] {
			if n := int64(s[1] - s[0]); left >= n {
				left -= n
				continue
			}
			return c.utc(weeks*7*day + int64(d)*day + int64(s[0]) + left)
		}
	}
	panic("calendar: week shorter than its total")
}

// Open reports whether work is done at the instant.
func (c Calendar) Open(at time.Time) bool {
	d, sec := split(c.local(at))
	for _, s := range c.Week[weekday(d)] {
		if sec >= int64(s[0]) && sec < int64(s[1]) {
			return true
		}
	}
	return false
}

// Next returns the next instant at which work is done: at itself when it is.
func (c Calendar) Next(at time.Time) time.Time {
	if c.Open(at) || c.Week.total() == 0 {
		return c.utc(c.local(at))
	}
	return c.Add(at, time.Second).Add(-time.Second)
}

// Day returns the working time of the local day in which the instant lies: what
// a budget of one day means then.
func (c Calendar) Day(at time.Time) time.Duration {
	d, _ := split(c.local(at))
	return time.Duration(total(c.Week[weekday(d)])) * time.Second
}

// DayEnd is the midnight, local time, that ends the day in which the instant lies.
func (c Calendar) DayEnd(at time.Time) time.Time {
	d, _ := split(c.local(at))
	return c.utc((d + 1) * day)
}

// local counts seconds since a Sunday, local time, in whole seconds.
func (c Calendar) local(t time.Time) int64 { return t.Unix() + int64(c.Offset) - sunday }

func (c Calendar) utc(local int64) time.Time {
	return time.Unix(local-int64(c.Offset)+sunday, 0).UTC()
}

// sunday is 1970-01-04, the first Sunday after the Unix epoch, in seconds.
const sunday = 3 * day

// since counts the working seconds from the Sunday origin to a local second;
// negative before it.
func (c Calendar) since(local int64) int64 {
	d, sec := split(local)
	weeks := d / 7
	if d%7 < 0 {
		weeks--
	}
	sum := weeks * int64(c.Week.total())
	for wd := range d - weeks*7 {
		sum += int64(total(c.Week[wd]))
	}
	for _, s := range c.Week[weekday(d)] {
		sum += max(0, min(sec, int64(s[1]))-int64(s[0]))
	}
	return sum
}

// split returns the day number and the second of the day.
func split(local int64) (d, sec int64) {
	d, sec = local/day, local%day
	if sec < 0 {
		d, sec = d-1, sec+day
	}
	return d, sec
}

func weekday(d int64) int {
	w := int(d % 7)
	if w < 0 {
		w += 7
	}
	return w
}
