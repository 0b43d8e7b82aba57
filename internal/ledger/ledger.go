// Package ledger remembers: stored commands, entries, positions, the feed, and
// the office's reference data, in PostgreSQL.
//
// A Store is safe for concurrent use. Every method is one statement or one
// transaction; whoever is told of success can rely on it after any crash. A
// method whose answer was lost may be called again with the same arguments.
package ledger

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"harkara/internal/custody"
)

// Store is the ledger of one office.
type Store struct {
	pool        *pgxpool.Pool
	bell        *bell
	puts        *batcher[putting, custody.Receipt]
	commits     *batcher[custody.Outcome, error]
	offices     officeCache
	contents    custody.Shelf
	seal        atomic.Pointer[ed25519.PrivateKey] // the office's, once it was read
	incarnation atomic.Int64                       // that this program runs, or speaks with
	patience    time.Duration                      // how long a database that is coming back is waited for

	stretching chan struct{} // full while so many codes are judged
	stretch    func(secret string, salt []byte) []byte
}

const (
	connections = 24               // that a Store keeps at most
	timeout     = 10 * time.Second // of one statement or transaction
	patience    = 3 * time.Second  // a PostgreSQL that was killed is back within one
)

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
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Store{pool: pool, patience: patience, stretching: make(chan struct{}, stretchesAtOnce), stretch: stretch}
	s.bell = newBell(pool, s.answers, log, pollEvery)
	s.puts = newBatcher(s.store)
	s.commits = newBatcher(s.commit)
	return s, nil
}

// Close waits for what is under way and disconnects.
func (s *Store) Close() {
	s.puts.close()
	s.commits.close()
	s.bell.close()
	s.pool.Close()
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return s.pool.Ping(ctx)
}

// inTx runs f in one transaction.
func (s *Store) inTx(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return again(ctx, func() error {
		return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return f(ctx, tx) })
	})
}

// exec runs one statement and returns how many rows it touched.
func (s *Store) exec(ctx context.Context, statement string, args ...any) (rows int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err = again(ctx, func() error {
		tag, err := s.pool.Exec(ctx, statement, args...)
		rows = tag.RowsAffected()
		return err
	})
	return rows, err
}

// collect runs one statement and returns its rows.
func collect[T any](ctx context.Context, s *Store, to pgx.RowToFunc[T], statement string, args ...any) (list []T, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err = again(ctx, func() error {
		rows, err := s.pool.Query(ctx, statement, args...)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, to)
		return err
	})
	return list, err
}

const hasten = `SELECT set_config('synchronous_commit', 'off', true)`

// relaxed is collect for what a crash of the database may undo: it does not wait
// for the disk. The setting ends with the transaction that both statements are.
func relaxed[T any](ctx context.Context, s *Store, to pgx.RowToFunc[T], statement string, args ...any) (list []T, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err = again(ctx, func() error {
		var b pgx.Batch
		b.Queue(hasten)
		b.Queue(statement, args...).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, to)
			return err
		})
		return s.pool.SendBatch(ctx, &b).Close()
	})
	return list, err
}

// one runs a statement that gives one row; custody.ErrNotFound without it.
func one[T any](ctx context.Context, s *Store, to pgx.RowToFunc[T], statement string, args ...any) (T, error) {
	list, err := collect(ctx, s, to, statement, args...)
	if err == nil && len(list) == 0 {
		err = custody.ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return list[0], nil
}
