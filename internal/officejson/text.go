package officejson

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

// special is a type that the file writes otherwise than its stored form.
type special struct {
	expected string
	read     func(r *reader, v reflect.Value, n *node, at string)
	write    func(w *writer, v reflect.Value) string // as JSON
}

var specials map[reflect.Type]special

func init() { // its functions ask it
	specials = map[reflect.Type]special{
		reflect.TypeFor[custody.Seconds]():  {`working time, such as "2d", "1h30m" or "90m"`, (*reader).span, (*writer).span},
		reflect.TypeFor[zone]():             {`the hours ahead of UTC, such as "+05:00"`, texts(parseZone), func(_ *writer, v reflect.Value) string { return quote(zone(v.Int()).String()) }},
		reflect.TypeFor[calendar.Week]():    {`days with their hours, such as {"mon": ["08:00-13:15", "14:15-15:30"]}`, (*reader).week, (*writer).week},
		reflect.TypeFor[label.Code]():       {`14 digits of a card, or no "code": then one is made`, texts(label.Parse), func(_ *writer, v reflect.Value) string { return quote(v.String()) }},
		reflect.TypeFor[calendar.Days]():    {daysExpected, texts(parseDays), func(_ *writer, v reflect.Value) string { return quote(v.Interface().(calendar.Days).String()) }},
		reflect.TypeFor[[]calendar.Span]():  {hoursExpected, (*reader).hours, (*writer).hours},
		buildingType:                        {`a building, such as "A" or {"en": "A", "ur": "اے"}`, (*reader).building, (*writer).building},
		reflect.TypeFor[custody.Receiver](): {`"holder", "superior", "superior 2" or "post ID"`, texts(parseReceiver), func(_ *writer, v reflect.Value) string { return quote(receiver(v.Interface().(custody.Receiver))) }},
	}
}

// texts reads a special type from a text.
func texts[T any](parse func(string) (T, error)) func(*reader, reflect.Value, *node, string) {
	return func(r *reader, v reflect.Value, n *node, at string) {
		text, ok := n.token.(string)
		t, err := parse(text)
		if !ok || err != nil {
			r.wrong(n, at, describe(v.Type()))
			return
		}
		v.Set(reflect.ValueOf(t))
	}
}

var buildingType = reflect.TypeFor[custody.Building]()

// building reads one that has a name for each language, or one for all.
func (r *reader) building(v reflect.Value, n *node, at string) {
	text, ok := n.token.(string)
	switch {
	case ok:
		v.Set(reflect.ValueOf(custody.Building{En: text}))
	case n.is('{'):
		r.object(v, n, at)
	default:
		r.wrong(n, at, describe(v.Type()))
	}
}

func (w *writer) building(v reflect.Value) string {
	b := v.Interface().(custody.Building)
	if b.Ur == "" {
		return quote(b.En)
	}
	return w.value(reflect.ValueOf(custody.Name(b)))
}

var zoneForm = regexp.MustCompile(`^([+-])(\d\d):(\d\d)(?::(\d\d))?$`)

func parseZone(text string) (zone, error) {
	m := zoneForm.FindStringSubmatch(label.Latin(text))
	if m == nil {
		return 0, fmt.Errorf("zone %q", text)
	}
	z := zone(number(m[2])*3600 + number(m[3])*60 + number(m[4]))
	if m[1] == "-" {
		z = -z
	}
	return z, nil
}

func (z zone) String() string {
	sign, s := "+", int(z)
	if s < 0 {
		sign, s = "-", -s
	}
	return sign + clock(s)
}

// clock is seconds as hours and minutes, and seconds where there are some.
func clock(s int) string {
	text := fmt.Sprintf("%02d:%02d", s/3600, s/60%60)
	if s%60 != 0 {
		text += fmt.Sprintf(":%02d", s%60)
	}
	return text
}

// number is of digits that were matched, few enough to fit.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

func parseReceiver(text string) (to custody.Receiver, err error) {
	what, of, _ := strings.Cut(text, " ")
	switch {
	case text == "holder":
	case text == "superior":
		to.Superior = 1
	case what == "superior":
		to.Superior, err = strconv.Atoi(label.Latin(of))
		if err == nil && to.Superior < 1 {
			err = fmt.Errorf("receiver %q", text)
		}
	case what == "post" && of != "":
		to.Post = custody.PostID(of)
	default:
		err = fmt.Errorf("receiver %q", text)
	}
	return to, err
}

