package officejson

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/demo"
)

const small = `{
  "name": {"en": "Secretariat"},
  "policy": {"transit": "1h"},
  "departments": [{"id": "fin", "name": {"en": "Finance", "ur": "خزانہ"}}],
  "rooms": [{"id": "r1", "name": {"en": "Room 1"}, "department": "fin", "building": "A", "floor": 0}],
  "desks": [{"id": "d1", "room": "r1", "post": "so", "receiving": true}],
  "posts": [
    {"id": "so", "name": {"en": "SO"}, "department": "fin", "calendar": "office", "ladder": "usual", "budget": "2d"}
  ],
  "officers": [{"id": "gul", "name": {"en": "Gul"}, "role": "officer", "post": "so"}],
  "routes": [{"id": "ordinary", "name": {"en": "Ordinary"}, "department": "fin", "stops": [{"desk": "d1", "budget": "1d90m"}]}],
  "ladders": [{"id": "usual", "rungs": [{"percent": 100, "to": ["holder", "superior", "post so"], "channel": "screen"}], "repeat": "7h"}],
  "calendars": [{"id": "office", "offset": "+05:00", "week": {
    "mon": ["08:00-13:15", "14:15-15:30"],
    "fri": ["08:00-12:00"]
  }}]
}
`

func inFile(notes []Note) (lines []string) {
	for _, n := range notes {
		lines = append(lines, n.In("office.json"))
	}
	return lines
}

func TestSmallOfficeIsRead(t *testing.T) {
	for _, text := range []string{small, "\ufeff" + small, strings.ReplaceAll(small, "\n", "\r\n")} {
		o, notes := Read([]byte(text))
		if notes != nil {
			t.Fatal(inFile(notes))
		}
		week := calendar.Week{1: {{8 * 3600, 13*3600 + 900}, {14*3600 + 900, 15*3600 + 1800}}, 5: {{8 * 3600, 12 * 3600}}}
		want := custody.Office{
			Name: custody.Name{En: "Secretariat"}, Policy: custody.Policy{Transit: 3600},
			Departments: []custody.Department{{ID: "fin", Name: custody.Name{En: "Finance", Ur: "خزانہ"}}},
			Rooms:       []custody.Room{{ID: "r1", Name: custody.Name{En: "Room 1"}, Department: "fin", Building: custody.Building{En: "A"}}},
			Desks:       []custody.Desk{{ID: "d1", Room: "r1", Post: "so", Receiving: true}},
			Posts:       []custody.Post{{ID: "so", Name: custody.Name{En: "SO"}, Department: "fin", Calendar: "office", Ladder: "usual", BudgetDays: 2}},
			Officers:    []custody.Officer{{ID: "gul", Name: custody.Name{En: "Gul"}, Role: "officer", Post: "so"}},
			Routes:      []custody.Route{{ID: "ordinary", Name: custody.Name{En: "Ordinary"}, Department: "fin", Stops: []custody.Stop{{Desk: "d1", Budget: 5400, BudgetDays: 1}}}},
			Ladders:     []custody.Ladder{{ID: "usual", Rungs: []custody.Rung{{Percent: 100, To: []custody.Receiver{{}, {Superior: 1}, {Post: "so"}}, Channel: "screen"}}, Repeat: 7 * 3600}},
			Calendars:   []calendar.Calendar{{ID: "office", Offset: 5 * 3600, Week: week}},
		}
		if diff := cmp.Diff(want, o); diff != "" {
			t.Error(diff)
		}
	}
}

