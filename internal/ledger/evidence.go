package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Evidence is everything that the ledger has of one code as of one moment, as it is
// stored: what is not as it should be is for its judge to find, and no reason to fail.
type Evidence struct {
	Code     label.Code
	Queue    *Queue  // nil: there is none
	File     *Record // nil: there is none
	Entries  []Line  // by revision
	Commands []Stored
	Notices  []Sent
	Covers   []Cover
	Numbers  []Numbering
	Feed     []Announced // by number

	Incarnation custody.Incarnation // of the office
}

// Queue is how far a code's commands have come.
type Queue struct {
	Last, Done int64
	Stuck      bool
	Wakes      int       // of those that wait
	Wake       time.Time // by which a sweep finds the file; zero: it does not
	Lane       custody.Lane
}

// Record is what the registry says of a file.
type Record struct {
	File            custody.File // also the subject of a secret one
	Head            custody.Head
	Seq             int64
	Position, Final []byte // custody.Position, custody.State; none: it has none
	Relies          []custody.Digest
	Form            int
}

// Line is an entry with its columns.
type Line struct {
	Revision                     int64
	Hash                         custody.Hash
	Happened, Received, Recorded time.Time
	Body                         []byte
}

// Stored is a command with what became of it.
type Stored struct {
	ID       custody.CommandID
	Seq      int64
	Body     []byte
	Words    custody.Words // with itself: see custody.CommandField
	Resolved []byte        // none: it is not, or was answered
	Received time.Time
	Lane     custody.Lane
	State    string       // stored, applied, quarantined
	Outcome  []byte       // custody.Outcome, where it is applied
	Head     custody.Hash // of the file once it was
	Refused  bool         // it stands in the list of refusals
	Freed    int          // how often an administrator tried it again or set it aside
}

// Sent is a notice with what became of it.
type Sent struct {
	Key     string
	Body    []byte // custody.Notice
	State   Delivery
	Changed time.Time
}

// Cover is a code that leads to the file.
type Cover struct {
	Code     label.Code
	Command  custody.CommandID // that gave it, or claims it
	Revision int64             // of the entry that gave it; 0: it is claimed
}

// Numbering is a number by which the file is found.
type Numbering struct {
	Command custody.CommandID // that gave it
	Key     custody.NumberKey
}

// Announced is a line of the feed.
type Announced struct {
	Seq    int64
	At     time.Time
	Reason custody.Reason
}

// A walk reads everything between two codes, so that it also finds what has lost the rows
// that should lead to it.
const (
	selectCodes   = `SELECT code FROM queues WHERE code >= $1 ORDER BY code LIMIT $2`
	selectQueues  = `SELECT code, last, done, stuck, wakes, wake, lane FROM queues WHERE code BETWEEN $1 AND $2`
	selectRecords = `
SELECT code, number, subject, department, opened_at, class, revision, hash, seq, position::text, final::text, relies, form
FROM files WHERE code BETWEEN $1 AND $2`
	selectLines  = `SELECT code, revision, hash, happened_at, received_at, recorded_at, body FROM entries WHERE code BETWEEN $1 AND $2 ORDER BY code, revision`
	selectStored = `
SELECT i.code, i.id::text, i.seq, i.body, i.texts, i.salts, v.texts, v.salts, s.body, i.received_at, i.lane, i.state, i.outcome::text, i.head,
    EXISTS (SELECT FROM refusals r WHERE r.command = i.id), COALESCE(f.freed, 0)
FROM inbox i ` + voidWords + `
LEFT JOIN resolved s ON s.command = i.id AND i.state <> 'applied'
LEFT JOIN (SELECT command, count(*)::integer AS freed FROM audit GROUP BY command) f ON f.command = i.id
WHERE i.code BETWEEN $1 AND $2 ORDER BY i.code, i.seq`
	selectSent     = `SELECT code, key, body::text, state, changed_at FROM notices WHERE code BETWEEN $1 AND $2 ORDER BY code, key`
	selectLeading  = `SELECT file, code, command::text, COALESCE(revision, 0) FROM covers WHERE file BETWEEN $1 AND $2 ORDER BY file, code`
	selectKeys     = `SELECT file, command::text, key FROM numbers WHERE file BETWEEN $1 AND $2 ORDER BY file, command`
	selectOnFeed   = `SELECT code, seq, at, reason FROM feed WHERE code BETWEEN $1 AND $2 ORDER BY code, seq`
	beyondAllCodes = label.Code("99999999999999999999")
)

