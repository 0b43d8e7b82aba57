package ledger

import (
	"errors"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// opened is a file that stands in the ledger.
func opened(t *testing.T, s *Store, d *decider) label.Code {
	t.Helper()
	code := newCode(t)
	put(t, s, opening(code))
	drain(t, s, d)
	return code
}

func wake(t *testing.T, s *Store, d *decider, code label.Code) custody.Command {
	t.Helper()
	c := d.states[code].Position().Waker()
	if err := s.Wake(t.Context(), 0, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// What people wait for is leased before wakes, and both before what nobody waits for;
// a queue is as urgent as the most urgent command in it, and its order stays.
func TestLanes(t *testing.T) {
	s := open(t).store
	d := newDecider()
	behind, alone, scanned := opened(t, s, d), opened(t, s, d), opened(t, s, d)
	register := newCode(t)
	if _, err := s.PutLater(t.Context(), []custody.Command{opening(register)}); err != nil {
		t.Fatal(err)
	}
	wake(t, s, d, alone)
	wake(t, s, d, behind)
	put(t, s, scanning(behind)) // carries its wake along
	put(t, s, scanning(scanned))
	waiting, err := s.Lanes(t.Context())
	if err != nil || waiting[custody.People].Commands != 2 || waiting[custody.Wakes].Commands != 1 || waiting[custody.Later].Commands != 1 || waiting[custody.Later].Since.After(waiting[custody.Wakes].Since) {
		t.Errorf("%+v, %v", waiting, err)
	}
	if n, oldest, err := s.Backlog(t.Context()); n != 3 || oldest.IsZero() || err != nil {
		t.Errorf("%d wait since %v, %v: wakes are no scans", n, oldest, err)
	}
	if row, err := s.File(t.Context(), alone); row.Pending != 0 || err != nil {
		t.Errorf("%d pending, %v", row.Pending, err)
	}
	for turn, want := range []struct {
		shares custody.Lanes[int]
		codes  []label.Code
	}{
		{custody.Lanes[int]{1, 0, 0}, []label.Code{behind}},
		{custody.Lanes[int]{9, 0, 9}, []label.Code{behind, scanned, register}}, // its wake is decided, the scan after it waits
		{custody.Lanes[int]{9, 9, 9}, []label.Code{alone}},
	} {
		work, err := s.Lease(t.Context(), "me", want.shares, time.Minute)
		if err != nil || len(work) != len(want.codes) {
			t.Fatalf("turn %d: %+v, %v", turn, work, err)
		}
		for i, w := range work {
			found := false
			for _, code := range want.codes {
				found = found || w.File == code
			}
			if !found || w.Lane < custody.People || i > 0 && w.Lane < work[i-1].Lane {
				t.Errorf("turn %d: file %s in lane %d", turn, w.File, w.Lane)
			}
			out, err := d.decide(w)
			if err == nil {
				err = record(t.Context(), s, out)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	audit(t, s)
}

// The same wake by a timer and by a sweep is one command; a forged one is none.
func TestWakeIsStoredOnce(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := opened(t, s, d)
	c := wake(t, s, d, code)
	wake(t, s, d, code)
	if n, err := s.Undecided(t.Context(), code); n != 1 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
	audit(t, s)
	if _, err := s.Put(t.Context(), []custody.Command{c}); !errors.Is(err, custody.ErrMalformed) {
		t.Errorf("the door takes a wake: %v", err)
	}
	forged := scanning(code)
	if err := s.Wake(t.Context(), 0, forged); !errors.Is(err, custody.ErrMalformed) {
		t.Errorf("a scan is stored as a wake: %v", err)
	}
	drain(t, s, d)
	wakeAgain := d.states[code].Position().Waker()
	if wakeAgain.ID == c.ID {
		t.Error("the next wake is the same")
	}
	if list, err := s.Refusals(t.Context(), 10); len(list) != 0 || err != nil {
		t.Errorf("%+v, %v", list, err)
	}
	audit(t, s)
}

// A notice for a screen is a row and nothing more.
func TestScreenNoticesAreRows(t *testing.T) {
	s := open(t).store
	d := newDecider()
	d.channel = custody.Screen
	code := opened(t, s, d)
	rung := d.climb(t, s, code)
	for range 2 {
		if err := record(t.Context(), s, rung); err != nil {
			t.Fatal(err)
		}
	}
	if pending, err := s.PendingNotices(t.Context(), 10); len(pending) != 0 || err != nil {
		t.Errorf("%+v, %v", pending, err)
	}
	told, err := s.Told(t.Context(), []custody.PostID{"a"}, 10)
	if err != nil || len(told) != 1 || told[0].State != Delivered {
		t.Errorf("%+v, %v", told, err)
	}
	if his, err := s.ToldTo(t.Context(), []custody.OfficerID{"gul", "nobody"}, 10); err != nil || len(his) != 1 || his[0].Notice.Post != "a" {
		t.Errorf("%+v, %v", his, err)
	}
	audit(t, s)
}
