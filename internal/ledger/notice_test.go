package ledger

import (
	"testing"

	"harkara/internal/custody"
)

func TestNoticesAreDeliveredOnce(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := newCode(t)
	put(t, s, opening(code))
	drain(t, s, d)
	rung := d.climb(t, code)
	for range 2 { // recorded, and recorded again
		if err := s.Record(t.Context(), rung); err != nil {
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
		if err := s.Deliver(t.Context(), pending[0]); err != nil {
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
		if err := s.SettleNotice(t.Context(), step.key, step.state, step.detail); err != nil {
			t.Fatal(err)
		}
	}
	told, err := s.Notices(t.Context(), code)
	if err != nil || len(told) != 2 {
		t.Fatal(told, err)
	}
	for _, n := range told {
		switch n.Notice.Key {
		case pending[0].Key:
			if n.State != Delivered || n.Detail != "" {
				t.Errorf("%+v", n)
			}
		default:
			if n.State != Unconfirmed || n.Detail != "timed out" {
				t.Errorf("%+v", n)
			}
		}
	}
	events, err := s.Feed(t.Context(), before, 10)
	if err != nil || len(events) != 2 || events[0].Reason != custody.Told || events[1].Reason != custody.Told {
		t.Errorf("%+v, %v", events, err)
	}
	audit(t, s)
}
