// Package gazette reads lists of holidays, as a cabinet division or a calendar on the
// internet gives them: CSV and iCalendar.
package gazette

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"harkara/internal/calendar"
	"harkara/internal/custody"
)

// Read reads a list, iCalendar where it begins like one, else CSV. Days of one name that
// follow one another are one holiday. Each gets an id of its name and year, the same
// whenever it is read, so that a list that is read again replaces what it said. Everything
// that is wrong is said at once, each by its line or event.
func Read(raw []byte) ([]custody.Holiday, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		return nil, errors.New(`not UTF-8: save the list as "CSV UTF-8"`)
	}
	read := readCSV
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("BEGIN:VCALENDAR")) {
		read = readICalendar
	}
	list, problems := read(raw)
	for i := range list {
		h := &list[i].Holiday
		h.Name.En, h.Name.Ur = custody.Plain(h.Name.En), custody.Plain(h.Name.Ur)
		h.Name.Ur = cmp.Or(h.Name.Ur, urdu[slug(h.Name.En)])
		if h.Name.En == "" || h.Name.Ur == "" {
			problems = append(problems, fmt.Errorf("%s: %q has no name in both languages: give both, in CSV as name_en and name_ur", list[i].at, h.Name.En))
		}
	}
	if len(list) == 0 && len(problems) == 0 {
		problems = append(problems, errors.New("the list has no holidays"))
	}
	return identified(joined(list)), errors.Join(problems...)
}

// line is a holiday where it stands in its list.
type line struct {
	custody.Holiday
	at string
}

// joined makes one of days that follow one another under one name.
func joined(list []line) (all []custody.Holiday) {
	slices.SortStableFunc(list, func(a, b line) int { return cmp.Compare(a.Days.String(), b.Days.String()) })
	for _, l := range list {
		i := slices.IndexFunc(all, func(h custody.Holiday) bool {
			return h.Name == l.Name && h.Provisional == l.Provisional && h.Order == l.Order && !h.Days.Yearly() && !l.Days.Yearly() && h.Days.To.Add(1) == l.Days.From
		})
		if i < 0 {
			all = append(all, l.Holiday)
			continue
		}
		all[i].Days.To = l.Days.To
	}
	return all
}

// identified gives ids to those that have none.
func identified(list []custody.Holiday) []custody.Holiday {
	taken := map[custody.HolidayID]bool{}
	for i := range list {
		h := &list[i]
		year := ""
		if !h.Days.Yearly() {
			year = fmt.Sprint("-", h.Days.From.Year)
		}
		for n := 1; h.ID == "" || taken[h.ID]; n++ {
			end := year
			if n > 1 {
				end = fmt.Sprint(year, "-", n)
			}
			name := slug(h.Name.En)
			name = strings.TrimRight(name[:min(len(name), custody.MaxID-len(end))], "-")
			h.ID = custody.HolidayID(cmp.Or(name, "holiday") + end)
		}
		taken[h.ID] = true
	}
	return list
}

// slug is a name in small letters, digits and hyphens.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '\'' })
	return strings.ReplaceAll(strings.Join(words, "-"), "'", "")
}

// urdu are the names of Pakistan's holidays where a list has them in English alone.
var urdu = map[string]string{
	"kashmir-day": "یوم کشمیر", "kashmir-solidarity-day": "یوم یکجہتی کشمیر", "pakistan-day": "یوم پاکستان", "labour-day": "یوم مزدور", "labor-day": "یوم مزدور",
	"youm-e-takbeer": "یوم تکبیر", "independence-day": "یوم آزادی", "iqbal-day": "یوم اقبال", "allama-iqbal-day": "یوم اقبال",
	"quaid-e-azam-day": "یوم قائد اعظم", "christmas": "کرسمس", "christmas-day": "کرسمس",
	"eid-ul-fitr": "عید الفطر", "eid-al-fitr": "عید الفطر", "eid-ul-azha": "عید الاضحیٰ", "eid-al-adha": "عید الاضحیٰ", "eid-ul-adha": "عید الاضحیٰ",
	"ashura": "عاشورہ", "eid-milad-un-nabi": "عید میلاد النبی", "eid-milad-ul-nabi": "عید میلاد النبی",
}

// span is days of their first and last.
func span(from, to string) (calendar.Days, error) {
	if to == "" || to == from {
		return calendar.ParseDays(from)
	}
	return calendar.ParseDays(from + " to " + to)
}
