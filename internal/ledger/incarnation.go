package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Incarnation is the newest of an office: where its workflows live, and how far they are
// made again.
type Incarnation struct {
	Number   custody.Incarnation
	Temporal string // id of their namespace; empty: nobody has joined it yet
	Began    time.Time
	After    label.Code // of one under way: codes up to it are done with
	Made     int        // workflows
	Ended    bool       // all are made; until then nothing is decided
}

const (
	selectIncarnation = `SELECT number, temporal, began_at, after, made, ended_at IS NOT NULL FROM incarnations ORDER BY number DESC LIMIT 1`
	// Whose transaction has read the number ends it before another incarnation begins, and
	// whoever reads it after that sees the new one.
	lockIncarnations = `LOCK TABLE incarnations IN ACCESS EXCLUSIVE MODE`
	beginIncarnation = `INSERT INTO incarnations (number, temporal) VALUES ($1, $2)`
	joinIncarnation  = `UPDATE incarnations SET temporal = $1 WHERE temporal = ''`
	moveIncarnation  = `UPDATE incarnations SET after = $2, made = made + $3, ended_at = CASE WHEN $4 THEN now() END WHERE number = $1 AND number = (SELECT max(number) FROM incarnations) AND ended_at IS NULL`
	loseDeliveries   = `UPDATE notices SET state = 'unconfirmed', detail = $1, changed_at = now() WHERE state = 'delivering' RETURNING code, changed_at`
	selectCurrent    = `SELECT max(number) FROM incarnations`
	selectUnopen     = `SELECT c FROM unnest($1::text[]) c WHERE NOT EXISTS (SELECT FROM files WHERE code = c AND revision > 0 AND final IS NULL) ORDER BY c`
	countOpen        = `SELECT count(*) FROM files WHERE revision > 0 AND final IS NULL`
	// It is followed by a parameter and ")": that incarnation is the newest, and made.
	whileMade = `EXISTS (SELECT FROM incarnations m WHERE m.ended_at IS NOT NULL AND m.number = (SELECT max(number) FROM incarnations) AND m.number = `
)

// Rebuilt is the detail of notices whose delivery was lost with a workflow.
const Rebuilt = "rebuilt"

func scanIncarnation(r pgx.CollectableRow) (i Incarnation, err error) {
	return i, r.Scan(&i.Number, &i.Temporal, &i.Began, &i.After, &i.Made, &i.Ended)
}

// Incarnation returns the newest.
func (s *Store) Incarnation(ctx context.Context) (Incarnation, error) {
	i, err := one(ctx, s, scanIncarnation, selectIncarnation)
	if err != nil {
		return Incarnation{}, fmt.Errorf("read incarnation: %w", err)
	}
	return i, nil
}

// Current returns custody.ErrIncarnation unless an incarnation is the newest.
func (s *Store) Current(ctx context.Context, in custody.Incarnation) error {
	newest, err := one(ctx, s, pgx.RowTo[custody.Incarnation], selectCurrent)
	if err != nil {
		return fmt.Errorf("read incarnation: %w", err)
	}
	return newestIs(newest, in)
}

// current is Current in a transaction, until whose end that stays so.
func current(ctx context.Context, tx pgx.Tx, in custody.Incarnation) error {
	var newest custody.Incarnation
	if err := tx.QueryRow(ctx, selectCurrent).Scan(&newest); err != nil {
		return fmt.Errorf("read incarnation: %w", err)
	}
	return newestIs(newest, in)
}

func newestIs(newest, in custody.Incarnation) error {
	if in != newest {
		return fmt.Errorf("incarnation %d, the office's is %d: %w", in, newest, custody.ErrIncarnation)
	}
	return nil
}

// Why a program does not join an office.
var (
	// ErrElsewhere: the office's workflows live in another Temporal than this one, as when
	// that was lost and begun anew.
	ErrElsewhere = errors.New("the office's workflows are not in this Temporal")
	// ErrHalfMade: they are being made again, or that was interrupted.
	ErrHalfMade = errors.New("the office's workflows are being made again")
)

