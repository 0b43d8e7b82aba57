package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// ErrGap means that entries between the ledger's head and an outcome's first one
// are not here: the outcome must not be kept.
var ErrGap = errors.New("entries are missing before this outcome")

const (
	openFiles = `
INSERT INTO files (code, number, subject, department, opened_at)
SELECT i.code, b.opening->>'number', COALESCE(b.opening->>'subject', ''), b.opening->>'department', i.received_at
FROM inbox i, LATERAL (SELECT i.body::jsonb->'opening' AS opening) b
WHERE i.id = ANY ($1::uuid[]) ON CONFLICT (code) DO NOTHING`
	lockFiles = `SELECT code, revision, hash FROM files WHERE code = ANY ($1) ORDER BY code FOR UPDATE`
	known     = `SELECT revision, hash FROM entries WHERE code = $1 AND revision = ANY ($2)`

	insertEntries = `
INSERT INTO entries (code, revision, hash, happened_at, received_at, recorded_at, body)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::text[])`
	moveFiles = `
UPDATE files SET revision = m.revision, hash = m.hash, position = m.position, final = m.final
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::jsonb[], $5::jsonb[]) AS m (code, revision, hash, position, final)
WHERE files.code = m.code`
	insertNotices = `
INSERT INTO notices (key, code, body) SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[])
ON CONFLICT (key) DO NOTHING`
	applyCommands = `
WITH applied AS (
    UPDATE inbox SET state = 'applied', outcome = o.outcome, applied_at = now(), error = NULL
    FROM unnest($1::uuid[], $2::jsonb[]) AS o (id, outcome)
    WHERE inbox.id = o.id AND inbox.state <> 'applied'
    RETURNING inbox.code, inbox.seq
)
UPDATE queues q SET done = a.seq, lease_owner = NULL, lease_until = '-infinity', not_before = '-infinity', stuck = false
FROM applied a WHERE q.code = a.code AND q.done = a.seq - 1`
	appendFeed = `
WITH counter AS (UPDATE feed_counter SET last = last + cardinality($1::text[]) RETURNING last - cardinality($1::text[]) AS before)
INSERT INTO feed (seq, code, at, reason)
SELECT counter.before + f.n, f.code, f.at, f.reason
FROM counter, unnest($1::text[], $2::timestamptz[], $3::text[]) WITH ORDINALITY AS f (code, at, reason, n)`
)

// Commit keeps several outcomes in one transaction: entries, positions, feed,
// notices, and the commands they answer. Of each outcome's entries only those
// after the ledger's head are appended, so it does not matter who comes first or
// how often. The result has an error for each outcome that does not fit
// (custody.ErrDiverged, ErrGap) while the others stand; a second error means that
// nothing is known to be kept, and the same call may be made again.
func (s *Store) Commit(ctx context.Context, outcomes []custody.Outcome) ([]error, error) {
	var faults []error
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		c := &commit{ctx: ctx, tx: tx, outcomes: outcomes, faults: make([]error, len(outcomes)), heads: map[label.Code]custody.Head{}}
		faults = c.faults
		return c.run()
	})
	if err != nil {
		return nil, fmt.Errorf("commit %d outcomes: %w", len(outcomes), err)
	}
	for i, o := range outcomes {
		if faults[i] == nil && o.Command != "" {
			s.bell.settled(o)
		}
	}
	s.bell.ring()
	return faults, nil
}

// Record keeps one outcome: the same as Commit, for a workflow's rungs.
func (s *Store) Record(ctx context.Context, o custody.Outcome) error {
	faults, err := s.Commit(ctx, []custody.Outcome{o})
	if err != nil {
		return err
	}
	return faults[0]
}

// commit is one transaction in progress.
type commit struct {
	ctx      context.Context
	tx       pgx.Tx
	outcomes []custody.Outcome
	faults   []error
	heads    map[label.Code]custody.Head // as locked, then as appended to

	fresh []custody.Entry
	moved map[label.Code]int // outcome that says where the file is
}

func (c *commit) run() error {
	if err := c.lock(); err != nil {
		return err
	}
	c.moved = map[label.Code]int{}
	for i, o := range c.outcomes {
		if err := c.fit(i, o); err != nil {
			return err
		}
	}
	return c.write()
}

// lock takes the files in order of their codes, after making those that begin.
func (c *commit) lock() error {
	var opened []string
	var codes []string
	for _, o := range c.outcomes {
		if o.Reason == custody.NoSuchFile || o.Reason == custody.Unassigned {
			continue
		}
		codes = append(codes, string(o.Position.File))
		for _, e := range o.Entries {
			if e.Revision == 1 {
				opened = append(opened, string(e.Command))
			}
		}
	}
	if len(opened) > 0 {
		if _, err := c.tx.Exec(c.ctx, openFiles, opened); err != nil {
			return fmt.Errorf("open files: %w", err)
		}
	}
	slices.Sort(codes)
	rows, err := c.tx.Query(c.ctx, lockFiles, slices.Compact(codes))
	if err != nil {
		return fmt.Errorf("lock files: %w", err)
	}
	var code label.Code
	var head custody.Head
	_, err = pgx.ForEachRow(rows, []any{&code, &head.Revision, &head.Hash}, func() error {
		c.heads[code] = head
		return nil
	})
	if err != nil {
		return fmt.Errorf("lock files: %w", err)
	}
	return nil
}

