// Package ledger remembers: stored commands, entries, positions, the feed, and
// the office's reference data, in PostgreSQL.
//
// A Store is safe for concurrent use. Every method is one statement or one
// transaction; whoever is told of success can rely on it after any crash.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"harkara/internal/custody"
)

// Store is the ledger of one office.
type Store struct {
	pool    *pgxpool.Pool
	bell    *bell
	put     *batcher[custody.Command, custody.Receipt]
	offices officeCache
}

// connections is how many a Store keeps at most.
const connections = 24

// Open connects as the program's role. The schema must be there: see Migrate.
func Open(ctx context.Context, url string, log *slog.Logger) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read ledger's address: %w", err)
	}
	cfg.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	s := &Store{pool: pool}
	s.bell = newBell(pool, s.settle, log)
	s.put = newBatcher(s.store)
	return s, nil
}

// Close waits for what is under way and disconnects.
func (s *Store) Close() {
	s.put.close()
	s.bell.close()
	s.pool.Close()
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// Watch returns a channel that receives after every change, several at once
// where they come fast, in this process or another. Call stop when done.
func (s *Store) Watch() (changed <-chan struct{}, stop func()) { return s.bell.watch() }

// timeout bounds one statement or transaction.
const timeout = 10 * time.Second

// inTx runs f in one transaction.
func (s *Store) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return pgx.BeginFunc(ctx, s.pool, f)
}

// notFound turns an empty result into custody.ErrNotFound.
func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return custody.ErrNotFound
	}
	return err
}

// poison reports whether the database refused the data itself, which no retry
// mends, rather than being away, full or overloaded.
func poison(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code[:2] == "22" || pg.Code[:2] == "23")
}