// Digits may be Urdu or Arabic-Indic ones wherever numbers are written; nothing is displaced
// by them, and names and identifiers stay as they are.
func TestDigitsOfEveryWriting(t *testing.T) {
	want, _ := Read([]byte(small))
	numbers := regexp.MustCompile(`"\+05:00"|"[0-9:]+-[0-9:]+"|"[0-9]+[dhm][0-9hm]*"|: [0-9]+`)
	for _, nought := range []rune{'۰', '٠'} {
		text := numbers.ReplaceAllStringFunc(small, func(number string) string {
			return strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r - '0' + nought
				}
				return r
			}, number)
		})
		got, notes := Read([]byte(text))
		if diff := cmp.Diff(want, got); diff != "" || notes != nil {
			t.Errorf("%v\n%s", inFile(notes), diff)
		}
	}
	for old, tt := range map[string]struct{ by, want string }{
		`"floor": 0}`:      {`"floor": ۱۲, "name \\\"۷": 1}`, `5:103: rooms/r1: found the key`},
		`"transit": "1h"`:  {`"transit": ۳۶۰۰`, `3:25: policy/transit: found 3600, expected working time`},
		`"id": "r1"`:       {`"id": "r۱"`, `6:34: desks/d1/room: found "r1", expected the id of a room`},
		`"percent": 100, `: {`"percent": ۱۰۰x, `, `12:56: found x, expected`},
	} {
		_, notes := Read([]byte(strings.Replace(small, old, tt.by, 1)))
		if got := inFile(notes); len(got) == 0 || !strings.HasPrefix(got[0], "office.json:"+tt.want) {
			t.Errorf("%s: %v", tt.by, got)
		}
	}
}

