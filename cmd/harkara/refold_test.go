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
	desk := custody.Place{Desk: "a", Room: "room", Post: "so", Calendar: "always", Budget: 150}
	ladder := custody.Ladder{ID: "l", Rungs: []custody.Rung{{Percent: 100, Channel: custody.Screen}}}
	scan := func(r *custody.Resolved) {
		r.Command.Kind, r.Command.Station, r.Here = custody.Scan, "kiosk", &desk
	}
	card := func(r *custody.Resolved) {
		scan(r)
		r.Command.Context.Desk, r.To = label.New(label.Desk, 1), &desk
	}
	missing := func(r *custody.Resolved) { r.Command.Kind = custody.Missing }
	undo := func(r *custody.Resolved) { r.Command.Kind, r.Command.Station, r.Here = custody.Undo, "kiosk", &desk }
	for _, tt := range []struct {
		name string
		acts []func(*custody.Resolved)
	}{
		{"scanned with the card of the desk that holds it", []func(*custody.Resolved){card}},
		{"a rung between the finding of a missing file and its undo", []func(*custody.Resolved){missing, scan, undo}},
	} {
		s := custody.Book.Begin(label.New(label.File, 1))
		now := time.Date(2025, 6, 2, 4, 0, 0, 0, time.UTC)
		var entries []custody.Entry
		for i, act := range append([]func(*custody.Resolved){func(r *custody.Resolved) {
			r.Command.Kind, r.Command.Opening, r.To, r.Ladder = custody.Open, &custody.Opening{Number: "1"}, &desk, &ladder
		}}, tt.acts...) {
			now = now.Add(time.Minute)
			r := custody.Resolved{Seq: s.Seq + 1, Received: now, Calendars: []calendar.Calendar{calendar.Always("always")}}
			r.Command.ID, r.Command.Code, r.Command.At.Wall = custody.CommandID(fmt.Sprint(i)), s.File, now
			act(&r)
			var out custody.Outcome
			if at := s.Wake(); !at.IsZero() && !at.After(now) {
				s, out = custody.Book.Decide(s, custody.Resolved{Command: s.Position().Waker(), Seq: r.Seq, Received: now}, s.Head, now)
				entries = append(entries, out.Entries...)
				s, r.Seq = s.Confirm(s.Head), r.Seq+1
			}
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
