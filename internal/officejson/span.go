package officejson

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

var lengthForm = regexp.MustCompile(`^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?$`)

// days are working days in a span that was read before every calendar was.
type days struct {
	at   string
	n    int
	span *custody.Seconds
}

func (r *reader) span(v reflect.Value, n *node, at string) {
	text, _ := n.token.(string)
	m := lengthForm.FindStringSubmatch(label.Latin(text))
	if m == nil || text == "" {
		r.wrong(n, at, describe(v.Type()))
		return
	}
	v.SetInt(int64(number(m[2])*3600 + number(m[3])*60 + number(m[4])))
	if m[1] != "" {
		r.days = append(r.days, days{at, number(m[1]), v.Addr().Interface().(*custody.Seconds)})
	}
}

// lengthen adds working days to the spans that have some: those of the post whose time it
// is.
func (r *reader) lengthen() {
	lengths := dayLengths(&r.office)
	for _, d := range r.days {
		switch length, known := lengths[d.span]; {
		case !known:
			r.wrong(r.nodes[d.at], d.at, `hours, minutes or seconds, such as "7h": a day has no length of its own here`)
		case length == 0: // of a post or a calendar that is not there, which is said
			r.noted[d.at] = true
		default:
			*d.span += custody.Seconds(d.n) * length
		}
	}
}

// dayLengths says of each span that may be counted in days how long one is: the longest
// day of the week in which the post works; 0 where that is not known.
func dayLengths(o *custody.Office) map[*custody.Seconds]custody.Seconds {
	calendars, posts, desks := map[string]custody.Seconds{}, map[custody.PostID]custody.Seconds{}, map[custody.DeskID]custody.Seconds{}
	for _, c := range o.Calendars {
		calendars[c.ID] = longest(c.Week)
	}
	lengths := map[*custody.Seconds]custody.Seconds{}
	for i, p := range o.Posts {
		posts[p.ID] = calendars[p.Calendar]
		lengths[&o.Posts[i].Budget] = posts[p.ID]
	}
	for _, d := range o.Desks {
		desks[d.ID] = posts[d.Post]
	}
	for _, r := range o.Routes {
		for i, s := range r.Stops {
			lengths[&r.Stops[i].Budget] = desks[s.Desk]
		}
	}
	return lengths
}

func longest(w calendar.Week) custody.Seconds {
	var totals []int
	for _, spans := range w {
		total := 0
		for _, s := range spans {
			total += s[1] - s[0]
		}
		totals = append(totals, total)
	}
	return custody.Seconds(slices.Max(totals))
}

func (w *writer) span(v reflect.Value) string {
	s, day := v.Int(), int64(w.lengths[v.Addr().Interface().(*custody.Seconds)])
	text := ""
	if day > 0 && s > 0 && s%day == 0 {
		return quote(fmt.Sprintf("%dd", s/day))
	}
	for _, u := range []struct {
		name string
		of   int64
	}{{"h", 3600}, {"m", 60}, {"s", 1}} {
		if n := s / u.of; n != 0 || u.of == 1 && text == "" {
			text += fmt.Sprint(n, u.name)
			s -= n * u.of
		}
	}
	return quote(text)
}
