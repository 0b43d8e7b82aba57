package calendar

import (
	"strings"
	"time"
)

// slow is a calendar second by second: a reference that shares no code with Hours and
// reads days as their text says them.
type slow struct {
	c    Calendar
	days map[string]*[day]bool
}

func reference(c Calendar) slow { return slow{c, map[string]*[day]bool{}} }

func (s slow) at(unix int64) time.Time { return time.Unix(unix, 0).In(time.FixedZone("", s.c.Offset)) }

func (s slow) open(unix int64) bool {
	at := s.at(unix)
	date := at.Format(time.DateOnly)
	if s.days[date] == nil {
		s.days[date] = new([day]bool)
		begin := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location()).Unix()
		second := s.on(date, at.Weekday())
		for sec := range day {
			s.days[date][sec] = second(begin+int64(sec), sec)
		}
	}
	return s.days[date][at.Hour()*3600+at.Minute()*60+at.Second()]
}

func (s slow) working(from, to int64) (n int64) {
	for ; from < to; from++ {
		if s.open(from) {
			n++
		}
	}
	return n
}

// on says of each second of a day whether work is done.
func (s slow) on(date string, weekday time.Weekday) func(unix int64, sec int) bool {
	season, least := -1, 0
	for i, x := range s.c.Seasons {
		if text := x.Days.String(); covers(text, date) && (season < 0 || length(text) < least) {
			season, least = i, length(text)
		}
	}
	off := false
	for _, x := range s.c.Off {
		off = off || covers(x.String(), date)
	}
	var shut []Span
	for _, x := range s.c.Shut {
		if covers(x.Days.String(), date) {
			shut = append(shut, x.Hours...)
		}
	}
	return func(unix int64, sec int) bool {
		week := s.c.Week
		for i := len(s.c.Was) - 1; i >= 0; i-- {
			if unix < s.c.Was[i].Until.Unix() {
				week = s.c.Was[i].Week
			}
		}
		if season >= 0 {
			week = s.c.Seasons[season].Week
		}
		return !off && within(week[weekday], sec) && !within(shut, sec)
	}
}

func within(spans []Span, sec int) bool {
	for _, s := range spans {
		if sec >= s[0] && sec < s[1] {
			return true
		}
	}
	return false
}

// covers compares texts: dates in this form are in the order of their letters.
func covers(text, date string) bool {
	from, to, several := strings.Cut(text, " to ")
	if from, open := strings.CutSuffix(from, " on"); open {
		return date >= from
	}
	if !several {
		to = from
	}
	if len(from) == len("01-02") {
		date = date[5:]
		if from > to {
			return date >= from || date <= to
		}
	}
	return date >= from && date <= to
}

// length counts the days that a text covers, of a leap year where it is of every year.
func length(text string) (n int) {
	if strings.HasSuffix(text, " on") {
		return 1 << 20
	}
	first, last := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2000, 12, 31, 0, 0, 0, 0, time.UTC)
	if len(strings.Split(text, " ")[0]) == len(time.DateOnly) {
		last = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
		first, _ = time.Parse(time.DateOnly, text[:len(time.DateOnly)])
	}
	for d := first; !d.After(last); d = d.AddDate(0, 0, 1) {
		if covers(text, d.Format(time.DateOnly)) {
			n++
		} else if n > 0 && last.Year() > 2000 {
			break
		}
	}
	return n
}
