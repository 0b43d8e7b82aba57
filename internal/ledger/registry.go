package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	selectEntries    = `SELECT body FROM entries WHERE code = $1 ORDER BY revision`
	selectRegistered = `
SELECT code, number, subject, department, opened_at, class, revision, hash, position, final, relies FROM files
WHERE code > $1 AND revision > 0 ORDER BY code LIMIT $2`
	countFiles     = `SELECT count(*) FROM files WHERE revision > 0`
	countUndecided = `SELECT COALESCE((SELECT last - done FROM queues WHERE code = $1 AND NOT stuck), 0)`
	selectBacklog  = `
SELECT COALESCE(sum(last - done - wakes), 0)::bigint, COALESCE(min(since) FILTER (WHERE last - done > wakes), now())
FROM queues WHERE done < last AND NOT stuck`
	// Looked up one by one: a join would read every file as soon as many wait.
	selectWaiting = `
SELECT q.code, q.n FROM (
    SELECT code, last - done - wakes AS n FROM queues WHERE done < last AND NOT stuck
    UNION ALL SELECT code, last - done - wakes FROM queues WHERE stuck
) q CROSS JOIN LATERAL (SELECT FROM files WHERE code = q.code AND revision > 0 AND final IS NULL LIMIT 1) f WHERE q.n > 0`
)

// Entries returns the chain of a file in canonical form, oldest first; nothing
// for a code that has no file.
func (s *Store) Entries(ctx context.Context, code label.Code) ([][]byte, error) {
	list, err := collect(ctx, s, pgx.RowTo[[]byte], selectEntries, code)
	if err != nil {
		return nil, fmt.Errorf("read entries of %s: %w", code, err)
	}
	return list, nil
}

// Registered is a file's end of chain, for verification.
type Registered struct {
	Code     label.Code
	File     custody.File // what the registry says, also the subject of a secret one
	Head     custody.Head
	Position custody.Position
	Final    *custody.State // of a closed file: what a later run starts from
	Relies   []custody.Digest
}

// Files walks the registry in order of codes: up to limit files after a code.
func (s *Store) Files(ctx context.Context, after label.Code, limit int) ([]Registered, error) {
	list, err := collect(ctx, s, func(r pgx.CollectableRow) (f Registered, err error) {
		err = r.Scan(&f.Code, &f.File.Number, &f.File.Subject, &f.File.Department, &f.File.Opened, &f.File.Class, &f.Head.Revision, &f.Head.Hash, &f.Position, &f.Final, &f.Relies)
		f.File.Code = f.Code
		return f, err
	}, selectRegistered, after, limit)
	if err != nil {
		return nil, fmt.Errorf("walk files: %w", err)
	}
	return list, nil
}

// CountFiles is how many files Files walks over.
func (s *Store) CountFiles(ctx context.Context) (int, error) {
	n, err := one(ctx, s, pgx.RowTo[int], countFiles)
	if err != nil {
		return 0, fmt.Errorf("count files: %w", err)
	}
	return n, nil
}

// Undecided counts a file's stored commands that are not decided; behind a quarantined
// one they wait for a person.
func (s *Store) Undecided(ctx context.Context, code label.Code) (int, error) {
	n, err := one(ctx, s, pgx.RowTo[int], countUndecided, code)
	if err != nil {
		return 0, fmt.Errorf("count undecided commands of %s: %w", code, err)
	}
	return n, nil
}

// Backlog returns how many stored commands wait to be decided, wakes not counted, and
// since when the oldest does. Those that wait for a person are not counted: see
// Quarantined.
func (s *Store) Backlog(ctx context.Context) (n int, oldest time.Time, err error) {
	type backlog struct {
		N      int
		Oldest time.Time
	}
	b, err := one(ctx, s, pgx.RowToStructByPos[backlog], selectBacklog)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count backlog: %w", err)
	}
	return b.N, b.Oldest, nil
}

// Waiting counts the stored commands that are not decided, wakes not counted, of each
// open file that has any, also behind one that waits for a person.
func (s *Store) Waiting(ctx context.Context) (map[label.Code]int, error) {
	type pending struct {
		Code label.Code
		N    int
	}
	list, err := collect(ctx, s, pgx.RowToStructByPos[pending], selectWaiting)
	if err != nil {
		return nil, fmt.Errorf("count waiting commands: %w", err)
	}
	counts := make(map[label.Code]int, len(list))
	for _, p := range list {
		counts[p.Code] = p.N
	}
	return counts, nil
}
