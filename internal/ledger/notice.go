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

// Delivery is how far a notice has come.
type Delivery string

// The states of a delivery.
const (
	Pending     Delivery = "pending"     // it leaves the house, and no workflow carries it yet
	Delivering  Delivery = "delivering"  // one does
	Delivered   Delivery = "delivered"   // its channel took it; the screen has it with the entry
	Failed      Delivery = "failed"      // its channel will never take it
	Unconfirmed Delivery = "unconfirmed" // its channel may have taken it: it is not sent twice
)

const (
	selectPending = `SELECT body FROM notices WHERE state = 'pending' AND ` + whileMade + `$2) ORDER BY created_at LIMIT $1`
	startNotices  = `UPDATE notices SET state = 'delivering', changed_at = now() WHERE key = ANY ($1) AND state = 'pending'`
	settleNotice  = `
UPDATE notices SET state = $2, detail = $3, changed_at = now()
WHERE key = $1 AND state <> 'delivered' AND state <> $2 RETURNING code`
	selectTold = `
SELECT n.body, n.state, n.detail, n.changed_at, f.number, f.class FROM notices n JOIN files f USING (code)
WHERE n.body->>'post' = ANY ($1) AND n.state = 'delivered' ORDER BY n.changed_at DESC, n.key LIMIT $2`
	selectToldTo = `
SELECT n.body, n.state, n.detail, n.changed_at, f.number, f.class
FROM unnest($1::text[]) AS o (officer), LATERAL (
    SELECT key, code, body, state, detail, changed_at FROM notices
    WHERE body->>'officer' = o.officer AND state = 'delivered' ORDER BY changed_at DESC LIMIT $2
) n JOIN files f USING (code) ORDER BY n.changed_at DESC, n.key`
	selectUntold = `
SELECT n.body, n.state, n.detail, n.changed_at, f.number, f.class FROM notices n JOIN files f USING (code)
WHERE n.state IN ('failed', 'unconfirmed') ORDER BY n.changed_at DESC, n.key LIMIT $1`
)

// PendingNotices returns notices that no workflow carries yet, oldest first. Two
// callers may get the same: a workflow's id is the notice's key. A program of another
// incarnation than the present one is given none.
func (s *Store) PendingNotices(ctx context.Context, limit int) ([]custody.Notice, error) {
	list, err := collect(ctx, s, pgx.RowTo[custody.Notice], selectPending, limit, s.incarnation.Load())
	if err != nil {
		return nil, fmt.Errorf("read pending notices: %w", err)
	}
	return list, nil
}

// NoticesStarted notes that workflows carry these notices.
func (s *Store) NoticesStarted(ctx context.Context, keys []string) error {
	if _, err := s.exec(ctx, startNotices, keys); err != nil {
		return fmt.Errorf("note started notices: %w", err)
	}
	return nil
}

// SettleNotice notes what became of a delivery, and what the channel said, and
// puts it on the feed. A delivered notice stays delivered. custody.ErrIncarnation where
// another incarnation than the present one says so.
func (s *Store) SettleNotice(ctx context.Context, in custody.Incarnation, key string, state Delivery, detail string) error {
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := current(ctx, tx, in); err != nil {
			return err
		}
		var code label.Code
		err := tx.QueryRow(ctx, settleNotice, key, state, detail).Scan(&code)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return tell(ctx, tx, code, custody.Told)
	})
	if err != nil {
		return fmt.Errorf("settle notice %s: %w", key, err)
	}
	s.bell.ring(false)
	return nil
}

// Told is a notice with what became of it.
type Told struct {
	Notice  custody.Notice
	State   Delivery
	Detail  string
	Changed time.Time
	Number  string // of the file it is about
	Class   custody.Class
}

// Told returns what was delivered to any of the posts, newest first.
func (s *Store) Told(ctx context.Context, posts []custody.PostID, limit int) ([]Told, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Told], selectTold, posts, limit)
	if err != nil {
		return nil, fmt.Errorf("read notices to %v: %w", posts, err)
	}
	return list, nil
}

// ToldTo returns what was delivered to officers, in whatever posts they were, up to limit
// to each, newest first.
func (s *Store) ToldTo(ctx context.Context, officers []custody.OfficerID, limit int) ([]Told, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Told], selectToldTo, officers, limit)
	if err != nil {
		return nil, fmt.Errorf("read notices to officers: %w", err)
	}
	return list, nil
}

// Untold returns notices that a channel would not take, or may have taken without
// saying so, newest first. Nobody sends them again.
func (s *Store) Untold(ctx context.Context, limit int) ([]Told, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Told], selectUntold, limit)
	if err != nil {
		return nil, fmt.Errorf("read unconfirmed notices: %w", err)
	}
	return list, nil
}
