package calendar

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"sync/atomic"
	"time"
)

// Hours counts on a calendar. Each year is made ready when it is first asked about; after
// that an answer is a look-up in it, and one over years a step a year. Years of which the
// calendar says nothing by their number are one of fourteen: they begin on one of seven
// weekdays, and have 365 or 366 days.
type Hours struct {
	calendar    Calendar
	first, last int // years of which it says something by their number
	dated       []atomic.Pointer[year]
	before      [14]atomic.Pointer[year]
	after       [14]atomic.Pointer[year]
}

// year is one year of a calendar.
type year struct {
	spans [366][]Span
	sum   [367]int32 // working seconds before each of its days; the last: of it
}

// Hours makes a calendar ready to be counted on; it does not look at it again.
func (c Calendar) Hours() *Hours {
	h := &Hours{calendar: c, first: math.MaxInt, last: math.MinInt}
	mention := func(y int) { h.first, h.last = min(h.first, y), max(h.last, y) }
	of := func(d Days) {
		for _, date := range []Date{d.From, d.To} {
			if date.Year != 0 {
				mention(date.Year)
			}
		}
	}
	for _, e := range c.Was {
		mention(DateOf(e.Until, c.Offset).Year)
	}
	for _, s := range c.Seasons {
		of(s.Days)
	}
	for _, s := range c.Shut {
		of(s.Days)
	}
	for _, d := range c.Off {
		of(d)
	}
	if h.first <= h.last {
		h.dated = make([]atomic.Pointer[year], h.last-h.first+1)
	}
	h.calendar.Seasons = slices.SortedStableFunc(slices.Values(c.Seasons), func(a, b Season) int {
		switch {
		case b.Days.Shorter(a.Days):
			return -1
		case a.Days.Shorter(b.Days):
			return 1
		}
		return cmp.Compare(a.Days.String(), b.Days.String())
	})
	return h
}

// ID is the calendar's.
func (h *Hours) ID() string { return h.calendar.ID }

// Revision is the calendar's.
func (h *Hours) Revision() int { return h.calendar.Revision }

// Offset is the calendar's: seconds east of UTC.
func (h *Hours) Offset() int { return h.calendar.Offset }

// in returns a year. Several may make it at once: it is the same.
func (h *Hours) in(y int) *year {
	place := &h.before
	var slot *atomic.Pointer[year]
	switch {
	case y >= h.first && y <= h.last:
		slot = &h.dated[y-h.first]
	case y > h.last && h.last != math.MinInt:
		place = &h.after
		fallthrough
	default:
		first := time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
		shape := int(first.Weekday())
		if (Date{y, 2, 29}).real() {
			shape += 7
		}
		slot = &place[shape]
	}
	made := slot.Load()
	if made == nil {
		made = h.calendar.year(y)
		slot.Store(made)
	}
	return made
}

// year makes one.
func (c Calendar) year(y int) *year {
	made, first := &year{}, number(Date{y, 1, 1})
	weekday := func(n int) int { return ((first+n+4)%7 + 7) % 7 } // day 0, in 1970, was a Thursday
	length := number(Date{y + 1, 1, 1}) - first
	for n := range length {
		made.spans[n] = c.week(first+n, weekday(n))
	}
	each := func(d Days, do func(n int)) {
		for _, part := range d.in(y) {
			for n := part[0]; n <= part[1]; n++ {
				do(n)
			}
		}
	}
	for _, s := range c.Seasons {
		each(s.Days, func(n int) { made.spans[n] = s.Week[weekday(n)] })
	}
	for _, s := range c.Shut {
		each(s.Days, func(n int) { made.spans[n] = without(made.spans[n], s.Hours) })
	}
	for _, d := range c.Off {
		each(d, func(n int) { made.spans[n] = nil })
	}
	for n := range made.spans {
		made.sum[n+1] = made.sum[n] + int32(total(made.spans[n]))
	}
	return made
}

// week is a day as the weeks say it: that of each until the instant when another came into
// force.
func (c Calendar) week(number, weekday int) (spans []Span) {
	begin := 0
	clip := func(w Week, until int) {
		for _, s := range w[weekday] {
			s = Span{max(s[0], begin), min(s[1], until)}
			switch last := len(spans) - 1; {
			case s[0] >= s[1]:
			case last >= 0 && spans[last][1] == s[0]:
				spans[last][1] = s[1]
			default:
				spans = append(spans, s)
			}
		}
		begin = until
	}
	for _, e := range c.Was {
		until := e.Until.Unix() + int64(c.Offset) - int64(number)*day
		if until > int64(begin) {
			clip(e.Week, int(min(until, day)))
		}
	}
	if begin == 0 {
		return c.Week[weekday]
	}
	clip(c.Week, day)
	return spans
}

// without cuts hours out of a day.
func without(spans, shut []Span) []Span {
	for _, x := range shut {
		var left []Span
		for _, s := range spans {
			if before := (Span{s[0], min(s[1], x[0])}); before[0] < before[1] {
				left = append(left, before)
			}
			if after := (Span{max(s[0], x[1]), s[1]}); after[0] < after[1] {
				left = append(left, after)
			}
		}
		spans = left
	}
	return spans
}

