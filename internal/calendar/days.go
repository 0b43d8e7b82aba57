package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Date is a day where the office is. Without a year it is that day of every year.
type Date struct {
	Year  int // 0: every year
	Month time.Month
	Day   int
}

// DateOf is the day in which an instant lies, so many seconds east of UTC.
func DateOf(at time.Time, offset int) Date {
	y, m, d := time.Unix(at.Unix()+int64(offset), 0).UTC().Date()
	return Date{y, m, d}
}

// Time is the midnight that begins the day, so many seconds east of UTC.
func (d Date) Time(offset int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, -offset, 0, time.UTC)
}

// Add is so many days later.
func (d Date) Add(days int) Date { return DateOf(d.Time(0).AddDate(0, 0, days), 0) }

func (d Date) String() string { return string(d.append(nil)) }

func (d Date) append(text []byte) []byte {
	if d.Year != 0 {
		text = append(digits(text, d.Year/100), byte('0'+d.Year/10%10), byte('0'+d.Year%10), '-')
	}
	return digits(append(digits(text, int(d.Month)), '-'), d.Day)
}

func digits(text []byte, n int) []byte { return append(text, byte('0'+n/10%10), byte('0'+n%10)) }

// leap is a year that has every day.
const leap = 2000

func (d Date) real() bool {
	y := d.Year
	if y == 0 {
		y = leap
	}
	return Date{y, d.Month, d.Day}.Add(0) == Date{y, d.Month, d.Day}
}

// before reports whether a day comes before another of the same sort.
func (d Date) before(o Date) bool {
	if d.Year != o.Year {
		return d.Year < o.Year
	}
	return d.Month < o.Month || d.Month == o.Month && d.Day < o.Day
}

// Days is a stretch of days, first and last included: of one time, or of every year, when
// it may go over the end of it. Without a last day it does not end. Its text is
// "2026-03-20", "2026-03-20 to 2026-03-22", "2027-01-01 on", or without years "08-14",
// "11-01 to 02-29": the end of February, whatever the year.
type Days struct{ From, To Date }

// On is one day.
func On(d Date) Days { return Days{d, d} }

// The years of which anything can be said by their number.
const (
	firstYear = 2000
	lastYear  = 2199
)

// ErrDays marks days that there are not.
var ErrDays = fmt.Errorf(`%w: days are such as "2026-03-20", "2026-03-20 to 2026-03-22", "2027-01-01 on", or of every year "08-14", "11-01 to 02-29"`, ErrCalendar)

// Validate checks that there are such days, in the years 2000 to 2199, and the first not
// after the last. Errors wrap ErrDays.
func (d Days) Validate() error {
	yearly, ends := d.Yearly(), d.To != Date{}
	dated := func(x Date) bool { return x.Year >= firstYear && x.Year <= lastYear }
	switch {
	case !d.From.real(), ends && !d.To.real(), yearly && !ends, yearly && d.To.Year != 0, !yearly && !dated(d.From):
	case !yearly && ends && (!dated(d.To) || d.To.before(d.From)):
	default:
		return nil
	}
	return fmt.Errorf("%w, not %q", ErrDays, d.String())
}

// Yearly reports whether they are days of every year.
func (d Days) Yearly() bool { return d.From.Year == 0 }

// Ends is the midnight that ends the last of them, so many seconds east of UTC; zero where
// there is none such.
func (d Days) Ends(offset int) time.Time {
	if d.To.Year == 0 {
		return time.Time{}
	}
	return d.To.Add(1).Time(offset)
}

func (d Days) String() string {
	return string(d.append(make([]byte, 0, len("2026-03-20 to 2026-03-22"))))
}

func (d Days) append(text []byte) []byte {
	text = d.From.append(text)
	switch d.To {
	case d.From:
		return text
	case Date{}:
		return append(text, " on"...)
	}
	return d.To.append(append(text, " to "...))
}

var dateForm = regexp.MustCompile(`^(?:(\d{4})-)?(\d\d)-(\d\d)$`)

func parseDate(text string) (d Date, ok bool) {
	m := dateForm.FindStringSubmatch(text)
	if m == nil {
		return d, false
	}
	d.Year, _ = strconv.Atoi(m[1])
	if m[1] != "" && d.Year == 0 {
		return d, false
	}
	month, _ := strconv.Atoi(m[2])
	d.Month = time.Month(month)
	d.Day, _ = strconv.Atoi(m[3])
	return d, true
}

// ParseDays reads the text. Errors wrap ErrDays.
func ParseDays(text string) (d Days, err error) {
	wrong := fmt.Errorf("%w, not %q", ErrDays, text)
	from, to, several := strings.Cut(text, " to ")
	from, open := strings.CutSuffix(from, " on")
	var ok bool
	if d.From, ok = parseDate(from); !ok || open && several {
		return Days{}, wrong
	}
	switch {
	case several:
		if d.To, ok = parseDate(to); !ok {
			return Days{}, wrong
		}
	case !open:
		d.To = d.From
	}
	return d, d.Validate()
}

// MarshalText implements encoding.TextMarshaler.
func (d Days) MarshalText() ([]byte, error) { return d.append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Days) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDays(string(text))
	return err
}

// Shorter reports whether days are fewer than others; of those without an end the later
// are, and of as many those that begin later.
func (d Days) Shorter(o Days) bool {
	if n, m := d.count(), o.count(); n != m {
		return n < m
	}
	return o.From.before(d.From)
}

const endless = 1 << 30

func (d Days) count() int {
	switch {
	case d.To == Date{}:
		return endless
	case !d.Yearly():
		return number(d.To) - number(d.From) + 1
	}
	n := 0
	for _, part := range d.in(leap) {
		n += part[1] - part[0] + 1
	}
	return n
}

// number counts days since 1970.
func number(d Date) int { return int(d.Time(0).Unix() / day) }

// in returns which days of a year they are, from 0: none, one or two stretches, first and
// last included.
func (d Days) in(year int) (parts [][2]int) {
	first, length := number(Date{year, 1, 1}), 365
	if (Date{year, 2, 29}).real() {
		length++
	}
	add := func(from, to int) {
		if from, to = max(from, 0), min(to, length-1); from <= to {
			parts = append(parts, [2]int{from, to})
		}
	}
	if !d.Yearly() {
		to := length - 1
		if d.To != (Date{}) {
			to = number(d.To) - first
		}
		add(number(d.From)-first, to)
		return parts
	}
	from := number(Date{year, d.From.Month, d.From.Day}) - first // 29 February may be 1 March
	to := number(Date{year, d.To.Month, d.To.Day}) - first
	if !(Date{year, d.To.Month, d.To.Day}).real() {
		to--
	}
	if d.To.before(d.From) {
		add(0, to)
		to = length - 1
	}
	add(from, to)
	return parts
}

// Has reports whether a day, which has a year, is one of them.
func (d Days) Has(date Date) bool {
	n := number(date) - number(Date{date.Year, 1, 1})
	for _, part := range d.in(date.Year) {
		if part[0] <= n && n <= part[1] {
			return true
		}
	}
	return false
}
