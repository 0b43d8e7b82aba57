package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	openFiles = `
INSERT INTO files (code, number, subject, department, opened_at)
SELECT i.code, i.texts->>'number', COALESCE(i.texts->>'subject', ''), o.department, o.at
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[]) AS o (id, at, department, incarnation) JOIN inbox i USING (id)
WHERE o.incarnation = (SELECT max(number) FROM incarnations)
ORDER BY i.code ON CONFLICT (code) DO NOTHING`
	// Not FOR UPDATE: who has the feed's counter must be able to name these files. The
	// incarnation that is read stands until the transaction ends: see beginIncarnation.
	lockFiles    = `SELECT code, revision, hash, seq, (SELECT max(number) FROM incarnations) FROM files WHERE code = ANY ($1) ORDER BY code FOR NO KEY UPDATE`
	selectHashes = `
SELECT e.code, e.revision, e.hash
FROM entries e JOIN unnest($1::text[], $2::bigint[]) AS k (code, revision) USING (code, revision)`
)

// Commit keeps several outcomes in one transaction, its own and those of other
// callers at the same moment: entries, positions, feed, notices, and the commands
// they answer. Of each outcome's entries only those after the ledger's head are
// appended, so it does not matter who comes first or how often.
//
// The result has an error for each outcome that does not fit (custody.ErrDiverged,
// ErrGap, ErrNotFound, ErrUnfit, ErrIncarnation) while the others stand. A second error means that
// nothing is known to be kept, and the same call may be made again.
func (s *Store) Commit(ctx context.Context, outcomes []custody.Outcome) ([]error, error) {
	if len(outcomes) == 0 {
		return nil, nil
	}
	faults, err := s.commits.do(ctx, outcomes)
	if err != nil {
		return nil, fmt.Errorf("commit %d outcomes: %w", len(outcomes), err)
	}
	return faults, nil
}

// commit is Commit for many callers. An outcome that the database will not have
// is found by trying each alone.
func (s *Store) commit(ctx context.Context, outcomes []custody.Outcome) ([]error, error) {
	var c *commit
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		c = &commit{tx: tx, outcomes: outcomes, faults: make([]error, len(outcomes)), files: map[label.Code]*chain{}}
		return c.run(ctx)
	})
	switch {
	case poison(err) && len(outcomes) == 1:
		return []error{fmt.Errorf("%w: %w", custody.ErrUnfit, err)}, nil
	case poison(err):
		faults := make([]error, 0, len(outcomes))
		for i := range outcomes {
			alone, err := s.commit(ctx, outcomes[i:i+1])
			if err != nil {
				return nil, err
			}
			faults = append(faults, alone...)
		}
		return faults, nil
	case err != nil:
		return nil, err
	}
	for i, o := range outcomes {
		if c.faults[i] == nil {
			s.bell.answered(o.Command, answer{outcome: trimmed(o)})
		}
	}
	s.bell.ring(c.more)
	return c.faults, nil
}

// commit is one transaction in progress.
type commit struct {
	tx       pgx.Tx
	outcomes []custody.Outcome
	faults   []error // of each outcome
	files    map[label.Code]*chain
	fresh    []custody.Entry // to append, in order
	more     bool            // some file has a command after the one that was answered

	incarnation custody.Incarnation // that counts
}

// chain is a file's end: as locked, then as appended to.
type chain struct {
	head   custody.Head
	seq    int64                  // of the newest command that its position knows of
	hashes map[int64]custody.Hash // of those revisions that some outcome speaks of
	last   *custody.Outcome       // says where the file is at head; nil: it stays
}

func (c *commit) run(ctx context.Context) error {
	if err := c.open(ctx); err != nil {
		return fmt.Errorf("open files: %w", err)
	}
	if err := c.lock(ctx); err != nil {
		return fmt.Errorf("lock files: %w", err)
	}
	if err := c.recall(ctx); err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	for i := range c.outcomes {
		c.faults[i] = c.fit(&c.outcomes[i])
	}
	if err := c.write(ctx); err != nil {
		return fmt.Errorf("write outcomes: %w", err)
	}
	return nil
}