// Each fault is said once: where it is, what was found in the words of the file, and what
// is expected there.
func TestFaultsOfAFile(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		want           []string
	}{
		{"an unknown key", `"policy": {`, `"polices": 1, "policy": {`, []string{`3:3: found the key "polices", expected one of revision, name, sample, policy, departments,`}},
		{"a key of a thing in it", `{"transit": "1h"}`, `{"transit": "1h", "transitt": 1}`, []string{`3:31: policy: found the key "transitt", expected one of transit`}},
		{"a key twice", `"policy": {`, `"name": {"en": "Other"}, "policy": {`, []string{`3:3: name: found the key "name" a second time, expected each key once`}},
		{"a key that is missing", `, "budget": "2d"`, ``, []string{`8:5: posts/so/budget: found no "budget", expected working time, such as "2d"`}},
		{"no such room", `"room": "r1"`, `"room": "r2"`, []string{`6:34: desks/d1/room: found "r2", expected the id of a room`}},
		{"no such role", `"role": "officer"`, `"role": "officier"`, []string{`10:61: officers/gul/role: found "officier", expected "officer", "runner" or "clerk"`}},
		{"seconds as they were", `"transit": "1h"`, `"transit": 3600`, []string{`3:25: policy/transit: found 3600, expected working time`}},
		{"days of nobody", `"transit": "1h"`, `"transit": "1d"`, []string{`3:25: policy/transit: found "1d", expected hours, minutes or seconds`}},
		{"too long", `"budget": "2d"`, `"budget": "9000h"`, []string{`8:112: posts/so/budget: found "9000h", expected at most 8784h of working time`}},
		{"too many days", `"budget": "2d"`, `"budget": "367d"`, []string{`8:112: posts/so/budget: found "367d", expected at most 8784h of working time, or 366d`}},
		{"no such day", `"calendars": [`, `"holidays": [{"id": "eid", "name": {"en": "Eid", "ur": "عید"}, "days": "2026-02-30"}], "calendars": [`, []string{`13:74: holidays/eid/days: found "2026-02-30", expected days, such as "2026-03-20"`}},
		{"a holiday of one language", `"calendars": [`, `"holidays": [{"id": "eid", "name": {"en": "Eid"}, "days": "2026-03-20"}], "calendars": [`, []string{`13:38: holidays/eid/name/ur: found nothing, expected a name in Urdu`}},
		{"a holiday of no calendar", `"calendars": [`, `"holidays": [{"id": "eid", "name": {"en": "Eid", "ur": "عید"}, "days": "2026-03-20", "calendars": ["courts"]}], "calendars": [`, []string{`13:102: holidays/eid/calendars/1: found "courts", expected the id of a calendar`}},
		{"a closure of no building", `"calendars": [`, `"closures": [{"id": "snow", "name": {"en": "Snow", "ur": "برف"}, "days": "2026-01-20", "hours": ["12:00-24:00"], "building": "B"}], "calendars": [`, []string{`13:128: closures/snow/building: found "B", expected a building in which the office has a room`}},
		{"hours that are none", `"calendars": [`, `"closures": [{"id": "snow", "name": {"en": "Snow", "ur": "برف"}, "days": "2026-01-20", "hours": "noon"}], "calendars": [`, []string{`13:99: closures/snow/hours: found "noon", expected a list of hours`}},
		{"two seasons of the same days", `"calendars": [`, `"seasons": [{"id": "a", "name": {"en": "A", "ur": "ا"}, "days": "11-01 to 02-29", "week": {}}, {"id": "b", "name": {"en": "B", "ur": "ب"}, "days": "11-01 to 02-29", "week": {}}], "calendars": [`, []string{`13:150: seasons/b/days: found "11-01 to 02-29", expected other days than those of season a`}},
		{"none", `"budget": "2d"`, `"budget": "0m"`, []string{`8:112: posts/so/budget: found "0m", expected working time, more than none`}},
		{"a day", `"fri"`, `"friday"`, []string{`15:5: calendars/office/week: found the key "friday", expected a day: mon, tue,`}},
		{"hours", `"08:00-12:00"`, `"8 to 12"`, []string{`15:13: calendars/office/week/fri/1: found "8 to 12", expected hours of the day`}},
		{"back in time", `"08:00-12:00"`, `"12:00-08:00"`, []string{`15:13: calendars/office/week/fri/1: found "12:00-08:00", expected an end that is later`}},
		{"no break", `"14:15-15:30"`, `"13:15-15:30"`, []string{`14:28: calendars/office/week/mon/2: found "13:15-15:30", expected a beginning after 13:15`}},
		{"a zone", `"+05:00"`, `"PKT"`, []string{`13:44: calendars/office/offset: found "PKT", expected the hours ahead of UTC`}},
		{"a receiver", `"superior"`, `"boss"`, []string{`12:75: ladders/usual/rungs/1/to/2: found "boss", expected "holder", "superior", "superior 2" or "post ID"`}},
		{"no such post", `"post so"`, `"post ds"`, []string{`12:87: ladders/usual/rungs/1/to/3/post: found "post ds", expected the id of a post`}},
		{"a code", `"id": "d1",`, `"id": "d1", "code": "20000000000000",`, []string{`6:34: desks/d1/code: found "20000000000000", expected 14 digits of a card`}},
		{"another's code", `"id": "d1",`, `"id": "d1", "code": "30000 0000010 67",`, []string{`6:34: desks/d1/code: found "30000 0000010 67", expected 14 digits`}},
		{"two of one id", `{"id": "d1",`, `{"id": "d1", "room": "r1", "post": "so"}, {"id": "d1",`, []string{`6:62: desks/d1/id: found "d1", expected an id that nothing else in this list has`}},
		{"a list that is none", `"rooms": [`, `"rooms": 7, "stations": [`, []string{
			`5:12: rooms: found 7, expected a list [...]`,
			`5:28: stations/r1/room: found no "room"`, `5:67: stations/r1: found the key "department", expected one of id, room, name, subjects`, `5:88`, `5:105`,
		}},
		{"a building", `"building": "A"`, `"building": 7`, []string{`5:85: rooms/r1/building: found 7, expected a building, such as "A" or {"en": "A"`}},
		{"a building of no language", `"building": "A"`, `"building": {"ur": "اے"}`, []string{`5:85: rooms/r1/building/en: found no "en"`}},
		{"no list at all", `"rooms": [{"id": "r1", "name": {"en": "Room 1"}, "department": "fin", "building": "A", "floor": 0}],`, ``, []string{`1:1: rooms: found no "rooms", expected a list [...]`}},
		{"two at once, in their order", `"2d"`, `"2x"}, {"id": "ds", "post": 1`, []string{
			`8:112: posts/so/budget: found "2x"`, `8:119: posts/ds/name: found no "name"`, `8:119`, `8:119`, `8:119`, `8:119`, `8:132: posts/ds: found the key "post"`,
		}},
		{"a comma too many", `"receiving": true}`, `"receiving": true,}`, []string{`6:72: found }, expected "," or "}", or a key in quotes`}},
		{"a comma too few", "\"fin\", \"building\"", "\"fin\" \"building\"", []string{`5:72: found "building", expected`}},
		{"a name without quotes", `"A"`, `Block`, []string{`5:85: found Block, expected ":" and a value`}},
		{"an end too early", "    \"fri\": [\"08:00-12:00\"]\n  }}]\n}\n", "", []string{`15:1: found the end of the file, expected`}},
		{"more than an office", "  }}]\n}\n", "  }}]\n}\n{}", []string{`18:1: found {, expected the end of the file`}},
		{"nothing", small, "", []string{`1:1: found the end of the file, expected an object {...}, the office: the file ends too early`}},
		{"a list", small, "[]", []string{`1:1: found a list [...], expected an object {...}`}},
		{"not UTF-8", "Gul", "G\xffl", []string{`10:47: found a byte that is no text in UTF-8`}},
		{"a vacant post", `, "post": "so"}]`, `}]`, []string{`8:5: warning: posts/so: found 0 officers, expected an officer`}},
	} {
		text := strings.Replace(small, tt.old, tt.new, 1)
		if text == small {
			t.Fatalf("%s: there is no %s", tt.name, tt.old)
		}
		_, notes := Read([]byte(text))
		got := inFile(notes)
		if !slices.EqualFunc(got, tt.want, func(a, b string) bool { return strings.HasPrefix(a, "office.json:"+b) }) {
			t.Errorf("%s:\n%s", tt.name, strings.Join(got, "\n"))
		}
	}
}

