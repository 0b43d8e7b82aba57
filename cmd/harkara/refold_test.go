package main

import (
	"fmt"
	"testing"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

// What entries say by themselves is what the workflow has decided.
func TestRefoldAgreesWithTheWorkflow(t *testing.T) {
	desk := custody.Place{Desk: "a", Room: "room", Post: "so", Calendar: "always", Budget: 3600}
	scan := func(r *custody.Resolved) {
		r.Command.Kind, r.Command.Station, r.Here = custody.Scan, "kiosk", &desk
	}
	card := func(r *custody.Resolved) {
		scan(r)
		r.Command.Context.Desk, r.To = label.New(label.Desk, 1), &desk
	}
	for _, tt := range []struct {
		name string
		acts []func(*custody.Resolved)
	}{
		{"scanned with the card of the desk that holds it", []func(*custody.Resolved){card}},
	} {
		s := custody.Book.Begin(label.New(label.File, 1))
		now := time.Date(2025, 6, 2, 4, 0, 0, 0, time.UTC)
		var entries []custody.Entry
		for i, act := range append([]func(*custody.Resolved){func(r *custody.Resolved) {
			r.Command.Kind, r.Command.Opening, r.To = custody.Open, &custody.Opening{Number: "1"}, &desk
		}}, tt.acts...) {
			now = now.Add(time.Minute)
			r := custody.Resolved{Seq: int64(i + 1), Received: now, Calendars: []calendar.Calendar{calendar.Always("always")}}
			r.Command.ID, r.Command.Code, r.Command.At.Wall = custody.CommandID(fmt.Sprint(i)), s.File, now
			act(&r)
			var out custody.Outcome
			s, out = custody.Book.Decide(s, r, s.Head, now)
			if out.Verdict != custody.Accepted {
				t.Fatalf("%s: %s %s", tt.name, out.Verdict, out.Reason)
			}
			entries = append(entries, out.Entries...)
		}
		want := s.Position()
		if got := refold(entries).position(want, s.Head, &s); got != want {
			t.Errorf("%s:\n%+v, decided\n%+v", tt.name, got, want)
		}
	}
}
