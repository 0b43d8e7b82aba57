package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const storeCommands = `SELECT stored_id::text, stored_seq, repeated FROM store_commands($1, $2, $3, $4)`

// Put stores commands, each as its file's next; a command that is there already
// keeps its place. After success they can no longer be lost: the commit point of
// the promise to a station. The error wraps custody.ErrNotStored, and then
// nothing of this call was kept, unless the answer itself was lost: sending the
// same commands again is always right.
func (s *Store) Put(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error) {
	if len(commands) == 0 {
		return nil, nil
	}
	receipts, err := s.put.do(ctx, commands)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", custody.ErrNotStored, err)
	}
	s.bell.ring()
	return receipts, nil
}

func (s *Store) store(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error) {
	order := make([]int, len(commands))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(commands[a].Code, commands[b].Code) })
	ids, codes, bodies := make([]string, len(order)), make([]string, len(order)), make([]string, len(order))
	for i, at := range order {
		c := commands[at]
		ids[i], codes[i], bodies[i] = string(c.ID), string(c.Code), string(c.Bytes())
	}
	rows, err := s.pool.Query(ctx, storeCommands, ids, codes, bodies, time.Now().UTC())
	if err != nil {
		return nil, fmt.Errorf("store commands: %w", err)
	}
	sorted, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r custody.Receipt, err error) {
		return r, row.Scan(&r.ID, &r.Seq, &r.Repeated)
	})
	if err != nil {
		return nil, fmt.Errorf("store commands: %w", err)
	}
	receipts := make([]custody.Receipt, len(commands))
	for i, at := range order {
		receipts[at] = sorted[i]
	}
	return receipts, nil
}

const insertDrawer = `INSERT INTO drawer (station, reason, body) VALUES ($1, $2, $3)`

// ToDrawer keeps what a station sent that is no command, so that the queue behind
// it moves on.
func (s *Store) ToDrawer(ctx context.Context, station custody.StationID, raw []byte, reason string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if _, err := s.pool.Exec(ctx, insertDrawer, station, reason, raw); err != nil {
		return fmt.Errorf("%w: put in drawer: %w", custody.ErrNotStored, err)
	}
	return nil
}

const selectDrawer = `SELECT station, received_at, reason, body FROM drawer ORDER BY id DESC LIMIT $1`

// Drawn is a record of the drawer.
type Drawn struct {
	Station  custody.StationID
	Received time.Time
	Reason   string
	Body     []byte
}

// Drawer returns the newest records, newest first.
func (s *Store) Drawer(ctx context.Context, limit int) ([]Drawn, error) {
	rows, err := s.pool.Query(ctx, selectDrawer, limit)
	if err != nil {
		return nil, fmt.Errorf("read drawer: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Drawn])
}

// Work is the head of a file's queue, leased to one dispatcher.
type Work struct {
	Command  custody.Command
	Seq      int64
	Received time.Time
	Attempts int
	Resolved []byte         // as stored at an earlier attempt; nil: not yet resolved
	Exists   bool           // the code has a file
	Label    bool           // the code was printed by this office
	Final    *custody.State // of a closed file
	Head     custody.Head
}

const leaseWork = `
WITH ready AS (
    SELECT code FROM queues
    WHERE done < last AND NOT stuck AND not_before <= now() AND lease_until < now()
    ORDER BY not_before LIMIT $2 FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE queues q SET lease_owner = $1, lease_until = now() + $3::interval
    FROM ready WHERE q.code = ready.code RETURNING q.code, q.done
)
SELECT i.body, i.seq, i.received_at, i.attempts, i.resolved, f.code IS NOT NULL, l.code IS NOT NULL,
       f.final, COALESCE(f.revision, 0), COALESCE(f.hash, '')
FROM leased
JOIN inbox i ON i.code = leased.code AND i.seq = leased.done + 1
LEFT JOIN files f ON f.code = leased.code
LEFT JOIN labels l ON l.code = leased.code
ORDER BY i.received_at, i.seq`

// Lease gives the heads of up to limit queues to owner for ttl. A lease that has
// run out may be given to another: both may then decide the same command, and
// the workflow's seq and the ledger's revisions make that harmless.
func (s *Store) Lease(ctx context.Context, owner string, limit int, ttl time.Duration) ([]Work, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	rows, err := s.pool.Query(ctx, leaseWork, owner, limit, ttl)
	if err != nil {
		return nil, fmt.Errorf("lease work: %w", err)
	}
	work, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w Work, err error) {
		var body string
		var resolved *string
		if err := row.Scan(&body, &w.Seq, &w.Received, &w.Attempts, &resolved, &w.Exists, &w.Label, &w.Final, &w.Head.Revision, &w.Head.Hash); err != nil {
			return w, err
		}
		if resolved != nil {
			w.Resolved = []byte(*resolved)
		}
		w.Command, err = custody.ParseCommand([]byte(body))
		return w, err
	})
	if err != nil {
		return nil, fmt.Errorf("lease work: %w", err)
	}
	return work, nil
}

