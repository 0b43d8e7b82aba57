package ledger

import (
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// noticesOf counts a file's notices, whatever became of them.
func noticesOf(t *testing.T, s *Store, code label.Code) (n int) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM notices WHERE code = $1`, code).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNoticesAreDeliveredOnce(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := newCode(t)
	put(t, s, opening(code))
	drain(t, s, d)
	rung := d.climb(t, s, code)
	for range 2 { // recorded, and recorded again
		if err := record(t.Context(), s, rung); err != nil {
			t.Fatal(err)
		}
	}
	pending, err := s.PendingNotices(t.Context(), 10)
	if err != nil || len(pending) != 2 || pending[0].File != code || pending[0].Percent != 100 {
		t.Fatalf("%+v, %v", pending, err)
	}
	if err := s.NoticesStarted(t.Context(), []string{pending[0].Key, pending[1].Key}); err != nil {
		t.Fatal(err)
	}
	if again, err := s.PendingNotices(t.Context(), 10); len(again) != 0 || err != nil {
		t.Errorf("handed over twice: %+v, %v", again, err)
	}
	_, before, err := s.Board(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.SettleNotice(t.Context(), 0, pending[0].Key, Delivered, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		key    string
		state  Delivery
		detail string
	}{
		{pending[0].Key, Failed, "too late to say so"},
		{pending[1].Key, Unconfirmed, "timed out"},
		{"no such notice", Failed, ""},
	} {
		if err := s.SettleNotice(t.Context(), 0, step.key, step.state, step.detail); err != nil {
			t.Fatal(err)
		}
	}
	told, err := s.Told(t.Context(), []custody.PostID{pending[0].Post, pending[1].Post, "nobody"}, 10)
	if err != nil || len(told) != 1 || told[0].Notice.Key != pending[0].Key || told[0].State != Delivered || told[0].Detail != "" || told[0].Number == "" {
		t.Errorf("%+v, %v", told, err)
	}
	if others, err := s.Told(t.Context(), []custody.PostID{"nobody"}, 10); len(others) != 0 || err != nil {
		t.Errorf("told another post: %+v, %v", others, err)
	}
	untold, err := s.Untold(t.Context(), 10)
	if err != nil || len(untold) != 1 || untold[0].Notice.Key != pending[1].Key || untold[0].State != Unconfirmed || untold[0].Detail != "timed out" {
		t.Errorf("%+v, %v", untold, err)
	}
	events, err := s.Feed(t.Context(), before, 10)
	if err != nil || len(events) != 2 || events[0].Reason != custody.Told || events[1].Reason != custody.Told {
		t.Errorf("%+v, %v", events, err)
	}
	audit(t, s)
}