// point is a local second: a day of a year, and seconds of that day.
type point struct {
	year, day, second int
}

func (h *Hours) point(at time.Time) point {
	local := time.Unix(at.Unix()+int64(h.calendar.Offset), 0).UTC()
	return point{local.Year(), local.YearDay() - 1, local.Hour()*3600 + local.Minute()*60 + local.Second()}
}

func (h *Hours) utc(p point) time.Time {
	return time.Date(p.year, 1, 1+p.day, 0, 0, p.second-h.calendar.Offset, 0, time.UTC)
}

// until is what is worked in a point's year before it.
func (y *year) until(p point) int64 {
	sum := int(y.sum[p.day])
	for _, s := range y.spans[p.day] {
		sum += max(0, min(p.second, s[1])-s[0])
	}
	return int64(sum)
}

func (y *year) total() int64 { return int64(y.sum[len(y.sum)-1]) }

// Working returns the working time between two instants, in whole seconds; zero
// when to is not after from.
func (h *Hours) Working(from, to time.Time) time.Duration {
	if to.Unix() <= from.Unix() {
		return 0
	}
	a, b := h.point(from), h.point(to)
	sum := h.in(b.year).until(b) - h.in(a.year).until(a)
	for y := a.year; y < b.year; y++ {
		sum += h.in(y).total()
	}
	return time.Duration(min(sum, int64(math.MaxInt64/time.Second))) * time.Second
}

// reach is how many years on, or back, Add and Back answer.
const reach = 290

// Add returns the earliest instant at which d of working time has passed since from: where
// that is the end of a day it is the closing, and not the next opening. A span of zero or
// less gives from itself. Where hardly any work is done, or none, it gives the end of its
// reach, some 290 years on, rather than no answer.
func (h *Hours) Add(from time.Time, d time.Duration) time.Time {
	at, _ := h.add(from, int64(d/time.Second))
	return at
}

// add reports whether that much work is within reach.
func (h *Hours) add(from time.Time, need int64) (time.Time, bool) {
	p := h.point(from)
	if need <= 0 {
		return h.utc(p), true
	}
	end := p.year + reach
	need += h.in(p.year).until(p)
	for y := p.year; y <= end; y++ {
		in := h.in(y)
		if need > in.total() {
			need -= in.total()
			continue
		}
		n := sort.Search(len(in.spans), func(n int) bool { return int64(in.sum[n+1]) >= need })
		left := int(need - int64(in.sum[n]))
		for _, s := range in.spans[n] {
			if length := s[1] - s[0]; left > length {
				left -= length
				continue
			}
			return h.utc(point{y, n, s[0] + left}), true
		}
	}
	p.year = end
	return h.utc(p), false
}

// Back returns the latest instant from which d of working time passes until to.
func (h *Hours) Back(to time.Time, d time.Duration) time.Time {
	need := int64(d / time.Second)
	p := h.point(to)
	if need <= 0 {
		return h.utc(p)
	}
	end := p.year - reach
	work := h.in(p.year).until(p) - need // in the answer's year before it
	y := p.year
	for ; work < 0; work += h.in(y).total() {
		if y--; y < end {
			return h.utc(point{end, 0, 0})
		}
	}
	in := h.in(y)
	n := sort.Search(len(in.spans), func(n int) bool { return int64(in.sum[n+1]) > work })
	left := int(work - int64(in.sum[n]))
	for _, s := range in.spans[n] {
		if length := s[1] - s[0]; left >= length {
			left -= length
			continue
		}
		return h.utc(point{y, n, s[0] + left})
	}
	panic("calendar: a day shorter than its sum")
}

// Spans are the working spans of the day in which the instant lies; they are shared.
func (h *Hours) Spans(at time.Time) []Span {
	p := h.point(at)
	return h.in(p.year).spans[p.day]
}

// Open reports whether work is done at the instant.
func (h *Hours) Open(at time.Time) bool {
	p := h.point(at)
	for _, s := range h.in(p.year).spans[p.day] {
		if p.second >= s[0] && p.second < s[1] {
			return true
		}
	}
	return false
}

// Next returns the next instant at which work is done: at itself when it is, or when there
// is none within reach.
func (h *Hours) Next(at time.Time) time.Time {
	if !h.Open(at) {
		if next, ok := h.add(at, 1); ok {
			return next.Add(-time.Second)
		}
	}
	return h.utc(h.point(at))
}

// Day returns the working time of the local day in which the instant lies.
func (h *Hours) Day(at time.Time) time.Duration {
	return time.Duration(total(h.Spans(at))) * time.Second
}

// DayEnd is the midnight, local time, that ends the day in which the instant lies.
func (h *Hours) DayEnd(at time.Time) time.Time {
	p := h.point(at)
	return h.utc(point{p.year, p.day + 1, 0})
}

// Days returns the working time of so many days on which work is done, the first that of
// the instant, or of the next work: what a budget of days means then. Of what is not within
// reach nothing.
func (h *Hours) Days(at time.Time, days int) (sum time.Duration) {
	for ; days > 0; days-- {
		next, ok := h.add(at, 1)
		if !ok {
			return sum
		}
		at = h.DayEnd(next.Add(-time.Second))
		sum += h.Day(at.Add(-time.Second))
	}
	return sum
}
