package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Work is the head of a file's queue, leased to one dispatcher.
type Work struct {
	Command  custody.Command
	Words    custody.Digests   // of what people typed into Command, which it does not have itself
	Act      custody.CommandID // with an undo that names a command: the act that this was, or repeated
	Unread   error             // why Command has nothing but its id: a newer program stored it
	File     label.Code        // whose queue it is: the file of Command.Code
	Lane     custody.Lane      // of that queue
	Taken    bool              // what Command claims belongs to another file
	Stray    bool              // what Command reads is no cover of File, nor was one
	Seq      int64
	Received time.Time
	Age      custody.Age // before Received that it happened
	Attempts int
	Resolved []byte            // as stored at an earlier attempt; nil: not yet resolved
	Relies   []custody.Digest  // contents that the next decision about the file needs, whatever is asked
	Form     int               // custody.Form of the program that decided it last
	Exists   bool              // the code has a file
	Position *custody.Position // of that file, after every command before this one
	Label    bool              // the code was printed by this office
	Final    []byte            // state that a closed file left behind, as stored: see custody.ReadState
	Head     custody.Head

	Incarnation custody.Incarnation // for whose workflows it is leased
}

// A lease or a pause that ends later than any can was given before the clock was
// set back: it counts for nothing, or the queue would stand until then.
const (
	leaseQueues = `
WITH ready AS (
    SELECT r.code FROM unnest($2::int[]) WITH ORDINALITY AS l (share, lane), LATERAL (
        SELECT code FROM queues
        WHERE done < last AND NOT stuck AND queues.lane = l.lane - 1 AND ` + whileMade + `$5)
          AND NOT (not_before > now() AND not_before <= now() + $4::interval)
          AND NOT (lease_until > now() AND lease_until <= now() + greatest($3::interval, $4::interval))
        ORDER BY not_before LIMIT l.share FOR NO KEY UPDATE SKIP LOCKED
    ) r
)
UPDATE queues SET lease_owner = $1, lease_until = now() + $3::interval
FROM ready WHERE queues.code = ready.code RETURNING queues.code`

	selectWork = `
SELECT q.code, q.lane, i.id::text, i.body, i.texts, i.salts, i.seq, i.received_at, i.age_us, i.age_exact, i.attempts, r.body, COALESCE(f.revision, 0) > 0, l.code IS NOT NULL,
       f.position, f.final, f.relies, COALESCE(f.form, 0), COALESCE(f.revision, 0), COALESCE(f.hash, '')
FROM queues q
JOIN inbox i ON i.code = q.code AND i.seq = q.done + 1
LEFT JOIN resolved r ON r.command = i.id
LEFT JOIN files f ON f.code = q.code
LEFT JOIN labels l ON l.code = q.code
WHERE q.code = ANY ($1) AND q.lease_owner = $2
ORDER BY q.lane, q.not_before, q.code`
)

// longest bounds leases and pauses.
const longest = 5 * time.Minute

// Lease gives the heads of queues, in each lane up to its share and those that wait
// longest first, to owner for ttl, which is at most five minutes. A lease that has run out may be
// given to another: both may then decide the same command, and the workflow's seq
// and the ledger's revisions make that harmless.
//
// The work is read by a statement of its own: one that also takes the leases
// could see a queue after, and its file before, the same commit.
//
// A program of an incarnation that is over, or not yet made, is given nothing.
func (s *Store) Lease(ctx context.Context, owner string, shares custody.Lanes[int], ttl time.Duration) ([]Work, error) {
	codes, err := relaxed(ctx, s, pgx.RowTo[string], leaseQueues, owner, shares[:], ttl, longest, s.incarnation.Load())
	if err != nil {
		return nil, fmt.Errorf("lease queues: %w", err)
	}
	if len(codes) == 0 {
		return nil, nil
	}
	work, err := collect(ctx, s, scanWork, selectWork, codes, owner)
	if err != nil {
		return nil, fmt.Errorf("read leased work: %w", err)
	}
	for i := range work {
		work[i].Incarnation = custody.Incarnation(s.incarnation.Load())
	}
	if err := s.lookUpCovers(ctx, work); err != nil {
		return nil, fmt.Errorf("look up covers of leased work: %w", err)
	}
	if err := s.lookUpActs(ctx, work); err != nil {
		return nil, fmt.Errorf("look up acts that leased work undoes: %w", err)
	}
	return work, nil
}

// Ready returns a channel that receives when commands may be ready that no Lease has
// seen: stored, freed, or next in their files' turn, in this process or another. Call stop
// when done. Pauses and leases that run out are told by nothing.
func (s *Store) Ready() (ready <-chan struct{}, stop func()) { return s.bell.watch(s.bell.work) }

// readCommand reads a command of the inbox, without what was typed. Beside an error it has
// nothing but its id: see custody.ErrNewer.
func readCommand(id custody.CommandID, body string) (custody.Command, error) {
	c, err := custody.ReadCommand([]byte(body))
	if err != nil {
		return custody.Command{ID: id}, err
	}
	return c, nil
}

