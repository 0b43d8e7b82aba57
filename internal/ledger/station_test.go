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
	if err := s.Revoke(t.Context(), "s1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(t.Context(), token); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("a revoked token: %v", err)
	}
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