const storeResolved = `
UPDATE inbox SET resolved = r.body
FROM unnest($1::uuid[], $2::text[]) AS r (id, body)
WHERE inbox.id = r.id AND inbox.resolved IS NULL AND inbox.state = 'stored'`

// StoreResolved keeps the form in which commands are dispatched, the first time.
func (s *Store) StoreResolved(ctx context.Context, resolved map[custody.CommandID][]byte) error {
	if len(resolved) == 0 {
		return nil
	}
	ids, bodies := make([]string, 0, len(resolved)), make([]string, 0, len(resolved))
	for id, body := range resolved {
		ids, bodies = append(ids, string(id)), append(bodies, string(body))
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if _, err := s.pool.Exec(ctx, storeResolved, ids, bodies); err != nil {
		return fmt.Errorf("store resolved commands: %w", err)
	}
	return nil
}

const (
	releaseQueue = `
UPDATE queues SET lease_owner = NULL, lease_until = '-infinity', not_before = now() + $3::interval
WHERE code = $1 AND lease_owner = $2`
	failCommand = `
WITH failed AS (
    UPDATE inbox SET attempts = attempts + 1, error = $3,
        state = CASE WHEN $5 OR attempts + 1 >= $6 THEN 'quarantined' ELSE state END
    WHERE id = $1 AND state = 'stored' RETURNING code, state
)
UPDATE queues q SET lease_owner = NULL, lease_until = '-infinity', not_before = now() + $4::interval,
    stuck = failed.state = 'quarantined'
FROM failed WHERE q.code = failed.code AND q.lease_owner = $2
RETURNING q.stuck`
)

// maxAttempts is how often a command may fail before a person must look.
const maxAttempts = 10

// Release gives a lease back without blame, to be tried again after pause: the
// engine was away, not the command bad.
func (s *Store) Release(ctx context.Context, owner string, code label.Code, pause time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if _, err := s.pool.Exec(ctx, releaseQueue, code, owner, pause); err != nil {
		return fmt.Errorf("release queue %s: %w", code, err)
	}
	return nil
}

// Fail notes a failed attempt, to be tried again after pause. At the tenth, or at
// once when hopeless, the command is quarantined and its queue waits for a
// person; that is returned.
func (s *Store) Fail(ctx context.Context, owner string, id custody.CommandID, cause error, hopeless bool, pause time.Duration) (quarantined bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err = s.pool.QueryRow(ctx, failCommand, id, owner, cause.Error(), pause, hopeless, maxAttempts).Scan(&quarantined)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil // decided or leased by another meanwhile
	}
	if err != nil {
		return false, fmt.Errorf("note failure of command %s: %w", id, err)
	}
	if quarantined {
		s.bell.ring()
	}
	return quarantined, nil
}
