package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// rowColumns are what a custody.Row is made of, see scanRow. Who may read what a file is
// about is asked where its words are shown: a row has the subject of an ordinary one.
const rowColumns = `f.code, f.number, CASE WHEN f.class = '' THEN f.subject ELSE '' END, f.department, f.opened_at, f.class, f.position, q.last - q.done - q.wakes, q.stuck,
ARRAY(SELECT k.code FROM covers k WHERE k.file = f.code AND k.revision IS NOT NULL ORDER BY k.revision)`

const (
	selectBoard = `SELECT ` + rowColumns + ` FROM files f JOIN queues q USING (code)
WHERE f.revision > 0 AND f.final IS NULL ORDER BY f.code`
	selectFile = `SELECT ` + rowColumns + ` FROM files f JOIN queues q USING (code) 
WHERE f.code = COALESCE((SELECT file FROM covers WHERE code = $1 AND revision IS NOT NULL), $1) AND f.revision > 0`
)

func scanRow(into *custody.Row) []any {
	return []any{&into.File.Code, &into.File.Number, &into.File.Subject, &into.File.Department, &into.File.Opened, &into.File.Class, &into.Position, &into.Pending, &into.Quarantined, &into.Codes}
}

func toRow(r pgx.CollectableRow) (row custody.Row, err error) { return row, r.Scan(scanRow(&row)...) }

// Board returns every open file and the feed number at which that is true.
func (s *Store) Board(ctx context.Context) (rows []custody.Row, seq int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, s.pool, snapshot, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, selectLast).Scan(&seq); err != nil {
			return err
		}
		found, err := tx.Query(ctx, selectBoard)
		if err != nil {
			return err
		}
		rows, err = pgx.CollectRows(found, toRow)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read board: %w", err)
	}
	return rows, seq, nil
}

// File returns the file that a code was ever given to, open or closed;
// custody.ErrNotFound.
func (s *Store) File(ctx context.Context, code label.Code) (custody.Row, error) {
	row, err := one(ctx, s, toRow, selectFile, code)
	if err != nil {
		return row, fmt.Errorf("read file %s: %w", code, err)
	}
	return row, nil
}
