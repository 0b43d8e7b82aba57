package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	insertToken     = `INSERT INTO tokens (hash, station) VALUES ($1, $2)`
	selectToken     = `SELECT station FROM tokens WHERE hash = $1 AND revoked_at IS NULL`
	revokeTokens    = `UPDATE tokens SET revoked_at = now() WHERE station = $1 AND revoked_at IS NULL`
	upsertHeartbeat = `
INSERT INTO heartbeats (station, seen_at) VALUES ($1, $2)
ON CONFLICT (station) DO UPDATE SET seen_at = greatest(heartbeats.seen_at, excluded.seen_at)`
	selectHeartbeats = `SELECT station, seen_at FROM heartbeats`
)

// Enrol makes a token for a station. Only its hash is kept: the token is shown once.
func (s *Store) Enrol(ctx context.Context, station custody.StationID) (token string, err error) {
	token = rand.Text() + rand.Text() // 260 random bits
	if _, err := s.exec(ctx, insertToken, hash(token), station); err != nil {
		return "", fmt.Errorf("enrol station %q: %w", station, err)
	}
	return token, nil
}

// Revoke makes every token of the station worthless.
func (s *Store) Revoke(ctx context.Context, station custody.StationID) error {
	if _, err := s.exec(ctx, revokeTokens, station); err != nil {
		return fmt.Errorf("revoke tokens of %q: %w", station, err)
	}
	return nil
}

// Authenticate returns the station a token belongs to; custody.ErrNotFound.
func (s *Store) Authenticate(ctx context.Context, token string) (custody.StationID, error) {
	station, err := one(ctx, s, pgx.RowTo[custody.StationID], selectToken, hash(token))
	if err != nil {
		return "", fmt.Errorf("authenticate %s: %w", Fingerprint(token), err)
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

// Heartbeat notes that a station was heard of; an older instant changes nothing.
func (s *Store) Heartbeat(ctx context.Context, station custody.StationID, at time.Time) error {
	if _, err := s.exec(ctx, upsertHeartbeat, station, at); err != nil {
		return fmt.Errorf("note heartbeat of %s: %w", station, err)
	}
	return nil
}

// Heartbeats returns when each station was last heard of.
func (s *Store) Heartbeats(ctx context.Context) (map[custody.StationID]time.Time, error) {
	type heartbeat struct {
		Station custody.StationID
		At      time.Time
	}
	list, err := collect(ctx, s, pgx.RowToStructByPos[heartbeat], selectHeartbeats)
	if err != nil {
		return nil, fmt.Errorf("read heartbeats: %w", err)
	}
	seen := make(map[custody.StationID]time.Time, len(list))
	for _, h := range list {
		seen[h.Station] = h.At
	}
	return seen, nil
}
