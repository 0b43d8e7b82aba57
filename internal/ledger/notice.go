package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	selectPending = `SELECT body FROM notices WHERE state = 'pending' ORDER BY created_at LIMIT $1`
	markStarted   = `UPDATE notices SET state = 'started', changed_at = now() WHERE key = ANY ($1) AND state = 'pending'`
	markDelivered = `UPDATE notices SET state = 'delivered', changed_at = now() WHERE key = $1 AND state <> 'delivered'`
	selectNotices = `SELECT body, state FROM notices WHERE code = $1 ORDER BY created_at`
)

// PendingNotices returns notices that no workflow carries yet, oldest first.
func (s *Store) PendingNotices(ctx context.Context, limit int) ([]custody.Notice, error) {
	rows, err := s.pool.Query(ctx, selectPending, limit)
	if err != nil {
		return nil, fmt.Errorf("read pending notices: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[custody.Notice])
}

// NoticesStarted notes that workflows carry these notices.
func (s *Store) NoticesStarted(ctx context.Context, keys []string) error {
	if _, err := s.pool.Exec(ctx, markStarted, keys); err != nil {
		return fmt.Errorf("note started notices: %w", err)
	}
	return nil
}

// Deliver shows a notice on the screens: the delivery every office has. Again is
// the same.
func (s *Store) Deliver(ctx context.Context, n custody.Notice) error {
	if _, err := s.pool.Exec(ctx, markDelivered, n.Key); err != nil {
		return fmt.Errorf("deliver notice %s: %w", n.Key, err)
	}
	s.bell.ring()
	return nil
}

// Told is a notice with what became of it.
type Told struct {
	Notice custody.Notice
	State  string
}

// Notices returns a file's notices, oldest first.
func (s *Store) Notices(ctx context.Context, code label.Code) ([]Told, error) {
	rows, err := s.pool.Query(ctx, selectNotices, code)
	if err != nil {
		return nil, fmt.Errorf("read notices of %s: %w", code, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Told])
}
