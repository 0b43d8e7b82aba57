package ledger

import (
	"errors"
	"testing"
	"time"

	"harkara/internal/custody"
)

// A queue that stands is found until somebody was told, once; freed and stuck again it
// is another matter.
func TestStandingQueueIsToldOnce(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := opened(t, s, d)
	c := scanning(code)
	put(t, s, c)
	stick := func() {
		lease(t, s, "me", 1)
		if quarantined, err := s.Fail(t.Context(), "me", c.ID, errors.New("no"), true, 0); !quarantined || err != nil {
			t.Fatal(quarantined, err)
		}
	}
	stick()
	if early, err := s.Standing(t.Context(), time.Hour, 10); len(early) != 0 || err != nil {
		t.Errorf("%+v, %v", early, err)
	}
	for range 2 {
		list, err := s.Standing(t.Context(), 0, 10)
		if err != nil || len(list) != 1 || list[0].Command != c.ID || list[0].Position.File != code || list[0].Since.IsZero() {
			t.Fatalf("%+v, %v", list, err)
		}
		notices := []custody.Notice{{Key: "k-" + list[0].Since.String(), File: code, Post: "p", Officer: "gul", Channel: custody.Screen, About: "a", Due: list[0].Since}}
		for range 2 {
			if err := s.TellStanding(t.Context(), c.ID, notices); err != nil {
				t.Fatal(err)
			}
		}
		if again, err := s.Standing(t.Context(), 0, 10); len(again) != 0 || err != nil {
			t.Errorf("%+v, %v", again, err)
		}
		if err := s.Retry(t.Context(), c.ID, custody.Actor{Person: "admin"}, "looked"); err != nil {
			t.Fatal(err)
		}
		stick()
	}
	if told, err := s.Told(t.Context(), []custody.PostID{"p"}, 10); err != nil || len(told) != 2 || told[0].Notice.Revision != 0 {
		t.Errorf("%+v, %v", told, err)
	}
	audit(t, s)
}

// What sleeps past its time is found by its rung's instant, while no wake waits for it.
func TestUnwoken(t *testing.T) {
	s := open(t).store
	d := newDecider()
	c := opening(newCode(t))
	c.At.Wall = c.At.Wall.Add(-2 * time.Hour) // of a budget of one
	put(t, s, c)
	drain(t, s, d)
	opened(t, s, d) // sleeps rightly
	list, err := s.Unwoken(t.Context(), 10*time.Minute, 10)
	if err != nil || len(list) != 1 || list[0].File != c.Code {
		t.Fatalf("%+v, %v", list, err)
	}
	wake(t, s, d, c.Code)
	if waits, err := s.Unwoken(t.Context(), 0, 10); len(waits) != 0 || err != nil {
		t.Errorf("%+v, %v", waits, err)
	}
	drain(t, s, d)
	if told, err := s.Unwoken(t.Context(), 0, 10); len(told) != 0 || err != nil {
		t.Errorf("%+v, %v", told, err)
	}
}
