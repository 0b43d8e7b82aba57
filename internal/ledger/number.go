package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	// Whoever opens files of one number takes turns: what the second is told of the
	// first is true when it stores. Two keys of one hash wait for nothing but time.
	lockNumber = `SELECT pg_advisory_xact_lock(hashtextextended($1, 6))`
	// A command that is stored was asked before; the label of a file that exists is
	// for that file to refuse.
	numberTaken = `
SELECT EXISTS (SELECT FROM numbers WHERE key = $1 AND file <> $2) AND NOT EXISTS (SELECT FROM inbox WHERE id = $3)`
	claimNumber = `
INSERT INTO numbers (key, file, command) SELECT $1, code, id FROM inbox WHERE id = $2
ON CONFLICT (key, file) DO NOTHING`
	letNumbersGo = `DELETE FROM numbers WHERE command = ANY ($1::uuid[])`
	enterNumbers = `
INSERT INTO numbers (key, file, command)
SELECT n.key, n.file, i.id FROM unnest($1::text[], $2::text[], $3::uuid[]) AS n (key, file, command) JOIN inbox i ON i.id = n.command
ON CONFLICT (key, file) DO NOTHING`
	// Of a file that is not decided yet there is what its command says.
	selectNumbered = `
SELECT n.file, COALESCE(f.number, b.opening->>'number'), COALESCE(f.subject, b.opening->>'subject', ''), COALESCE(f.department, b.opening->>'department'),
       COALESCE(f.opened_at, i.received_at), COALESCE(f.position, '{}'), q.last - q.done - q.wakes, q.stuck, '{}'::text[]
FROM numbers n JOIN queues q ON q.code = n.file JOIN inbox i ON i.id = n.command LEFT JOIN files f ON f.code = n.file AND f.revision > 0,
     LATERAL (SELECT replace(i.body, '\u0000', '\ufffd')::jsonb->'opening' AS opening) b
WHERE n.key = $1 ORDER BY f.final IS NOT NULL, i.received_at DESC, n.file LIMIT 20`
	selectAlike = `SELECT ` + rowColumns + ` FROM files f JOIN queues q USING (code)
WHERE md5(f.subject) = md5($1) AND f.department = $2 AND f.revision > 0 ORDER BY f.opened_at DESC, f.code LIMIT 50`
)

// Open is Put in a lane for one command that opens a file, unless another file has its number:
// then nothing is stored and the error is a custody.NumberTaken, which names them, the
// open ones first. It is stored all the same where the opening says so. Of two that come
// at the same moment one is the first.
func (s *Store) Open(ctx context.Context, c custody.Command, lane custody.Lane) (custody.Receipt, error) {
	if err := c.Validate(); err != nil {
		return custody.Receipt{}, fmt.Errorf("store command %s: %w", c.ID, err)
	}
	if c.Opening == nil {
		return custody.Receipt{}, fmt.Errorf("store command %s: %w: it opens nothing", c.ID, custody.ErrMalformed)
	}
	s.bell.put.storing([]custody.Command{c})
	receipt, err := s.open(ctx, putting{c, lane})
	var taken custody.NumberTaken
	switch {
	case errors.As(err, &taken):
		return custody.Receipt{}, fmt.Errorf("store command %s: %w", c.ID, err)
	case err != nil:
		return custody.Receipt{}, fmt.Errorf("%w: %w", custody.ErrNotStored, err)
	}
	s.bell.put.stored([]custody.Receipt{receipt})
	s.bell.ring()
	return receipt, nil
}

func (s *Store) open(ctx context.Context, c putting) (custody.Receipt, error) {
	key := custody.KeyOf(c.Opening.Number)
	columns := newStoring([]putting{c})
	var put stored
	err := persist(ctx, s.patience, func() error {
		return s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			if err := claimable(ctx, tx, key, c.Command); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, storeCommands, columns.args()...)
			if err != nil {
				return err
			}
			if put, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[stored]); err != nil || key == "" {
				return err
			}
			_, err = tx.Exec(ctx, claimNumber, key, c.ID)
			return err
		})
	})
	if err != nil {
		return custody.Receipt{}, err
	}
	if !put.Same {
		err = s.draw(ctx, c.Command, anothersID)
	}
	return custody.Receipt{ID: c.ID, Seq: put.Seq, Repeated: put.Repeated}, err
}

// claimable waits for its turn with a number and says whether a command may have it.
func claimable(ctx context.Context, tx pgx.Tx, key custody.NumberKey, c custody.Command) error {
	if key == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, lockNumber, key); err != nil {
		return err
	}
	if c.Opening.Anyway {
		return nil
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
	rows, err := collect(ctx, s, toRow, selectNumbered, custody.KeyOf(number))
	if err != nil {
		return nil, fmt.Errorf("look for number %q: %w", number, err)
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

// numbers are numbers of files in columns, as enterNumbers takes them: of files that were
// opened without asking, by a station or an earlier program.
type numbers struct {
	keys, files, commands []string
}

func (n *numbers) add(number string, file label.Code, command custody.CommandID) {
	if key := custody.KeyOf(number); key != "" {
		n.keys, n.files, n.commands = append(n.keys, string(key)), append(n.files, string(file)), append(n.commands, string(command))
	}
}

func (n *numbers) args() []any { return []any{n.keys, n.files, n.commands} }
