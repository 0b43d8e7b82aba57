package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

// A night is when nobody works for some time, by any calendar; a break is none.
func TestNights(t *testing.T) {
	summer, always := calendar.QuettaSummer("summer"), calendar.Always("always")
	karachi := time.FixedZone("", calendar.Karachi)
	for _, c := range []struct {
		at        string
		calendars []calendar.Calendar
		night     string
		asleep    bool
	}{
		{"2026-06-02 12:00", []calendar.Calendar{summer}, "2026-06-02", false},
		{"2026-06-02 13:35", []calendar.Calendar{summer}, "2026-06-02", false}, // the break
		{"2026-06-02 15:59", []calendar.Calendar{summer}, "2026-06-02", false},
		{"2026-06-02 16:00", []calendar.Calendar{summer}, "2026-06-02", true},
		{"2026-06-03 01:00", []calendar.Calendar{summer, always}, "2026-06-02", true},
		{"2026-06-03 06:00", []calendar.Calendar{summer}, "2026-06-02", true},
		{"2026-06-03 06:01", []calendar.Calendar{summer}, "2026-06-02", false},
		{"2026-06-06 11:00", []calendar.Calendar{summer}, "2026-06-05", true}, // a Saturday
		{"2026-06-03 03:00", []calendar.Calendar{always}, "2026-06-02", true},
		{"2026-06-03 05:00", []calendar.Calendar{always}, "2026-06-02", false},
		{"2026-06-02 23:00", nil, "2026-06-02", false},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, karachi)
		if err != nil {
			t.Fatal(err)
		}
		if c.calendars == nil {
			at, _ = time.Parse("2006-01-02 15:04", c.at)
		}
		o := &custody.Office{Calendars: c.calendars}
		o.Sort()
		night, asleep := nightOf(o, at)
		if night.Format(time.DateOnly) != c.night || asleep != c.asleep {
			t.Errorf("%s: %s, %v", c.at, night.Format(time.DateOnly), asleep)
		}
	}
}

// An office is examined once a night, by one of those who would; who is interrupted, by
// the morning or for good, is gone on from where he was. It rests longer than it works,
// and steps aside for people.
func TestTheOfficeIsExaminedOnceANight(t *testing.T) {
	o := newOffice(t)
	o.office.Calendars = append(o.office.Calendars, calendar.QuettaSummer("summer"))
	for i := range o.office.Posts {
		o.office.Posts[i].Calendar = "summer"
	}
	if err := o.store.SetOffice(t.Context(), o.office, "test", "hours"); err != nil {
		t.Fatal(err)
	}
	var codes []label.Code
	for i := range 10 {
		codes = append(codes, o.code())
		o.put(opening(codes[i], fmt.Sprintf("No. %d", i)))
	}
	o.decided(0)
	o.saboteur()(`UPDATE files SET department = 'hea' WHERE code = $1`, codes[3])

	// The clock is a Monday's of years ahead, so that every change of the office counts.
	now := time.Date(2040, 6, 4, 23, 0, 0, 0, time.FixedZone("", calendar.Karachi))
	rests := 0
	var interrupted error
	night := func(holder string, rest func(time.Duration) error) *Night {
		return &Night{
			Auditor: &Auditor{Ledger: o.store, Together: 3}, Holder: holder, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { now = now.Add(time.Second); return now },
			Rest: func(_ context.Context, d time.Duration) error { rests++; return rest(d) },
		}
	}
	newest := func(want int) (files, found int, ended bool) {
		t.Helper()
		list, err := o.store.Examinations(t.Context(), 10, 10)
		if err != nil || len(list) != want {
			t.Fatalf("%+v, %v", list, err)
		}
		if len(list[0].Findings) != list[0].Found {
			t.Errorf("%+v", list[0])
		}
		return list[0].Files, list[0].Found, list[0].Ended != nil
	}

	interrupted = errors.New("stopped")
	first := night("first", func(d time.Duration) error {
		if d < restFor*time.Second {
			t.Errorf("rests %v after a second's work", d)
		}
		return interrupted
	})
	if err := first.examine(t.Context()); !errors.Is(err, interrupted) {
		t.Fatal(err)
	}
	if files, _, ended := newest(1); files != 3 || ended {
		t.Errorf("%d files, ended %v", files, ended)
	}
	other := night("other", func(time.Duration) error { return nil })
	if err := other.examine(t.Context()); err != nil { // the first holds it
		t.Fatal(err)
	}
	if files, _, _ := newest(1); files != 3 {
		t.Errorf("another went on with what is held: %d files", files)
	}
	morning := night("first", func(time.Duration) error { now = now.Add(10 * time.Hour); return nil })
	if err := morning.examine(t.Context()); err != nil {
		t.Fatal(err)
	}
	if files, _, ended := newest(1); files != 6 || ended {
		t.Errorf("by the morning %d files, ended %v", files, ended)
	}
	if err := first.examine(t.Context()); err != nil { // by day
		t.Fatal(err)
	}
	now = now.Add(12 * time.Hour)
	asides := 0
	o.put(scanning(codes[0]))
	evening := night("first", func(d time.Duration) error {
		if d == stepAside {
			asides++
			o.decided(0)
		}
		return nil
	})
	if err := evening.examine(t.Context()); err != nil {
		t.Fatal(err)
	}
	if files, found, ended := newest(1); files != 10 || found != 1 || !ended || asides != 1 {
		t.Errorf("%d files, %d found, ended %v, stepped aside %d times", files, found, ended, asides)
	}
	for range 2 { // what is left of the night is its own examination's, and that is once
		if err := evening.examine(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if files, found, ended := newest(2); files != 10 || found != 1 || !ended {
		t.Errorf("%d files, %d found, ended %v", files, found, ended)
	}
}
