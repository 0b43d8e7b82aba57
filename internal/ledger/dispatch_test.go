package ledger

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

func TestLeaseIsExclusiveAndInOrder(t *testing.T) {
	s := open(t).store
	code := newCode(t)
	put(t, s, opening(code), scanning(code))
	if work := lease(t, s, "one", 10); len(work) != 1 || work[0].Seq != 1 || work[0].Exists || work[0].Label {
		t.Fatalf("%+v", work)
	}
	if again := lease(t, s, "two", 10); len(again) != 0 {
		t.Errorf("leased twice: %+v", again)
	}
	if err := s.Release(t.Context(), "two", code, 0); err != nil {
		t.Error(err)
	}
	if again := lease(t, s, "two", 10); len(again) != 0 {
		t.Errorf("another gave it back: %+v", again)
	}
	if err := s.Release(t.Context(), "one", code, 0); err != nil {
		t.Error(err)
	}
	if again := lease(t, s, "two", 10); len(again) != 1 || again[0].Attempts != 0 {
		t.Errorf("not given back: %+v", again)
	}
}

// A dispatcher paused past its lease finds its command decided by another, comes
// to the same outcome, and commits it to no effect.
func TestTwoDispatchersOnePausedPastItsLease(t *testing.T) {
	for _, tt := range []struct {
		name string
		more int // commands decided before the first one wakes
	}{{"still the newest", 0}, {"others since", 2}} {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t)
			one, two := o.store, connect(t, o.url(postgres.App))
			d := newDecider()
			code := newCode(t)
			first := opening(code)
			put(t, one, first)
			paused, err := one.Lease(t.Context(), "one", custody.Each(10), 0) // runs out at once
			if err != nil || len(paused) != 1 {
				t.Fatal(paused, err)
			}
			decided, err := d.decide(paused[0])
			if err != nil {
				t.Fatal(err)
			}
			// Paused here: decided, not committed. The second gets the same answer.
			if outs := drain(t, two, d); len(outs) != 1 || outs[0].Command != first.ID || outs[0].Position != decided.Position {
				t.Fatalf("%+v", outs)
			}
			for range tt.more {
				put(t, one, scanning(code))
			}
			drain(t, two, d)
			before, err := one.Files(t.Context(), "", 10)
			if err != nil {
				t.Fatal(err)
			}
			if err := record(t.Context(), one, decided); err != nil {
				t.Errorf("the late commit: %v", err)
			}
			if quarantined, err := one.Fail(t.Context(), "one", first.ID, errors.New("late"), true, 0); quarantined || err != nil {
				t.Errorf("a decided command is failed: %v, %v", quarantined, err)
			}
			if after, err := one.Files(t.Context(), "", 10); err != nil || len(after) != 1 || !reflect.DeepEqual(after, before) {
				t.Errorf("was %+v, is %+v; %v", before, after, err)
			}
			audit(t, one)
		})
	}
}

// Only the one who holds the lease can fail its command.
func TestFailureOfALostLeaseCountsForNothing(t *testing.T) {
	s := open(t).store
	c := opening(newCode(t))
	put(t, s, c)
	if _, err := s.Lease(t.Context(), "one", custody.Each(1), 0); err != nil {
		t.Fatal(err)
	}
	lease(t, s, "two", 1)
	if quarantined, err := s.Fail(t.Context(), "one", c.ID, errors.New("late"), true, 0); quarantined || err != nil {
		t.Errorf("%v, %v", quarantined, err)
	}
	drain(t, s, newDecider()) // nothing: two holds it
	if n, err := s.Undecided(t.Context(), c.Code); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	audit(t, s)
}

// A queue with many commands takes its turn with the others.
func TestOldestQueueIsLeasedFirst(t *testing.T) {
	s := open(t).store
	d := newDecider()
	deep, late := newCode(t), newCode(t)
	put(t, s, opening(deep), scanning(deep), scanning(deep))
	put(t, s, opening(late))
	for i, want := range []custody.Command{{Code: deep}, {Code: late}, {Code: deep}, {Code: deep}} {
		work := lease(t, s, "me", 1)
		if len(work) != 1 || work[0].Command.Code != want.Code {
			t.Fatalf("turn %d: %+v, want %s", i, work, want.Code)
		}
		out, err := d.decide(work[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := record(t.Context(), s, out); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPausedQueueWaits(t *testing.T) {
	s := open(t).store
	code := newCode(t)
	put(t, s, opening(code))
	lease(t, s, "me", 1)
	if err := s.Release(t.Context(), "me", code, time.Minute); err != nil {
		t.Fatal(err)
	}
	if work := lease(t, s, "me", 1); len(work) != 0 {
		t.Errorf("%+v", work)
	}
	if n, _, err := s.Backlog(t.Context()); n != 1 || err != nil {
		t.Errorf("backlog %d, %v", n, err)
	}
}

// A computer whose clock lost a year must not wait a year for leases and pauses
// given before.
func TestClockSetBack(t *testing.T) {
	o := open(t)
	s := o.store
	code := newCode(t)
	put(t, s, opening(code))
	lease(t, s, "me", 1)
	for _, statement := range []string{
		"UPDATE queues SET lease_until = now() + interval '1 year'",
		"UPDATE queues SET lease_until = '-infinity', not_before = now() + interval '1 year'",
	} {
		if _, err := s.exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if work := lease(t, s, "me", 1); len(work) != 1 {
			t.Errorf("after %s: nothing is leased", statement)
		}
	}
}

func TestResolvedFormIsKept(t *testing.T) {
	s := open(t).store
	c := opening(newCode(t))
	put(t, s, c)
	for _, form := range []string{`{"first": 1}`, `{"second": 2}`} {
		if err := s.StoreResolved(t.Context(), map[custody.CommandID][]byte{c.ID: []byte(form)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if work := lease(t, s, "me", 1); string(work[0].Resolved) != `{"first": 1}` {
		t.Errorf("%+v", work)
	}
}
