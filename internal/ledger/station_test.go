package ledger

import (
	"errors"
	"testing"
	"time"

	"harkara/internal/custody"
)

func TestTokens(t *testing.T) {
	s := open(t).store
	token, err := s.Enrol(t.Context(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Enrol(t.Context(), "s1")
	if err != nil || second == token {
		t.Fatal("two tokens are the same", err)
	}
	for _, good := range []string{token, second} {
		if station, err := s.Authenticate(t.Context(), good); err != nil || station != "s1" {
			t.Errorf("%q, %v", station, err)
		}
	}
	for _, bad := range []string{"", token + "x", string(hash(token))} {
		if _, err := s.Authenticate(t.Context(), bad); !errors.Is(err, custody.ErrNotFound) {
			t.Errorf("a wrong token: %v", err)
		}
	}
	var kept int
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM tokens WHERE encode(hash, 'escape') LIKE '%' || $1 || '%'`, token).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("the token itself is kept: %d, %v", kept, err)
	}
	if has, err := s.Enrolled(t.Context(), "s1"); !has || err != nil {
		t.Error(has, err)
	}
	if err := s.Revoke(t.Context(), "s1"); err != nil {
		t.Fatal(err)
	}
	if has, err := s.Enrolled(t.Context(), "s1"); has || err != nil {
		t.Error(has, err)
	}
	if _, err := s.Authenticate(t.Context(), token); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("a revoked token: %v", err)
	}
}

// A lost token is replaced by one order, which is kept; stations' tokens stay.
func TestRenewedToken(t *testing.T) {
	s := open(t).store
	lost, err := s.Enrol(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	door, err := s.Enrol(t.Context(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.Renew(t.Context(), "", Order{Who: "Gul Muhammad", Reason: "the paper was lost"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(t.Context(), lost); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("the lost token: %v", err)
	}
	for good, want := range map[string]custody.StationID{token: "", door: "s1"} {
		if station, err := s.Authenticate(t.Context(), good); err != nil || station != want {
			t.Errorf("%q, %v", station, err)
		}
	}
	changes, err := s.Changes(t.Context(), 10)
	if err != nil || len(changes) != 1 || changes[0].Who != "Gul Muhammad" || changes[0].Reason != "the paper was lost" || len(changes[0].Things) != 0 {
		t.Errorf("%+v, %v", changes, err)
	}
	set(t, s, sample()) // an office can be set after it
	o, err := s.Office(t.Context(), time.Now())
	if err != nil || len(o.Rooms) != 1 {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, err := s.Renew(t.Context(), "", Order{Who: "Gul Muhammad", Reason: "lost again"}); err != nil {
		t.Fatal(err)
	}
	altered := *o // by one who read it before: a token is nothing of it
	altered.Name.En = "altered"
	set(t, s, altered)
}

func TestHeartbeats(t *testing.T) {
	s := open(t).store
	now := time.Now().UTC().Truncate(time.Microsecond)
	for _, at := range []time.Time{now.Add(-time.Minute), now, now.Add(-time.Hour)} {
		if err := s.Heartbeat(t.Context(), "s1", at); err != nil {
			t.Fatal(err)
		}
	}
	seen, err := s.Heartbeats(t.Context())
	if err != nil || len(seen) != 1 || !seen["s1"].Equal(now) {
		t.Errorf("%v, %v", seen, err)
	}
}
