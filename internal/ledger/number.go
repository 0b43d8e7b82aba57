package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	// Whoever gives files one number takes turns: what the second is told of the
	// first is true when it stores. Two keys of one hash wait for nothing but time.
	lockNumber = `SELECT pg_advisory_xact_lock(hashtextextended($1, 6))`
	// A command that is stored was asked before; the label of a file that exists is
	// for that file to refuse.
	numberTaken = `
SELECT EXISTS (SELECT FROM numbers WHERE key = $1 AND file <> COALESCE((SELECT file FROM covers WHERE code = $2), $2))
   AND NOT EXISTS (SELECT FROM inbox WHERE id = $3)`
	letNumbersGo = `DELETE FROM numbers WHERE command = ANY ($1::uuid[])`
	// Of a file that is not decided yet there is what its command says.
	selectNumbered = `
SELECT n.file, COALESCE(f.number, i.texts->>'number'), CASE WHEN COALESCE(f.class, '') = '' THEN COALESCE(f.subject, i.texts->>'subject', '') ELSE '' END,
       COALESCE(f.department, i.body::jsonb->'with'->>'department', ''), COALESCE(f.opened_at, i.received_at), COALESCE(f.class, ''),
       COALESCE(f.position, '{}'), q.last - q.done - q.wakes, q.stuck, '{}'::text[]
FROM (SELECT DISTINCT ON (m.file) m.file, m.command FROM numbers m JOIN inbox b ON b.id = m.command WHERE m.key = $1 ORDER BY m.file, b.seq) n
JOIN queues q ON q.code = n.file JOIN inbox i ON i.id = n.command LEFT JOIN files f ON f.code = n.file AND f.revision > 0
ORDER BY f.final IS NOT NULL, i.received_at DESC, n.file LIMIT 20`
	selectAlike = `SELECT ` + rowColumns + ` FROM files f JOIN queues q USING (code)
WHERE md5(f.subject) = md5($1) AND f.class = '' AND f.department = $2 AND f.revision > 0 ORDER BY f.opened_at DESC, f.code LIMIT 50`
)

// PutNamed is Put in a lane for one command that gives a file its number, unless another
// file has that: then nothing is stored and the error is a custody.NumberTaken, which
// names them, the open ones first. It is stored all the same where the command says so.
// Of two that come at the same moment one is the first.
func (s *Store) PutNamed(ctx context.Context, c custody.Command, lane custody.Lane) (custody.Receipt, error) {
	if err := c.Validate(); err != nil {
		return custody.Receipt{}, fmt.Errorf("store command %s: %w", c.ID, err)
	}
	s.bell.put.storing([]custody.Command{c})
	receipt, err := s.putNamed(ctx, putting{c, lane})
	var taken custody.NumberTaken
	switch {
	case errors.As(err, &taken):
		return custody.Receipt{}, fmt.Errorf("store command %s: %w", c.ID, err)
	case err != nil:
		return custody.Receipt{}, notStored(err)
	}
	s.bell.put.stored([]custody.Receipt{receipt})
	s.bell.ring(false)
	return receipt, nil
}

func (s *Store) putNamed(ctx context.Context, c putting) (custody.Receipt, error) {
	columns := newStoring([]putting{c})
	var put stored
	err := persist(ctx, s.patience, func() error {
		return s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			if err := claimable(ctx, tx, c.Command); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, storeCommands, columns.args()...)
			if err == nil {
				put, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[stored])
			}
			return err
		})
	})
	if err != nil {
		return custody.Receipt{}, err
	}
	if !put.Same {
		err = s.draw(ctx, c.Command, custody.ErrReused.Error())
	}
	return custody.Receipt{ID: c.ID, Seq: put.Seq, Repeated: put.Repeated, Reused: !put.Same}, err
}

// claimable waits for its turn with a number and says whether a command may give it.
func claimable(ctx context.Context, tx pgx.Tx, c custody.Command) error {
	number, anyway := c.Names()
	key := custody.KeyOf(typed(number))
	if key == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, lockNumber, key); err != nil || anyway {
		return err
	}
	var taken bool
	if err := tx.QueryRow(ctx, numberTaken, key, c.Code, c.ID).Scan(&taken); err != nil || !taken {
		return err
	}
	rows, err := tx.Query(ctx, selectNumbered, key)
	if err != nil {
		return err
	}
	files, err := pgx.CollectRows(rows, toRow)
	if err != nil {
		return err
	}
	return custody.NumberTaken{Files: files}
}

// Numbered returns the files that have a number, the open ones first; one that is stored
// and not decided yet has no position.
func (s *Store) Numbered(ctx context.Context, number string) ([]custody.Row, error) {
	rows, err := collect(ctx, s, toRow, selectNumbered, custody.KeyOf(typed(number)))
	if err != nil {
		return nil, fmt.Errorf("look for a number: %w", err)
	}
	return rows, nil
}

// Alike returns the newest files of one subject in one department, open or closed.
func (s *Store) Alike(ctx context.Context, subject string, department custody.DepartmentID) ([]custody.Row, error) {
	rows, err := collect(ctx, s, toRow, selectAlike, subject, department)
	if err != nil {
		return nil, fmt.Errorf("look for a subject: %w", err)
	}
	return rows, nil
}