// Evidence walks the ledger in order of codes, in one moment of its own each time: of all
// codes up to some limit of them after a code, which is the walk's next beginning; with
// the end of the walk it is empty. Nothing is passed over: also what no queue is of.
func (s *Store) Evidence(ctx context.Context, after label.Code, limit int) (list []Evidence, next label.Code, err error) {
	from := after
	if after != "" {
		from += "0" // of the same length none lies between
	}
	err = s.look(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, selectCodes, from, limit)
		if err != nil {
			return err
		}
		codes, err := pgx.CollectRows(rows, pgx.RowTo[label.Code])
		if err != nil {
			return err
		}
		to := beyondAllCodes
		if next = ""; len(codes) == limit {
			next = codes[limit-1]
			to = next
		}
		list, _, err = evidence(ctx, tx, from, to)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("read evidence after %s: %w", after, err)
	}
	return list, next, nil
}

// EvidenceOf is Evidence of one code; there may be nothing.
func (s *Store) EvidenceOf(ctx context.Context, code label.Code) (Evidence, error) {
	var list []Evidence
	var in custody.Incarnation
	err := s.look(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		list, in, err = evidence(ctx, tx, code, code)
		return err
	})
	switch {
	case err != nil:
		return Evidence{}, fmt.Errorf("read evidence of %s: %w", code, err)
	case len(list) == 0:
		return Evidence{Code: code, Incarnation: in}, nil
	}
	return list[0], nil
}

// look runs f on one moment of the ledger, in which it can change nothing.
func (s *Store) look(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	return again(ctx, func() error {
		return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error { return f(ctx, tx) })
	})
}

const lookFor = time.Minute

// evidence reads what there is of codes between two, in one round trip.
func evidence(ctx context.Context, tx pgx.Tx, from, to label.Code) (list []Evidence, in custody.Incarnation, err error) {
	found := map[label.Code]*Evidence{}
	of := func(code label.Code) *Evidence {
		if found[code] == nil {
			found[code] = &Evidence{Code: code}
		}
		return found[code]
	}
	var b pgx.Batch
	read(&b, selectQueues, from, to, of, func(q *queueRow) []any {
		return []any{&q.Last, &q.Done, &q.Stuck, &q.Wakes, &q.wake, &q.Lane}
	}, func(e *Evidence, q queueRow) {
		if q.wake != nil {
			q.Wake = q.wake.UTC()
		}
		e.Queue = &q.Queue
	})
	read(&b, selectRecords, from, to, of, fieldsOfRecord, func(e *Evidence, r Record) {
		r.File.Code = e.Code
		e.File = &r
	})
	read(&b, selectLines, from, to, of, func(l *Line) []any {
		return []any{&l.Revision, &l.Hash, &l.Happened, &l.Received, &l.Recorded, &l.Body}
	}, func(e *Evidence, l Line) { e.Entries = append(e.Entries, l) })
	read(&b, selectStored, from, to, of, fieldsOfStored, func(e *Evidence, c storedCommand) {
		c.Body = []byte(c.said.body)
		c.Words = c.said.words()
		e.Commands = append(e.Commands, c.Stored)
	})
	read(&b, selectSent, from, to, of, func(n *Sent) []any {
		return []any{&n.Key, &n.Body, &n.State, &n.Changed}
	}, func(e *Evidence, n Sent) { e.Notices = append(e.Notices, n) })
	read(&b, selectLeading, from, to, of, func(c *Cover) []any {
		return []any{&c.Code, &c.Command, &c.Revision}
	}, func(e *Evidence, c Cover) { e.Covers = append(e.Covers, c) })
	read(&b, selectKeys, from, to, of, func(n *Numbering) []any {
		return []any{&n.Command, &n.Key}
	}, func(e *Evidence, n Numbering) { e.Numbers = append(e.Numbers, n) })
	read(&b, selectOnFeed, from, to, of, func(a *Announced) []any {
		return []any{&a.Seq, &a.At, &a.Reason}
	}, func(e *Evidence, a Announced) { e.Feed = append(e.Feed, a) })
	b.Queue(selectCurrent).QueryRow(func(row pgx.Row) error { return row.Scan(&in) })
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return nil, 0, err
	}
	list = make([]Evidence, 0, len(found))
	for _, code := range slices.Sorted(maps.Keys(found)) {
		found[code].Incarnation = in
		list = append(list, *found[code])
	}
	return list, in, nil
}

// read queues a statement whose rows each begin with a code, and adds them to what there
// is of it.
func read[T any](b *pgx.Batch, statement string, from, to label.Code, of func(label.Code) *Evidence, fields func(*T) []any, add func(*Evidence, T)) {
	b.Queue(statement, from, to).Query(func(rows pgx.Rows) error {
		var code label.Code
		var t, none T
		into := append([]any{&code}, fields(&t)...)
		for rows.Next() {
			t = none
			if err := rows.Scan(into...); err != nil {
				return err
			}
			add(of(code), t)
		}
		return rows.Err()
	})
}