// fit sorts an outcome's entries into those the ledger has and those that follow
// its head.
func (c *commit) fit(i int, o custody.Outcome) error {
	if len(o.Entries) > 0 {
		code := o.Entries[0].File
		head, ok := c.heads[code]
		if !ok {
			c.faults[i] = fmt.Errorf("file %s: %w", code, custody.ErrNotFound)
			return nil
		}
		if err := c.agrees(code, head, o.Entries); err != nil {
			if !errors.Is(err, custody.ErrDiverged) && !errors.Is(err, ErrGap) {
				return err
			}
			c.faults[i] = err
			return nil
		}
		for _, e := range o.Entries {
			if e.Revision > head.Revision {
				c.fresh = append(c.fresh, e)
				head = custody.Head{Revision: e.Revision, Hash: e.Hash}
			}
		}
		c.heads[code] = head
	}
	// A position older than the head is another's to move.
	if code := o.Position.File; o.Position.Revision == c.heads[code].Revision && o.Position.Revision > 0 {
		c.moved[code] = i
	}
	return nil
}

// agrees checks that the entries overlap the ledger's chain or follow it.
func (c *commit) agrees(code label.Code, head custody.Head, entries []custody.Entry) error {
	first := entries[0]
	if first.Revision > head.Revision+1 {
		return fmt.Errorf("file %s has revision %d, outcome begins at %d: %w", code, head.Revision, first.Revision, ErrGap)
	}
	have := map[int64]custody.Hash{head.Revision: head.Hash}
	var ask []int64
	for _, e := range entries {
		if e.Revision < head.Revision {
			ask = append(ask, e.Revision)
		}
	}
	if len(ask) > 0 {
		rows, err := c.tx.Query(c.ctx, known, code, ask)
		if err != nil {
			return fmt.Errorf("read entries of %s: %w", code, err)
		}
		var revision int64
		var hash custody.Hash
		if _, err := pgx.ForEachRow(rows, []any{&revision, &hash}, func() error {
			have[revision] = hash
			return nil
		}); err != nil {
			return fmt.Errorf("read entries of %s: %w", code, err)
		}
	}
	for _, e := range entries {
		if e.Revision <= head.Revision && have[e.Revision] != e.Hash || e.Revision == head.Revision+1 && e.Prev != head.Hash {
			return fmt.Errorf("file %s revision %d: %w", code, e.Revision, custody.ErrDiverged)
		}
	}
	return nil
}

// write sends every change in one round trip; the feed's counter comes last, so
// that its lock is held for the shortest time and numbers follow commit order.
func (c *commit) write() error {
	var b pgx.Batch
	if n := len(c.fresh); n > 0 {
		codes, revisions, hashes := make([]string, n), make([]int64, n), make([]string, n)
		happened, received, recorded, bodies := make([]time.Time, n), make([]time.Time, n), make([]time.Time, n), make([]string, n)
		for i, e := range c.fresh {
			codes[i], revisions[i], hashes[i], bodies[i] = string(e.File), e.Revision, string(e.Hash), string(e.Bytes())
			happened[i], received[i], recorded[i] = e.Happened, e.Received, e.Recorded
		}
		b.Queue(insertEntries, codes, revisions, hashes, happened, received, recorded, bodies)
	}
	c.queueMoves(&b)
	c.queueNotices(&b)
	if err := c.queueApplied(&b); err != nil {
		return err
	}
	c.queueFeed(&b)
	if b.Len() == 0 {
		return nil
	}
	if err := c.tx.SendBatch(c.ctx, &b).Close(); err != nil {
		return fmt.Errorf("write outcomes: %w", err)
	}
	return nil
}

func (c *commit) queueMoves(b *pgx.Batch) {
	var codes, hashes []string
	var revisions []int64
	var positions, finals []any
	for code, i := range c.moved {
		head, o := c.heads[code], c.outcomes[i]
		codes, revisions, hashes = append(codes, string(code)), append(revisions, head.Revision), append(hashes, string(head.Hash))
		positions = append(positions, o.Position)
		if o.Final != nil {
			finals = append(finals, o.Final)
		} else {
			finals = append(finals, nil)
		}
	}
	if len(codes) > 0 {
		b.Queue(moveFiles, codes, revisions, hashes, positions, finals)
	}
}

func (c *commit) queueNotices(b *pgx.Batch) {
	var keys, codes []string
	var bodies []any
	for i, o := range c.outcomes {
		if c.faults[i] != nil {
			continue
		}
		for _, n := range o.Notices {
			keys, codes, bodies = append(keys, n.Key), append(codes, string(n.File)), append(bodies, n)
		}
	}
	if len(keys) > 0 {
		b.Queue(insertNotices, keys, codes, bodies)
	}
}

// queueApplied keeps each command's answer without the entries and the snapshot,
// which have tables of their own.
func (c *commit) queueApplied(b *pgx.Batch) error {
	var ids []string
	var answers []any
	for i, o := range c.outcomes {
		if c.faults[i] != nil || o.Command == "" {
			continue
		}
		o.Entries, o.Notices, o.Final = nil, nil, nil
		raw, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("marshal outcome of %s: %w", o.Command, err)
		}
		ids, answers = append(ids, string(o.Command)), append(answers, json.RawMessage(raw))
	}
	if len(ids) > 0 {
		b.Queue(applyCommands, ids, answers)
	}
	return nil
}

func (c *commit) queueFeed(b *pgx.Batch) {
	if len(c.fresh) == 0 {
		return
	}
	codes, reasons, at := make([]string, len(c.fresh)), make([]string, len(c.fresh)), make([]time.Time, len(c.fresh))
	for i, e := range c.fresh {
		codes[i], reasons[i], at[i] = string(e.File), string(e.Reason), e.At
	}
	b.Queue(appendFeed, codes, at, reasons)
}