func receiver(to custody.Receiver) string {
	switch {
	case to.Post != "":
		return "post " + string(to.Post)
	case to.Superior == 0:
		return "holder"
	case to.Superior == 1:
		return "superior"
	}
	return fmt.Sprintf("superior %d", to.Superior)
}

// weekdays are the keys of a week, in the order in which they are written, with their
// places in calendar.Week.
var weekdays = []struct {
	key string
	day int
}{{"mon", 1}, {"tue", 2}, {"wed", 3}, {"thu", 4}, {"fri", 5}, {"sat", 6}, {"sun", 0}}

var spanForm = regexp.MustCompile(`^(\d\d):(\d\d)(?::(\d\d))?-(\d\d):(\d\d)(?::(\d\d))?$`)

const (
	daysExpected  = `days, such as "2026-03-20", "2026-03-20 to 2026-03-22", "2027-01-01 on", or of every year "08-14", "11-01 to 02-29"`
	hoursExpected = `a list of hours, such as ["08:00-13:15", "14:15-15:30"]`
)

func parseDays(text string) (calendar.Days, error) { return calendar.ParseDays(label.Latin(text)) }

const spanExpected = `hours of the day, such as "08:00-13:15"`

func (r *reader) week(v reflect.Value, n *node, at string) {
	if !n.is('{') {
		r.wrong(n, at, describe(v.Type()))
		return
	}
	var w calendar.Week
	seen := map[string]bool{}
	for _, m := range n.members {
		i := slices.IndexFunc(weekdays, func(d struct {
			key string
			day int
		},
		) bool {
			return d.key == m.key
		})
		switch {
		case i < 0:
			r.note(m.offset, at, fmt.Sprintf("the key %q", clip(m.key)), "a day: mon, tue, wed, thu, fri, sat or sun")
		case seen[m.key]:
			r.note(m.offset, join(at, m.key), fmt.Sprintf("the key %q a second time", m.key), "each key once")
		default:
			w[weekdays[i].day] = r.day(m.value, join(at, m.key))
		}
		seen[m.key] = true
	}
	v.Set(reflect.ValueOf(w))
}

// day reads the spans of one day: in order, and none that touches the one before.
func (r *reader) day(n *node, at string) (spans []calendar.Span) {
	if !n.is('[') {
		r.wrong(n, at, hoursExpected)
		return nil
	}
	if len(n.items) > calendar.MaxSpans {
		r.note(n.items[calendar.MaxSpans].offset, at, fmt.Sprintf("%d spans", len(n.items)), fmt.Sprintf("at most %d", calendar.MaxSpans))
		return nil
	}
	for i, item := range n.items {
		place := join(at, strconv.Itoa(i+1))
		text, _ := item.token.(string)
		m := spanForm.FindStringSubmatch(label.Latin(text))
		if m == nil {
			r.wrong(item, place, spanExpected)
			return nil
		}
		s := calendar.Span{number(m[1])*3600 + number(m[2])*60 + number(m[3]), number(m[4])*3600 + number(m[5])*60 + number(m[6])}
		switch {
		case slices.ContainsFunc([]string{m[2], m[3], m[5], m[6]}, func(part string) bool { return number(part) > 59 }), s[1] > 24*3600:
			r.wrong(item, place, "times of a day, to 24:00")
		case s[1] <= s[0]:
			r.wrong(item, place, "an end that is later than the beginning")
		case i > 0 && s[0] <= spans[i-1][1]:
			r.wrong(item, place, "a beginning after "+clock(spans[i-1][1])+", when the span before ends")
		default:
			spans = append(spans, s)
			continue
		}
		return nil
	}
	return spans
}

// hours reads those of every one of some days.
func (r *reader) hours(v reflect.Value, n *node, at string) {
	v.Set(reflect.ValueOf(r.day(n, at)))
}

func (w *writer) hours(v reflect.Value) string {
	var spans []string
	for i := range v.Len() {
		s := v.Index(i).Interface().(calendar.Span)
		spans = append(spans, quote(clock(s[0])+"-"+clock(s[1])))
	}
	return "[" + strings.Join(spans, ", ") + "]"
}

func (w *writer) week(v reflect.Value) string {
	var days []string
	for _, d := range weekdays {
		if spans := v.Index(d.day); spans.Len() > 0 {
			days = append(days, quote(d.key)+": "+w.hours(spans))
		}
	}
	return w.wrap("{", days, "}")
}
