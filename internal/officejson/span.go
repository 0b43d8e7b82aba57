package officejson

import (
	"fmt"
	"reflect"
	"regexp"

	"harkara/internal/custody"
	"harkara/internal/label"
)

var lengthForm = regexp.MustCompile(`^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?$`)

// days are working days in a span, where such a span is not known yet.
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

// lengthen puts working days where spans have some: see custody.Post.
func (r *reader) lengthen() {
	of := inDays(&r.office)
	for _, d := range r.days {
		if n := of[d.span]; n != nil {
			*n = d.n
			continue
		}
		r.wrong(r.nodes[d.at], d.at, `hours, minutes or seconds, such as "7h": a day has no length of its own here`)
	}
}

// inDays are the working days beside each span that may be counted in some.
func inDays(o *custody.Office) map[*custody.Seconds]*int {
	of := map[*custody.Seconds]*int{}
	for i := range o.Posts {
		of[&o.Posts[i].Budget] = &o.Posts[i].BudgetDays
	}
	for _, r := range o.Routes {
		for i := range r.Stops {
			of[&r.Stops[i].Budget] = &r.Stops[i].BudgetDays
		}
	}
	return of
}

func (w *writer) span(v reflect.Value) string {
	s, text := v.Int(), ""
	if days := w.days[v.Addr().Interface().(*custody.Seconds)]; days != nil && *days > 0 {
		text = fmt.Sprint(*days, "d")
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
