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

// rowColumns are what a custody.Row is made of.
const rowColumns = `f.code, f.number, f.subject, f.department, f.opened_at, f.position, q.last - q.done, q.stuck`

const (
	selectBoard = `SELECT ` + rowColumns + ` FROM files f JOIN queues q USING (code)
WHERE f.position IS NOT NULL AND f.position->>'phase' <> 'closed' ORDER BY f.code`
	selectFile = `SELECT ` + rowColumns + ` FROM files f JOIN queues q USING (code) WHERE f.code = $1 AND f.position IS NOT NULL`
	selectFeed = `SELECT e.seq, e.at, e.reason, ` + rowColumns + `
FROM feed e JOIN files f USING (code) JOIN queues q USING (code) WHERE e.seq > $1 ORDER BY e.seq LIMIT $2`
	selectLast     = `SELECT last FROM feed_counter`
	selectEntries  = `SELECT body FROM entries WHERE code = $1 ORDER BY revision`
	selectCodes    = `SELECT code, revision, hash, position, final IS NOT NULL FROM files WHERE code > $1 ORDER BY code LIMIT $2`
	countUndecided = `SELECT COALESCE((SELECT last - done FROM queues WHERE code = $1 AND NOT stuck), 0)`
	selectBacklog  = `SELECT count(*), COALESCE(min(received_at), now()) FROM inbox WHERE state = 'stored'`
	selectRefusals = `SELECT code, outcome, received_at FROM inbox WHERE state = 'applied' AND outcome->>'verdict' = 'refused' ORDER BY applied_at DESC LIMIT $1`
)

func scanRow(into *custody.Row) []any {
	return []any{&into.File.Code, &into.File.Number, &into.File.Subject, &into.File.Department, &into.File.Opened, &into.Position, &into.Pending, &into.Quarantined}
}

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
		rows, err = pgx.CollectRows(found, func(r pgx.CollectableRow) (row custody.Row, err error) {
			return row, r.Scan(scanRow(&row)...)
		})
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read board: %w", err)
	}
	return rows, seq, nil
}

// File returns one file; custody.ErrNotFound.
func (s *Store) File(ctx context.Context, code label.Code) (custody.Row, error) {
	var row custody.Row
	if err := s.pool.QueryRow(ctx, selectFile, code).Scan(scanRow(&row)...); err != nil {
		return row, fmt.Errorf("read file %s: %w", code, notFound(err))
	}
	return row, nil
}

// Feed returns up to limit events after a feed number, in order. Rows are as they
// are now, which may be later than the event.
func (s *Store) Feed(ctx context.Context, after int64, limit int) ([]custody.Event, error) {
	rows, err := s.pool.Query(ctx, selectFeed, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	events, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (e custody.Event, err error) {
		return e, r.Scan(append([]any{&e.Seq, &e.At, &e.Reason}, scanRow(&e.Row)...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	return events, nil
}

// Entries returns the chain of a file in canonical form, oldest first.
func (s *Store) Entries(ctx context.Context, code label.Code) ([][]byte, error) {
	rows, err := s.pool.Query(ctx, selectEntries, code)
	if err != nil {
		return nil, fmt.Errorf("read entries of %s: %w", code, err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) ([]byte, error) {
		var body string
		err := r.Scan(&body)
		return []byte(body), err
	})
}

// Undecided counts a file's stored commands that are not decided. Quarantined
// ones wait for a person, and do not hold the ladder up.
func (s *Store) Undecided(ctx context.Context, code label.Code) (int, error) {
	var n int
	if err := s.pool.QueryRow(ctx, countUndecided, code).Scan(&n); err != nil {
		return 0, fmt.Errorf("count undecided commands of %s: %w", code, err)
	}
	return n, nil
}

// Backlog returns how many stored commands wait to be decided, and since when the
// oldest does.
func (s *Store) Backlog(ctx context.Context) (n int, oldest time.Time, err error) {
	if err := s.pool.QueryRow(ctx, selectBacklog).Scan(&n, &oldest); err != nil {
		return 0, time.Time{}, fmt.Errorf("count backlog: %w", err)
	}
	return n, oldest, nil
}

// Registered is a file's end of chain, for verification.
type Registered struct {
	Code     label.Code
	Head     custody.Head
	Position custody.Position
	Closed   bool
}

// Files walks the registry in order of codes: up to limit files after a code.
func (s *Store) Files(ctx context.Context, after label.Code, limit int) ([]Registered, error) {
	rows, err := s.pool.Query(ctx, selectCodes, after, limit)
	if err != nil {
		return nil, fmt.Errorf("walk files: %w", err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (f Registered, err error) {
		return f, r.Scan(&f.Code, &f.Head.Revision, &f.Head.Hash, &f.Position, &f.Closed)
	})
}

// Refusal is a refused command.
type Refusal struct {
	Code     label.Code
	Outcome  custody.Outcome
	Received time.Time
}

// Refusals returns the newest refused commands, newest first.
func (s *Store) Refusals(ctx context.Context, limit int) ([]Refusal, error) {
	rows, err := s.pool.Query(ctx, selectRefusals, limit)
	if err != nil {
		return nil, fmt.Errorf("read refusals: %w", err)
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (f Refusal, err error) {
		var raw []byte
		if err := r.Scan(&f.Code, &raw, &f.Received); err != nil {
			return f, err
		}
		return f, json.Unmarshal(raw, &f.Outcome)
	})
}
