package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const insertLabel = `INSERT INTO labels (code) VALUES ($1) ON CONFLICT DO NOTHING`

// Mint draws a code that this office never issued, and registers it.
func (s *Store) Mint(ctx context.Context, kind label.Kind) (label.Code, error) {
	for {
		code, err := label.Mint(kind, nil)
		if err != nil {
			return "", fmt.Errorf("mint code: %w", err)
		}
		tag, err := s.pool.Exec(ctx, insertLabel, code)
		if err != nil {
			return "", fmt.Errorf("register code: %w", err)
		}
		if tag.RowsAffected() == 1 {
			return code, nil
		}
	}
}

const (
	insertToken     = `INSERT INTO tokens (hash, station) VALUES ($1, $2)`
	selectToken     = `SELECT station FROM tokens WHERE hash = $1 AND revoked_at IS NULL`
	countTokens     = `SELECT count(*) FROM tokens WHERE station = $1 AND revoked_at IS NULL`
	revokeTokens    = `UPDATE tokens SET revoked_at = now() WHERE station = $1 AND revoked_at IS NULL`
	upsertHeartbeat = `INSERT INTO heartbeats (station, seen_at) VALUES ($1, $2)
ON CONFLICT (station) DO UPDATE SET seen_at = greatest(heartbeats.seen_at, excluded.seen_at)`
)

// Enrol makes a token for a station, or with an empty station for an
// administrator. Only its hash is kept: the token is shown once.
func (s *Store) Enrol(ctx context.Context, station custody.StationID) (token string, err error) {
	token = rand.Text() + rand.Text()
	if _, err := s.pool.Exec(ctx, insertToken, hash(token), station); err != nil {
		return "", fmt.Errorf("enrol station %q: %w", station, err)
	}
	return token, nil
}

// Enrolled reports whether the station has a token.
func (s *Store) Enrolled(ctx context.Context, station custody.StationID) (bool, error) {
	var n int
	if err := s.pool.QueryRow(ctx, countTokens, station).Scan(&n); err != nil {
		return false, fmt.Errorf("look for tokens of %q: %w", station, err)
	}
	return n > 0, nil
}

// Revoke makes every token of the station worthless.
func (s *Store) Revoke(ctx context.Context, station custody.StationID) error {
	if _, err := s.pool.Exec(ctx, revokeTokens, station); err != nil {
		return fmt.Errorf("revoke tokens of %q: %w", station, err)
	}
	return nil
}

// Authenticate returns the station a token belongs to, empty for an
// administrator; custody.ErrNotFound.
func (s *Store) Authenticate(ctx context.Context, token string) (custody.StationID, error) {
	var station custody.StationID
	if err := s.pool.QueryRow(ctx, selectToken, hash(token)).Scan(&station); err != nil {
		return "", fmt.Errorf("authenticate: %w", notFound(err))
	}
	return station, nil
}

// hash needs no salt: tokens are random, not chosen.
func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Fingerprint names a token in a log without giving it away.
func Fingerprint(token string) string { return hex.EncodeToString(hash(token)[:4]) }

// Heartbeat notes that a station was heard of.
func (s *Store) Heartbeat(ctx context.Context, station custody.StationID, at time.Time) error {
	if _, err := s.pool.Exec(ctx, upsertHeartbeat, station, at); err != nil {
		return fmt.Errorf("note heartbeat of %s: %w", station, err)
	}
	return nil
}
