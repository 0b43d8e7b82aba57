package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	selectUnwoken = `
SELECT f.position FROM files f JOIN queues q USING (code)
WHERE q.wake < now() - $1::interval AND f.final IS NULL AND q.wakes = 0 AND NOT q.stuck ORDER BY q.wake LIMIT $2`
	selectStanding = `
SELECT i.id::text, q.stuck_at, f.position FROM queues q JOIN files f USING (code) JOIN inbox i ON i.code = q.code AND i.seq = q.done + 1
WHERE q.stuck AND q.told_at IS NULL AND q.stuck_at < now() - $1::interval AND f.position IS NOT NULL ORDER BY q.stuck_at LIMIT $2`
	markTold = `
UPDATE queues q SET told_at = now() FROM inbox i
WHERE i.id = $1 AND i.state = 'quarantined' AND q.code = i.code AND q.told_at IS NULL RETURNING q.code`
)

// Unwoken returns positions of open files whose rung is past its time, and for which no
// wake waits, those that slept longest first.
func (s *Store) Unwoken(ctx context.Context, past time.Duration, limit int) ([]custody.Position, error) {
	list, err := collect(ctx, s, pgx.RowTo[custody.Position], selectUnwoken, past, limit)
	if err != nil {
		return nil, fmt.Errorf("read overdue files: %w", err)
	}
	return list, nil
}

// Standing is a file whose queue waits behind a quarantined command.
type Standing struct {
	Command  custody.CommandID
	Since    time.Time // it is quarantined
	Position custody.Position
}

// Standing returns files whose queues have stood for a while, of which nobody was told
// yet, the oldest first.
func (s *Store) Standing(ctx context.Context, past time.Duration, limit int) ([]Standing, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Standing], selectStanding, past, limit)
	if err != nil {
		return nil, fmt.Errorf("read standing queues: %w", err)
	}
	return list, nil
}

// TellStanding puts notices of a standing queue on the screens, once however often it
// is asked.
func (s *Store) TellStanding(ctx context.Context, id custody.CommandID, notices []custody.Notice) error {
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, markTold, id)
		if err != nil {
			return err
		}
		codes, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(codes) == 0 {
			return err
		}
		keys, of := make([]string, len(notices)), make([]string, len(notices))
		for i, n := range notices {
			keys[i], of[i] = n.Key, codes[0]
		}
		_, err = tx.Exec(ctx, insertNotices, keys, of, notices)
		return err
	})
	if err != nil {
		return fmt.Errorf("tell of standing command %s: %w", id, err)
	}
	s.bell.ring(false)
	return nil
}
