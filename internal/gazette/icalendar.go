package gazette

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"harkara/internal/calendar"
	"harkara/internal/custody"
)

// readICalendar reads the events of a calendar (RFC 5545): whole days, from DTSTART to the
// day before DTEND, of every year where they recur so. A tentative one is provisional; a
// cancelled one is none.
func readICalendar(raw []byte) (list []line, problems []error) {
	cal, err := ics.ParseCalendar(bytes.NewReader(raw))
	if err != nil {
		return nil, []error{fmt.Errorf("read iCalendar: %w", err)}
	}
	for n, event := range cal.Events() {
		says := func(p ics.ComponentProperty) string {
			if found := event.GetProperty(p); found != nil {
				return strings.TrimSpace(found.Value)
			}
			return ""
		}
		name, at := says(ics.ComponentPropertySummary), fmt.Sprintf("event %d", n+1)
		from, ok := day(says(ics.ComponentPropertyDtStart))
		to, ends := day(says(ics.ComponentPropertyDtEnd))
		rule := strings.ToUpper(says(ics.ComponentPropertyRrule))
		status := strings.ToUpper(says(ics.ComponentPropertyStatus))
		switch {
		case status == "CANCELLED":
			continue
		case !ok:
			problems = append(problems, fmt.Errorf("%s, %q: found no day on which it begins", at, name))
			continue
		case rule != "" && rule != "FREQ=YEARLY" && !strings.HasPrefix(rule, "FREQ=YEARLY;INTERVAL=1"):
			problems = append(problems, fmt.Errorf("%s, %q: found the rule %s, expected none, or FREQ=YEARLY", at, name, rule))
			continue
		}
		days := calendar.On(from)
		if ends && from != to {
			days.To = to.Add(-1)
		}
		if rule != "" {
			days.From.Year, days.To.Year = 0, 0
		}
		if err := days.Validate(); err != nil {
			problems = append(problems, fmt.Errorf("%s, %q: %w", at, name, err))
		}
		list = append(list, line{custody.Holiday{Name: custody.Name{En: name}, Days: days, Provisional: status == "TENTATIVE"}, at})
	}
	return list, problems
}

// day is the date of a value, whatever time it has.
func day(value string) (calendar.Date, bool) {
	if len(value) < len("20060102") {
		return calendar.Date{}, false
	}
	at, err := time.Parse("20060102", value[:len("20060102")])
	return calendar.DateOf(at, 0), err == nil
}
