package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Stuck is a quarantined command.
type Stuck struct {
	ID       custody.CommandID
	Code     label.Code
	Received time.Time
	Attempts int
	Error    string
}

const (
	selectStuck = `SELECT id::text, code, received_at, attempts, COALESCE(error, '') FROM inbox WHERE state = 'quarantined' ORDER BY received_at`
	unstick     = `
WITH freed AS (
    UPDATE inbox SET state = 'stored', attempts = 0, resolved = COALESCE($2, resolved)
    WHERE id = $1 AND state = 'quarantined' RETURNING code
)
UPDATE queues q SET stuck = false, not_before = '-infinity' FROM freed WHERE q.code = freed.code`
	insertAudit   = `INSERT INTO audit (who, act, command, reason) VALUES ($1, $2, $3, $4)`
	selectCommand = `SELECT body, seq, received_at FROM inbox WHERE id = $1 AND state = 'quarantined'`
)

// Quarantined returns every command that waits for a person, oldest first.
func (s *Store) Quarantined(ctx context.Context) ([]Stuck, error) {
	rows, err := s.pool.Query(ctx, selectStuck)
	if err != nil {
		return nil, fmt.Errorf("read quarantine: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Stuck])
}

// Retry lets a quarantined command be tried again; who and why are kept.
func (s *Store) Retry(ctx context.Context, id custody.CommandID, who, reason string) error {
	return s.free(ctx, id, "retry", who, reason, func(pgx.Tx) ([]byte, error) { return nil, nil })
}

// Void sets a quarantined command aside. It still takes its turn, so that the
// file's numbering stays whole, and its chain says who voided it and why.
func (s *Store) Void(ctx context.Context, id custody.CommandID, who, reason string) error {
	return s.free(ctx, id, "void", who, reason, func(tx pgx.Tx) ([]byte, error) {
		var body string
		r := custody.Resolved{Void: &custody.Void{Who: who, Reason: reason}}
		if err := tx.QueryRow(ctx, selectCommand, id).Scan(&body, &r.Seq, &r.Received); err != nil {
			return nil, err
		}
		var err error
		if r.Command, err = custody.ParseCommand([]byte(body)); err != nil {
			return nil, err
		}
		return json.Marshal(r)
	})
}

func (s *Store) free(ctx context.Context, id custody.CommandID, act, who, reason string, form func(pgx.Tx) ([]byte, error)) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		resolved, err := form(tx)
		if err != nil {
			return err
		}
		var text *string
		if resolved != nil {
			t := string(resolved)
			text = &t
		}
		tag, err := tx.Exec(ctx, unstick, id, text)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return pgx.ErrNoRows
		}
		_, err = tx.Exec(ctx, insertAudit, who, act, id, reason)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s command %s: %w", act, id, notFound(err))
	}
	s.bell.ring()
	return nil
}
