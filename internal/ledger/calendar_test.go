package ledger

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

func days(text string) calendar.Days {
	d, err := calendar.ParseDays(text)
	if err != nil {
		panic(err)
	}
	return d
}

func named(en string) custody.Name { return custody.Name{En: en, Ur: "نام"} }

// Whatever makes a day another than it was is a new revision of the calendars that have it,
// and of no others; a name or an order is none.
func TestDaysAreARevisionOfTheirCalendars(t *testing.T) {
	s := open(t).store
	o := sample()
	o.Rooms[0].Building = custody.Building{En: "A"}
	o.Calendars = append(o.Calendars, calendar.QuettaWinter("court"))
	for _, tt := range []struct {
		name          string
		with          func()
		always, court int
	}{
		{"first", func() {}, 0, 0},
		{"a holiday of both", func() {
			o.Holidays = []custody.Holiday{{ID: "eid", Name: named("Eid"), Days: days("2026-03-20"), Provisional: true}}
		}, 1, 1},
		{"decided", func() { o.Holidays[0].Provisional, o.Holidays[0].Order = false, "S-1" }, 1, 1},
		{"a day more", func() { o.Holidays[0].Days = days("2026-03-20 to 2026-03-21") }, 2, 2},
		{"one of the courts'", func() {
			o.Holidays = append(o.Holidays, custody.Holiday{ID: "vacation", Name: named("Vacation"), Days: days("07-01 to 07-31"), Calendars: []string{"court"}})
		}, 2, 3},
		{"snow", func() {
			o.Closures = []custody.Closure{{ID: "snow", Name: named("Snow"), Days: days("2026-01-20"), Hours: []calendar.Span{{0, 43200}}, Building: "A", Calendars: []string{"always"}}}
		}, 3, 3},
		{"a season", func() {
			o.Seasons = []custody.Season{{ID: "ramadan", Name: named("Ramadan"), Days: days("2026-02-19 to 2026-03-19"), Week: o.Calendars[1].Week, Calendars: []string{"always"}}}
		}, 4, 3},
		{"all taken back", func() { o.Seasons, o.Holidays, o.Closures = nil, nil, nil }, 5, 4},
	} {
		tt.with()
		got, err := s.Office(t.Context(), set(t, s, o))
		if err != nil {
			t.Fatal(err)
		}
		always, _ := got.CalendarByID("always")
		court, _ := got.CalendarByID("court")
		if always.Revision != tt.always || court.Revision != tt.court {
			t.Errorf("%s: revisions %d and %d, want %d and %d", tt.name, always.Revision, court.Revision, tt.always, tt.court)
		}
		if diff := cmp.Diff([]any{o.Seasons, o.Holidays, o.Closures}, []any{got.Seasons, got.Holidays, got.Closures}); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// A week that is changed counts from then on: the one before it stays what it was until
// then, whatever is changed later.
func TestWeeksBeforeAreKept(t *testing.T) {
	s := open(t).store
	o := sample()
	first := set(t, s, o)
	o.Calendars[0].Week[5] = nil
	second := set(t, s, o)
	o.Calendars[0].Week[6] = nil
	set(t, s, o)
	o.Name.En = "Another"
	got, err := s.Office(t.Context(), set(t, s, o))
	if err != nil {
		t.Fatal(err)
	}
	c := got.Calendars[0]
	if len(c.Was) != 2 || len(c.Was[0].Week[5]) != 1 || c.Was[1].Week[5] != nil || c.Revision != 2 {
		t.Fatalf("%+v", c)
	}
	week := 7 * 24 * time.Hour
	if worked := c.Hours().Working(first.Add(-week), second); worked < week {
		t.Errorf("before the change %v of a week were worked", worked)
	}
	if worked := c.Hours().Working(second.Add(week), second.Add(2*week)); worked != 5*24*time.Hour {
		t.Errorf("after it %v", worked)
	}
}

// A change of days tells which running clocks it moves, before it is made and after; what
// was worked already only an order changes.
func TestChangesOfDaysTellWhichClocksMove(t *testing.T) {
	s := open(t).store
	o := sample()
	o.Calendars[0].Offset = 0
	set(t, s, o)
	now := time.Now().UTC().Truncate(time.Second)
	tomorrow, hour := calendar.DateOf(now, 0).Add(1), custody.Seconds(3600)
	held := func(n uint64, p custody.Position) label.Code {
		p.File = label.New(label.File, n)
		p.Desk, p.Room, p.Post = "d1", "r1", "p1"
		if p.Phase == "" {
			p.Phase = custody.Held
		}
		for _, statement := range []string{`INSERT INTO queues (code, not_before) VALUES ($1, now())`, `INSERT INTO files (code, revision, number, subject, department, opened_at) VALUES ($1, 1, 'F-' || $1, '', 'fin', now())`} {
			if _, err := s.pool.Exec(t.Context(), statement, p.File); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.pool.Exec(t.Context(), `UPDATE files SET position = $2 WHERE code = $1`, p.File, p); err != nil {
			t.Fatal(err)
		}
		return p.File
	}
	late := held(1, custody.Position{Since: now.Add(-2 * time.Hour), Budget: hour, Rung: 100, Breached: true})
	soon := held(2, custody.Position{Since: now.Add(-time.Hour), Budget: 2 * hour, Consumed: hour / 2})
	long := held(3, custody.Position{Since: now, Budget: 72 * hour})
	held(4, custody.Position{Since: now, Phase: custody.Ended})
	days := custody.Wait{For: "h", Until: now, Count: custody.Count{From: now, Days: 3, Calendar: "always"}}
	waits := held(5, custody.Position{Since: now, Budget: hour, Wait: days})
	held(6, custody.Position{Since: now, Budget: hour, Wait: custody.Wait{Laid: true}})
	moved := func(o custody.Office, by Order) map[label.Code]custody.Move {
		t.Helper()
		done, err := s.AlterOffice(t.Context(), o, by)
		if err != nil {
			t.Fatal(err)
		}
		if done.Clocks.Running != 4 {
			t.Errorf("%d run", done.Clocks.Running)
		}
		list := map[label.Code]custody.Move{}
		for _, m := range done.Clocks.Moved {
			list[m.File] = m.Move
		}
		return list
	}
	eid := custody.Holiday{ID: "eid", Name: named("Eid"), Days: calendar.On(tomorrow)}
	o.Holidays = []custody.Holiday{eid}
	for _, dry := range []bool{true, false} {
		list := moved(o, Order{Who: "test", Dry: dry})
		if m := list[long]; len(list) != 2 || !m.Is.Equal(m.Was.Add(24*time.Hour)) || m.Past || m.Withdrawn || m.Late {
			t.Errorf("%+v", list)
		}
		if m := list[waits]; !m.Is.Equal(m.Was.Add(24 * time.Hour)) {
			t.Errorf("that waits: %+v", m)
		}
	}
	o.Holidays = nil // taken back again
	if list := moved(o, Order{Who: "test"}); len(list) != 2 || !list[long].Is.Before(list[long].Was) {
		t.Errorf("%+v", list)
	}
	o.Holidays = []custody.Holiday{{ID: "strike", Name: named("Strike"), Days: calendar.Days{From: tomorrow.Add(-2), To: tomorrow.Add(-1)}}}
	if _, err := s.AlterOffice(t.Context(), o, Order{Who: "test", Reason: " "}); !errors.Is(err, ErrPast) {
		t.Errorf("without an order: %v", err)
	}
	list := moved(o, Order{Who: "test", Reason: "order 7"})
	if m := list[late]; !m.Withdrawn || !m.Past || m.Late || !m.Is.After(now) {
		t.Errorf("told as late: %+v", m)
	}
	if m := list[soon]; !m.Past || m.Withdrawn {
		t.Errorf("that runs: %+v", m)
	}
}
