package intake

import (
	"context"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/ledger"
)

// late is a file that is opened past its first rung.
func (b *bench) late() custody.Command {
	c := command(custody.Open, b.code(), "")
	c.At.Wall = c.At.Wall.Add(-time.Minute) // the route gives the first desk ten seconds
	return c
}

func (b *bench) reasons(c custody.Command) (reasons []custody.Reason, told []custody.Person) {
	b.t.Helper()
	stored, err := b.store.Entries(b.t.Context(), c.Code)
	if err != nil {
		b.t.Fatal(err)
	}
	_, entries, err := custody.Chain(custody.Head{}, c.Code, stored)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range entries {
		reasons, told = append(reasons, e.Reason), append(told, e.Told...)
	}
	return reasons, told
}

// A file that nothing wakes, its workflow's timer lost, is found by the sweep; what the
// timer stores as well is the same wake.
func TestSweepWakesWhatSlept(t *testing.T) {
	b := newBench(t)
	b.start(b.dispatcher(&lives{}))
	c := b.late()
	b.put(c)
	b.outcome(c)
	s := &Sweeper{Overdue: b.store, Homeless: b.store, Log: slog.New(&b.log)}
	asleep, err := b.store.Unwoken(t.Context(), overdueBy, 10)
	if err != nil || len(asleep) != 0 {
		t.Fatalf("%d overdue by ten minutes after one, %v", len(asleep), err)
	}
	hasty := hurried{b.store}
	s.Overdue = hasty
	row, err := b.store.File(t.Context(), c.Code)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Wake(t.Context(), 0, row.Position.Waker()); err != nil { // the timer, late
		t.Fatal(err)
	}
	b.until(func() bool { reasons, _ := b.reasons(c); return len(reasons) == 2 })
	for range 3 {
		if err := s.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if reasons, told := b.reasons(c); !reflect.DeepEqual(reasons, []custody.Reason{custody.Opened, custody.RungDue}) || !reflect.DeepEqual(told, []custody.Person{{Post: "clerk", Officer: "noor"}}) {
		t.Errorf("%v, told %v", reasons, told)
	}
	if !b.log.has(slog.LevelWarn, "a file slept past its time and is woken") {
		t.Errorf("logged %v", b.log.levels)
	}
	b.audit()
}

// hurried finds files overdue at once.
type hurried struct{ *ledger.Store }

func (h hurried) Unwoken(ctx context.Context, _ time.Duration, limit int) ([]custody.Position, error) {
	return h.Store.Unwoken(ctx, 0, limit)
}

// Whom a rung tells is asked once, when its wake is first sent.
func TestWakeIsSentAgainAsItWasFirst(t *testing.T) {
	b := newBench(t)
	var sent [][]byte
	world := &lives{fault: func(d Sending) fault {
		if !(custody.Command{ID: d.Command}).Woken() {
			return none
		}
		sent = append(sent, d.Delivery.Command)
		if len(sent) > 1 {
			return none
		}
		o := sample()
		o.Officers = o.Officers[1:] // nobody is so any more, as of the next look
		o.Revision = 1
		if err := b.store.SetOffice(t.Context(), o, "test", "moved out"); err != nil {
			t.Error(err)
		}
		return forgotten
	}}
	b.start(b.dispatcher(world))
	c := b.late()
	b.put(c)
	b.outcome(c)
	row, err := b.store.File(t.Context(), c.Code)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.store.Wake(t.Context(), 0, row.Position.Waker()); err != nil {
		t.Fatal(err)
	}
	b.until(func() bool { reasons, _ := b.reasons(c); return len(reasons) == 2 })
	if len(sent) != 2 || string(sent[0]) != string(sent[1]) {
		t.Errorf("%d times: %s", len(sent), sent)
	}
	b.audit()
}

// A later lane never takes the places of a more urgent one, and always has some.
func TestShares(t *testing.T) {
	for _, atonce := range []int{1, 2, 3, 8, 32, 100} {
		s := shares(atonce)
		for lane, n := range s {
			if n < 1 || n > atonce || atonce >= 10 && n < atonce/10 {
				t.Errorf("%d of %d for lane %d", n, atonce, lane)
			}
		}
		if atonce >= 10 && (s[custody.People] < atonce/2 || s[custody.Wakes]+s[custody.Later] > atonce/2) {
			t.Errorf("%d: %v", atonce, s)
		}
	}
}

// A queue that stands is told after an hour of its holder's work, to his superior.
func TestWhoIsToldOfAStandingQueue(t *testing.T) {
	o := sample()
	o.Calendars = []calendar.Calendar{calendar.QuettaSummer("long"), calendar.Always("short")}
	o.Sort()
	evening := time.Date(2025, 6, 2, 10, 30, 0, 0, time.UTC) // 15:30; work ends at 16:00
	for _, tt := range []struct {
		name  string
		post  custody.PostID
		after time.Duration
		want  []custody.Person // nil: not yet
	}{
		{"too early", "so", 20 * time.Minute, nil},
		{"nobody works", "so", 5 * time.Hour, nil},
		{"the superior's post is vacant", "so", 17 * time.Hour, []custody.Person{{Post: "ds"}}},
		{"who works day and night", "clerk", time.Hour, []custody.Person{{Post: "so", Officer: "gul"}}},
		{"a post that was given up", "ghost", time.Hour, []custody.Person{{Post: "ds"}}},
	} {
		q := ledger.Standing{Command: "c", Since: evening, Position: custody.Position{File: "f", Desk: "d", Post: tt.post}}
		notices, due := tellOf(q, &o, evening.Add(tt.after))
		var people []custody.Person
		for _, n := range notices {
			people = append(people, custody.Person{Post: n.Post, Officer: n.Officer})
			if n.Channel != custody.Screen || n.Revision != 0 || !n.Due.Equal(evening) {
				t.Errorf("%s: %+v", tt.name, n)
			}
		}
		if due != (tt.want != nil) || !reflect.DeepEqual(people, tt.want) {
			t.Errorf("%s: %v %v", tt.name, due, people)
		}
	}
}
