package ledger

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	insertSeed  = `INSERT INTO office_key (seed) VALUES ($1) ON CONFLICT DO NOTHING`
	selectSeed  = `SELECT seed FROM office_key`
	insertEpoch = `INSERT INTO epochs (reason) VALUES ($1)`
	selectEpoch = `SELECT epoch::text FROM epochs ORDER BY id DESC LIMIT 1`
	// A dump restored into a new cluster has another identifier, one that recovered
	// to a point in time or was promoted another timeline.
	selectCluster = `SELECT system_identifier || '/' || timeline_id FROM pg_control_system(), pg_control_checkpoint()`
)

// OfficeKey returns the key by which stations know the office. The first call of
// an office's life makes it.
func (s *Store) OfficeKey(ctx context.Context) (ed25519.PublicKey, error) {
	key, err := s.key(ctx)
	if err != nil {
		return nil, err
	}
	return key.Public().(ed25519.PublicKey), nil
}

// Sign signs a message as the office.
func (s *Store) Sign(ctx context.Context, message []byte) ([]byte, error) {
	key, err := s.key(ctx)
	if err != nil {
		return nil, err
	}
	return ed25519.Sign(key, message), nil
}

// key never changes once it is there, so it is read once.
func (s *Store) key(ctx context.Context) (ed25519.PrivateKey, error) {
	if key := s.seal.Load(); key != nil {
		return *key, nil
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return nil, fmt.Errorf("draw office key: %w", err)
	}
	if _, err := s.exec(ctx, insertSeed, seed); err != nil {
		return nil, fmt.Errorf("make office key: %w", err)
	}
	seed, err := one(ctx, s, pgx.RowTo[[]byte], selectSeed)
	if err != nil {
		return nil, fmt.Errorf("read office key: %w", err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	s.seal.Store(&key)
	return key, nil
}

// Epoch names this life of the ledger. It is another after a restore: by itself
// where the database's cluster or timeline is another, and whenever BeginEpoch was
// called.
func (s *Store) Epoch(ctx context.Context) (string, error) {
	epoch, err := one(ctx, s, pgx.RowTo[string], selectEpoch)
	if err != nil {
		return "", fmt.Errorf("read epoch: %w", err)
	}
	cluster, err := one(ctx, s, pgx.RowTo[string], selectCluster)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" { // a database that hides what it is
		cluster, err = "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read epoch: %w", err)
	}
	sum := sha256.Sum256([]byte(epoch + "/" + cluster))
	return hex.EncodeToString(sum[:8]), nil
}

// BeginEpoch says that this ledger is not what it was: it was restored. Stations
// then send again what they have kept.
func (s *Store) BeginEpoch(ctx context.Context, reason string) error {
	if _, err := s.exec(ctx, insertEpoch, reason); err != nil {
		return fmt.Errorf("begin epoch: %w", err)
	}
	return nil
}