// open makes registry rows for files that begin, from their first entries and the words
// of the commands that open them.
func (c *commit) open(ctx context.Context) error {
	var ids, departments []string
	var at []time.Time
	var incarnations []int64
	for _, o := range c.outcomes {
		if len(o.Entries) > 0 && o.Entries[0].Revision == 1 {
			first := o.Entries[0]
			ids, at, departments = append(ids, string(first.Command)), append(at, first.Then.Opened), append(departments, string(first.Department))
			incarnations = append(incarnations, int64(o.Incarnation))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := c.tx.Exec(ctx, openFiles, ids, at, departments, incarnations)
	return err
}

// lock takes the files in order of their codes, so that no two commits wait for
// each other in a ring.
func (c *commit) lock(ctx context.Context) error {
	var codes []string
	for _, o := range c.outcomes {
		codes = append(codes, string(o.Position.File))
	}
	slices.Sort(codes)
	rows, err := c.tx.Query(ctx, lockFiles, slices.Compact(codes))
	if err != nil {
		return err
	}
	var code label.Code
	var head custody.Head
	var seq int64
	_, err = pgx.ForEachRow(rows, []any{&code, &head.Revision, &head.Hash, &seq, &c.incarnation}, func() error {
		c.files[code] = &chain{head: head, seq: seq, hashes: map[int64]custody.Hash{head.Revision: head.Hash}}
		return nil
	})
	if err != nil || len(c.files) > 0 {
		return err
	}
	return c.tx.QueryRow(ctx, selectCurrent).Scan(&c.incarnation)
}

// recall reads the hashes of older entries that outcomes carry again.
func (c *commit) recall(ctx context.Context) error {
	var codes []string
	var revisions []int64
	for _, o := range c.outcomes {
		for _, e := range o.Entries {
			if file := c.files[o.Position.File]; file != nil && e.Revision < file.head.Revision {
				codes, revisions = append(codes, string(e.File)), append(revisions, e.Revision)
			}
		}
	}
	if len(codes) == 0 {
		return nil
	}
	rows, err := c.tx.Query(ctx, selectHashes, codes, revisions)
	if err != nil {
		return err
	}
	var code label.Code
	var revision int64
	var hash custody.Hash
	_, err = pgx.ForEachRow(rows, []any{&code, &revision, &hash}, func() error {
		if file := c.files[code]; file != nil {
			file.hashes[revision] = hash
		}
		return nil
	})
	return err
}

// fit passes over an outcome's entries that the ledger has and takes those that
// follow its head; all of them or none.
func (c *commit) fit(o *custody.Outcome) error {
	file := c.files[o.Position.File]
	if file == nil && len(o.Entries) == 0 && o.Position.Revision == 0 {
		return nil // the refusal of a code that no file has
	}
	if o.Incarnation != c.incarnation {
		return fmt.Errorf("file %s: incarnation %d, the office's is %d: %w", o.Position.File, o.Incarnation, c.incarnation, custody.ErrIncarnation)
	}
	if file == nil {
		return fmt.Errorf("file %s: %w", o.Position.File, custody.ErrNotFound)
	}
	head, known := file.head, len(o.Entries)
	for i, e := range o.Entries {
		fault := error(nil)
		switch {
		case e.File != o.Position.File:
			fault = custody.ErrDiverged
		case e.Revision <= file.head.Revision:
			if file.hashes[e.Revision] != e.Hash {
				fault = custody.ErrDiverged
			}
		case e.Revision > head.Revision+1:
			fault = custody.ErrGap
		case e.Prev != head.Hash:
			fault = custody.ErrDiverged
		default:
			head, known = custody.Head{Revision: e.Revision, Hash: e.Hash}, min(known, i)
		}
		if fault != nil {
			return fmt.Errorf("file %s has revision %d, outcome's %d: %w", e.File, head.Revision, e.Revision, fault)
		}
	}
	if o.Position.Revision > head.Revision {
		return fmt.Errorf("file %s has revision %d, outcome's position %d: %w", o.Position.File, head.Revision, o.Position.Revision, custody.ErrGap)
	}
	for _, e := range o.Entries[known:] {
		c.fresh = append(c.fresh, e)
		file.hashes[e.Revision] = e.Hash
	}
	file.head = head
	if o.Position.Revision == head.Revision && head.Revision > 0 && o.Seq >= file.seq { // an older one is another's to move
		file.last, file.seq = o, o.Seq
	}
	return nil
}