// Join makes this store one of the newest incarnation, for the Temporal whose namespace
// has an id: what it leases is that one's to decide. The first who joins an office says
// where its workflows live. Errors: ErrElsewhere, ErrHalfMade.
func (s *Store) Join(ctx context.Context, temporal string) (Incarnation, error) {
	i, err := s.Incarnation(ctx)
	if err == nil && i.Temporal == "" {
		if _, err = s.exec(ctx, joinIncarnation, temporal); err == nil {
			i, err = s.Incarnation(ctx)
		}
	}
	switch {
	case err != nil:
		return i, fmt.Errorf("join incarnation: %w", err)
	case i.Temporal != temporal:
		return i, fmt.Errorf("join incarnation %d in namespace %s: %w", i.Number, temporal, ErrElsewhere)
	case !i.Ended:
		return i, fmt.Errorf("join incarnation %d: %w", i.Number, ErrHalfMade)
	}
	s.incarnation.Store(int64(i.Number))
	return i, nil
}

// Reincarnate begins another incarnation in a Temporal, or goes on with the one that is
// being made there, which it returns. From then on whatever workflows of earlier ones say
// is refused; deliveries that they had under way are unconfirmed.
func (s *Store) Reincarnate(ctx context.Context, temporal string) (i Incarnation, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockIncarnations); err != nil {
			return err
		}
		if i, err = newestIncarnation(ctx, tx); err != nil || i.Temporal == temporal && !i.Ended {
			return err
		}
		if _, err := tx.Exec(ctx, beginIncarnation, i.Number+1, temporal); err != nil {
			return err
		}
		if i, err = newestIncarnation(ctx, tx); err != nil {
			return err
		}
		return lose(ctx, tx)
	})
	if err != nil {
		return Incarnation{}, fmt.Errorf("begin incarnation in namespace %s: %w", temporal, err)
	}
	s.incarnation.Store(int64(i.Number))
	s.bell.ring(true)
	return i, nil
}

func newestIncarnation(ctx context.Context, tx pgx.Tx) (Incarnation, error) {
	rows, err := tx.Query(ctx, selectIncarnation)
	if err != nil {
		return Incarnation{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanIncarnation)
}

// lose makes deliveries under way unconfirmed: a channel may have taken them.
func lose(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, loseDeliveries, Rebuilt)
	if err != nil {
		return err
	}
	var codes, reasons []string
	var at []time.Time
	var code string
	var changed time.Time
	_, err = pgx.ForEachRow(rows, []any{&code, &changed}, func() error {
		codes, at, reasons = append(codes, code), append(at, changed), append(reasons, string(custody.Told))
		return nil
	})
	if err != nil || len(codes) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, appendFeed, codes, at, reasons)
	return err
}

// Remade notes that of an incarnation under way the workflows up to a code are made, so
// many more; ended: all are, and the office goes on.
func (s *Store) Remade(ctx context.Context, in custody.Incarnation, after label.Code, made int, ended bool) error {
	n, err := s.exec(ctx, moveIncarnation, in, after, made, ended)
	if err == nil && n == 0 {
		err = custody.ErrIncarnation
	}
	if err != nil {
		return fmt.Errorf("note progress of incarnation %d: %w", in, err)
	}
	s.bell.ring(true)
	return nil
}

// Unopen returns those of some codes that no open file has.
func (s *Store) Unopen(ctx context.Context, codes []label.Code) ([]label.Code, error) {
	list, err := collect(ctx, s, pgx.RowTo[label.Code], selectUnopen, codes)
	if err != nil {
		return nil, fmt.Errorf("look for open files: %w", err)
	}
	return list, nil
}

// CountOpen is how many files are open.
func (s *Store) CountOpen(ctx context.Context) (int, error) {
	n, err := one(ctx, s, pgx.RowTo[int], countOpen)
	if err != nil {
		return 0, fmt.Errorf("count open files: %w", err)
	}
	return n, nil
}