func scanWork(row pgx.CollectableRow) (w Work, err error) {
	var id custody.CommandID
	var age *int64
	var resolved *string
	var words said
	into := []any{&w.File, &w.Lane, &id, &words.body, &words.texts, &words.salts}
	into = append(into, &w.Seq, &w.Received, &age, &w.Age.Exact, &w.Attempts, &resolved, &w.Exists, &w.Label, &w.Position, &w.Final, &w.Relies, &w.Form, &w.Head.Revision, &w.Head.Hash)
	if err := row.Scan(into...); err != nil {
		return w, err
	}
	w.Words = words.words().Digests(id)
	if resolved != nil {
		w.Resolved = []byte(*resolved)
	}
	if age != nil {
		w.Age.Known, w.Age.Span = true, time.Duration(*age)*time.Microsecond
	}
	w.Command, w.Unread = readCommand(id, words.body)
	return w, nil
}

const selectActs = `
SELECT COALESCE((
    SELECT i.id FROM inbox i WHERE i.code = u.file AND i.seq <= n.seq AND i.lane <> 1 AND i.outcome->>'verdict' <> $3 AND i.outcome->>'reason' <> $4
        AND (i.id = u.named OR i.outcome->>'verdict' <> $5 AND i.outcome->>'reason' <> ALL ($6::text[])) -- what came to nothing is an act only where it is named
    ORDER BY i.seq DESC LIMIT 1), u.named)::text
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS u (file, named, place)
LEFT JOIN inbox n ON n.id = u.named AND n.code = u.file ORDER BY u.place`

// lookUpActs fills in what undoing commands mean: a station names its newest scan, which
// may have been a repeated one that changed nothing.
func (s *Store) lookUpActs(ctx context.Context, work []Work) error {
	var at []*Work
	var files, named []string
	for i := range work {
		w := &work[i]
		if act := w.Command.Undoes(); w.Resolved == nil && act != "" {
			at, files, named = append(at, w), append(files, string(w.File)), append(named, string(act))
		}
	}
	if len(at) == 0 {
		return nil
	}
	acts, err := collect(ctx, s, pgx.RowTo[custody.CommandID], selectActs, files, named, custody.Ticked, custody.Confirmed,
		custody.Refused, []custody.Reason{custody.Late, custody.Voided})
	for i, act := range acts {
		at[i].Act = act
	}
	return err
}

const releaseQueue = `
UPDATE queues SET lease_owner = NULL, lease_until = '-infinity', not_before = now() + $3::interval
WHERE code = $1 AND lease_owner = $2`

// Release gives a lease back without blame, to be tried again after pause: the
// engine was away, not the command bad.
func (s *Store) Release(ctx context.Context, owner string, code label.Code, pause time.Duration) error {
	if _, err := relaxed(ctx, s, pgx.RowTo[int], releaseQueue, code, owner, pause); err != nil {
		return fmt.Errorf("release queue %s: %w", code, err)
	}
	return nil
}

// maxAttempts is how often a command may fail before a person must look.
const maxAttempts = 10

const failCommand = `
WITH head AS (
    SELECT q.code FROM queues q JOIN inbox i USING (code)
    WHERE i.id = $1 AND i.state = 'stored' AND q.lease_owner = $2 FOR NO KEY UPDATE OF q
), failed AS (
    UPDATE inbox SET attempts = attempts + 1, error = $3,
        state = CASE WHEN $5 OR attempts + 1 >= $6 THEN 'quarantined' ELSE state END
    FROM head WHERE inbox.id = $1 AND inbox.state = 'stored'
    RETURNING inbox.code, inbox.state
)
UPDATE queues q SET lease_owner = NULL, lease_until = '-infinity', not_before = now() + $4::interval,
    stuck = failed.state = 'quarantined', stuck_at = CASE WHEN failed.state = 'quarantined' THEN now() END, told_at = NULL
FROM failed WHERE q.code = failed.code
RETURNING q.code, q.stuck`

// Fail notes a failed attempt, to be tried again after pause. At the tenth, or at
// once when hopeless, the command is quarantined and its queue waits for a
// person; that is returned. It does nothing once the command is decided or leased
// to another.
func (s *Store) Fail(ctx context.Context, owner string, id custody.CommandID, cause error, hopeless bool, pause time.Duration) (quarantined bool, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var code label.Code
		err := tx.QueryRow(ctx, failCommand, id, owner, cause.Error(), pause, hopeless, maxAttempts).Scan(&code, &quarantined)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil && quarantined {
			err = tell(ctx, tx, code, custody.Stuck)
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("note failure of command %s: %w", id, err)
	}
	if quarantined {
		s.bell.answered(id, answer{err: fmt.Errorf("command %s: %w", id, custody.ErrQuarantined)})
		s.bell.ring(false)
	}
	return quarantined, nil
}
