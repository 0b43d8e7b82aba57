package custody

import (
	"testing"
	"time"

	"harkara/internal/calendar"
)

func days(text string) calendar.Days {
	d, err := calendar.ParseDays(text)
	if err != nil {
		panic(err)
	}
	return d
}

// quetta is an office with winter and Ramadan, Eid, and snow in one of its two buildings.
func quetta() *Office {
	week := calendar.QuettaSummer("").Week
	short := calendar.Week{1: {{9 * 3600, 15 * 3600}}, 2: {{9 * 3600, 15 * 3600}}, 3: {{9 * 3600, 15 * 3600}}, 4: {{9 * 3600, 15 * 3600}}, 5: {{9 * 3600, 13 * 3600}}}
	o := &Office{
		Rooms:     []Room{{ID: "a", Building: Building{En: "A"}}, {ID: "b", Building: Building{En: "B"}}},
		Desks:     []Desk{{ID: "a", Room: "a", Post: "so"}, {ID: "b", Room: "b", Post: "so"}},
		Posts:     []Post{{ID: "so", Calendar: "office", Ladder: "usual", BudgetDays: 2}},
		Ladders:   []Ladder{{ID: "usual"}},
		Calendars: []calendar.Calendar{{ID: "office", Offset: calendar.Karachi, Week: week}, calendar.Always("outside")},
		Seasons: []Season{
			{ID: "ramadan", Days: days("2026-02-19 to 2026-03-19"), Week: short, Calendars: []string{"office"}},
			{ID: "winter", Days: days("11-01 to 02-29"), Week: calendar.QuettaWinter("").Week, Calendars: []string{"office"}},
		},
		Holidays: []Holiday{{ID: "eid", Days: days("2026-03-20 to 2026-03-22"), Provisional: true, Calendars: []string{"office"}}},
		Closures: []Closure{{ID: "snow", Days: days("2026-01-20"), Hours: []calendar.Span{{12 * 3600, 24 * 3600}}, Building: "A"}, {ID: "strike", Days: days("2026-01-21")}},
	}
	o.Sort()
	return o
}

// Each place counts what is ordered for its calendar and its building, and nothing else.
func TestHoursOfAPlace(t *testing.T) {
	o := quetta()
	at := func(text string) time.Time {
		at, _ := time.ParseInLocation("2006-01-02", text, time.FixedZone("", calendar.Karachi))
		return at
	}
	hour := time.Hour
	for _, tt := range []struct {
		day                    string
		inA, inB, outside, any time.Duration
	}{
		{"2026-01-19", 7 * hour, 7 * hour, 24 * hour, 7 * hour},
		{"2026-01-20", 3*hour + 30*time.Minute, 7 * hour, 24 * hour, 7 * hour},
		{"2026-01-21", 0, 0, 0, 0},
		{"2026-02-19", 6 * hour, 6 * hour, 24 * hour, 6 * hour}, // Ramadan is the shorter season
		{"2026-03-20", 0, 0, 24 * hour, 0},                      // provisional, and counts
		{"2026-03-23", 7*hour + 30*time.Minute, 7*hour + 30*time.Minute, 24 * hour, 7*hour + 30*time.Minute},
	} {
		for _, c := range []struct {
			id, building string
			want         time.Duration
		}{{"office", "A", tt.inA}, {"office", "B", tt.inB}, {"outside", "", tt.outside}, {"office", "", tt.any}} {
			hours, ok := o.Hours(c.id, c.building)
			if got := hours.Hours().Day(at(tt.day)); !ok || got != c.want {
				t.Errorf("%s, %s in %q: %v, want %v", tt.day, c.id, c.building, got, c.want)
			}
		}
	}
	contents := Contents{}
	a, _ := o.PlaceAt("a", contents)
	b, _ := o.PlaceAt("b", contents)
	if a.Hours.Digest == b.Hours.Digest || a.Hours.ID != "office" || contents.hours(a).Day(at("2026-01-20")) != 3*hour+30*time.Minute {
		t.Errorf("%+v, %+v", a.Hours, b.Hours)
	}
}

// A budget of days is as much work as those days have, from the one on which the file came.
func TestBudgetOfDays(t *testing.T) {
	o, contents := quetta(), Contents{}
	for _, tt := range []struct {
		came string
		want time.Duration
	}{
		{"2026-01-08 11:00", 13 * time.Hour},                // a winter's Thursday and Friday
		{"2026-01-19 11:00", 14 * time.Hour},                // in B it did not snow
		{"2026-03-04 10:00", 12 * time.Hour},                // Ramadan
		{"2026-03-19 10:00", 13*time.Hour + 30*time.Minute}, // its last day, and Monday after Eid
	} {
		came, _ := time.ParseInLocation("2006-01-02 15:04", tt.came, time.FixedZone("", calendar.Karachi))
		r := Resolved{Version: ResolvedVersion, Command: Command{ID: "00000000-0000-0000-0000-000000000001", Kind: Open, Code: file, At: Stamp{Wall: came}, With: Opening{}}, Seq: 1, Received: came}
		b, _ := o.PlaceAt("b", contents)
		r.To = &b
		d := Today.Decide(Begin(file), r, contents, came)
		if leg := d.Entries[0].Leg; leg == nil || leg.Budget != SecondsOf(tt.want) {
			t.Errorf("came %s: %+v, want %v", tt.came, leg, tt.want)
		}
	}
}

// What an office of another time has of its days, the newest says.
func TestOfficeOfAnotherTimeCountsByThisOnes(t *testing.T) {
	then, now := quetta(), quetta()
	then.Posts[0].Budget = 7
	now.Calendars[0].Revision, now.Holidays = 3, nil
	timed := now.Timed(then)
	c, _ := timed.Hours("office", "")
	if c.Revision != 3 || len(c.Off) != 1 || timed.Posts[0].Budget != 7 || then.Calendars[0].Revision != 0 {
		t.Errorf("%+v", c)
	}
}

func BenchmarkPlaceAt(b *testing.B) {
	o := quetta()
	for year := range 3 {
		for n := range 12 {
			o.Holidays = append(o.Holidays, Holiday{Days: calendar.On(calendar.Date{Year: 2024 + year, Month: time.Month(n + 1), Day: 1})})
		}
	}
	for b.Loop() {
		o.PlaceAt("a", Contents{})
	}
}