type queueRow struct {
	Queue
	wake *time.Time
}

func fieldsOfRecord(r *Record) []any {
	f := &r.File
	return []any{&f.Number, &f.Subject, &f.Department, &f.Opened, &f.Class, &r.Head.Revision, &r.Head.Hash, &r.Seq, &r.Position, &r.Final, &r.Relies, &r.Form}
}

type storedCommand struct {
	Stored
	said said
}

func fieldsOfStored(c *storedCommand) []any {
	return []any{
		&c.ID, &c.Seq, &c.said.body, &c.said.texts, &c.said.salts, &c.said.voided, &c.said.voids, &c.Resolved, &c.Received, &c.Lane, &c.State, &c.Outcome, &c.Head,
		&c.Refused, &c.Freed,
	}
}

const (
	selectSound = `SELECT digest FROM contents WHERE digest = ANY ($1) AND digest = encode(sha256(convert_to(body, 'UTF8')), 'hex')`
	selectTally = `
SELECT count(*), count(*) FILTER (WHERE p->>'phase' = 'held' AND p->>'room' <> '' AND NOT missing),
    count(*) FILTER (WHERE p->>'phase' = 'transit' AND NOT missing), count(*) FILTER (WHERE missing OR p->>'phase' = 'unseen')
FROM (SELECT position AS p, COALESCE((position->>'missing')::boolean, false) AS missing FROM files WHERE revision > 0 AND final IS NULL) f`
	selectUnfiled = `SELECT c FROM unnest($1::text[]) c WHERE NOT EXISTS (SELECT FROM files WHERE code = c AND revision > 0) ORDER BY c`
	// Feed numbers that are not there, between two.
	selectGap = `
SELECT COALESCE(min(n), 0) FROM (
    SELECT $1::bigint + 1 AS n WHERE (SELECT count(*) FROM feed WHERE seq > $1 AND seq <= $2) < $2::bigint - $1::bigint AND NOT EXISTS (SELECT FROM feed WHERE seq = $1::bigint + 1)
    UNION ALL
    SELECT min(f.seq) + 1 FROM feed f WHERE (SELECT count(*) FROM feed WHERE seq > $1 AND seq <= $2) < $2::bigint - $1::bigint
        AND f.seq > $1 AND f.seq < $2 AND NOT EXISTS (SELECT FROM feed o WHERE o.seq = f.seq + 1)) g`
	selectEnds = `SELECT (SELECT last FROM feed_counter), COALESCE((SELECT max(seq) FROM feed), 0)`
)

// Sound returns those of some digests that contents are there for, which are what they
// were.
func (s *Store) Sound(ctx context.Context, digests []custody.Digest) (map[custody.Digest]bool, error) {
	list, err := collect(ctx, s, pgx.RowTo[custody.Digest], selectSound, digests)
	if err != nil {
		return nil, fmt.Errorf("look for contents: %w", err)
	}
	sound := make(map[custody.Digest]bool, len(list))
	for _, d := range list {
		sound[d] = true
	}
	return sound, nil
}

// Unfiled returns those of some codes that the registry has no file of.
func (s *Store) Unfiled(ctx context.Context, codes []label.Code) ([]label.Code, error) {
	list, err := collect(ctx, s, pgx.RowTo[label.Code], selectUnfiled, codes)
	if err != nil {
		return nil, fmt.Errorf("look for files: %w", err)
	}
	return list, nil
}

// Tally counts the open files of the registry by where they are.
type Tally struct{ Open, InRooms, OnTheWay, Unknown int }

// Tally counts them at one moment.
func (s *Store) Tally(ctx context.Context) (Tally, error) {
	t, err := one(ctx, s, pgx.RowToStructByPos[Tally], selectTally)
	if err != nil {
		return Tally{}, fmt.Errorf("count open files: %w", err)
	}
	return t, nil
}

// FeedGap returns the first number after one, up to another, that the feed has lost; 0:
// none.
func (s *Store) FeedGap(ctx context.Context, after, to int64) (int64, error) {
	n, err := one(ctx, s, pgx.RowTo[int64], selectGap, after, to)
	if err != nil {
		return 0, fmt.Errorf("look for gaps of the feed: %w", err)
	}
	return n, nil
}

// FeedEnds returns the last number that the feed has given, and the last that it has.
func (s *Store) FeedEnds(ctx context.Context) (given, has int64, err error) {
	type ends struct{ Given, Has int64 }
	e, err := one(ctx, s, pgx.RowToStructByPos[ends], selectEnds)
	if err != nil {
		return 0, 0, fmt.Errorf("read end of feed: %w", err)
	}
	return e.Given, e.Has, nil
}