func daysOf(text string) calendar.Days {
	d, err := calendar.ParseDays(text)
	if err != nil {
		panic(err)
	}
	return d
}

// What is written is read again as the same office.
func TestWrittenOfficeIsTheSame(t *testing.T) {
	real, _ := Read([]byte(small))
	uneven := demo.Sample(1)
	uneven.Calendars = append(uneven.Calendars, calendar.QuettaWinter("winter"), calendar.Calendar{ID: "zero", Offset: -3*3600 - 90, Week: calendar.Week{0: {{1, 24 * 3600}}}})
	uneven.Posts[0].Calendar, uneven.Posts[0].Budget = "winter", 3*7*3600
	uneven.Posts[1].Calendar, uneven.Posts[1].BudgetDays = "winter", 2
	uneven.Seasons = []custody.Season{{ID: "winter", Name: custody.Name{En: "Winter", Ur: "سرما"}, Days: daysOf("11-01 to 02-29"), Week: calendar.QuettaWinter("").Week, Calendars: []string{"winter"}, Order: "S-1"}}
	uneven.Holidays = []custody.Holiday{{ID: "eid", Name: custody.Name{En: "Eid", Ur: "عید"}, Days: daysOf("2026-03-20 to 2026-03-22"), Provisional: true}}
	uneven.Closures = []custody.Closure{{ID: "snow", Name: custody.Name{En: "Snow", Ur: "برف"}, Days: daysOf("2026-01-20"), Hours: []calendar.Span{{12 * 3600, 24 * 3600}}, Building: uneven.Rooms[0].Building.En}}
	for _, o := range []custody.Office{real, demo.Sample(1), demo.Sample(1800), uneven} {
		o.Sort()
		var b strings.Builder
		if err := Write(&b, o); err != nil {
			t.Fatal(err)
		}
		back, notes := Read([]byte(b.String()))
		if Wrong(notes) {
			t.Fatal(inFile(notes))
		}
		if diff := cmp.Diff(o, back); diff != "" {
			t.Error(diff)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(small)
	f.Add("\ufeff{}")
	f.Add(`{"calendars":[{"id":"a","offset":"-00:00","week":{"mon":["00:00-24:00"]}}],"posts":[{"budget":"9999d"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		o, notes := Read([]byte(text))
		lines := strings.Count(text, "\n") + 1
		for i, n := range notes {
			if n.Line < 1 || n.Line > lines || n.Column < 1 || n.Expected == "" {
				t.Errorf("%+v", n)
			}
			if i > 0 && (n.Line < notes[i-1].Line || n == notes[i-1]) {
				t.Errorf("%+v after %+v", n, notes[i-1])
			}
		}
		if Wrong(notes) {
			return
		}
		var b strings.Builder
		if err := Write(&b, o); err != nil {
			t.Fatal(err)
		}
		back, notes := Read([]byte(b.String()))
		if diff := cmp.Diff(o, back); Wrong(notes) || diff != "" {
			t.Errorf("%v\n%s\n%s", inFile(notes), diff, b.String())
		}
	})
}
