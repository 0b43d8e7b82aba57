package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Stuck is a quarantined command.
type Stuck struct {
	Command  custody.Command // without what was typed
	Who      string          // ordered it, in words; empty: nobody said, or it was weeded
	File     label.Code      // whose queue waits behind it
	Number   string          // of that file; empty where there is none yet
	Received time.Time
	Attempts int
	Error    string // of the last attempt
	Behind   int    // commands of the same file that wait for it
}

const (
	selectStuck = `
SELECT i.id::text, i.body, COALESCE(i.texts->>'who', ''), q.code, COALESCE(f.number, ''), i.received_at, i.attempts, COALESCE(i.error, ''), q.last - i.seq - q.wakes + (i.lane = 1)::int
FROM queues q JOIN inbox i ON i.code = q.code AND i.seq = q.done + 1 LEFT JOIN files f ON f.code = q.code
WHERE q.stuck ORDER BY i.received_at, q.code`
	lockStuck = `
SELECT q.code, i.body, COALESCE(i.texts, '{}'), COALESCE(i.salts, '{}'), i.seq, i.received_at, r.body
FROM queues q JOIN inbox i USING (code) LEFT JOIN resolved r ON r.command = i.id
WHERE i.id = $1 AND i.state = 'quarantined' FOR NO KEY UPDATE OF q, i`
	unstickCommand = `UPDATE inbox SET state = 'stored', attempts = 0 WHERE id = $1`
	forgetResolved = `DELETE FROM resolved WHERE command = $1`
	setResolved    = `INSERT INTO resolved (command, body) VALUES ($1, $2) ON CONFLICT (command) DO UPDATE SET body = EXCLUDED.body`
	unstickQueue   = `UPDATE queues SET stuck = false, stuck_at = NULL, not_before = now() WHERE code = $1`
	insertAudit    = `INSERT INTO audit (actor, act, command, reason, salts) VALUES ($1, $2, $3, $4, $5)`
	selectAudit    = `SELECT at, actor, act, command::text, reason FROM audit ORDER BY id DESC LIMIT $1`
)

// Quarantined returns every command that waits for a person, oldest first.
func (s *Store) Quarantined(ctx context.Context) ([]Stuck, error) {
	list, err := collect(ctx, s, func(r pgx.CollectableRow) (stuck Stuck, err error) {
		var id custody.CommandID
		var body string
		if err := r.Scan(&id, &body, &stuck.Who, &stuck.File, &stuck.Number, &stuck.Received, &stuck.Attempts, &stuck.Error, &stuck.Behind); err != nil {
			return stuck, err
		}
		stuck.Command, _ = readCommand(id, body) // Error says so
		return stuck, nil
	}, selectStuck)
	if err != nil {
		return nil, fmt.Errorf("read quarantine: %w", err)
	}
	return list, nil
}

// Retry lets a quarantined command be tried again, ten times, also one whose voiding
// failed: it then counts as itself. By whom and why is kept. custody.ErrNotFound when it is not quarantined.
func (s *Store) Retry(ctx context.Context, id custody.CommandID, by custody.Actor, reason string) error {
	return s.free(ctx, id, "retry", by, reason)
}

// Void sets a quarantined command aside. It still takes its turn, so that the
// file's numbering stays whole, and its chain says who voided it and why. A
// workflow that has decided it already answers as it did.
// custody.ErrNotFound when it is not quarantined.
func (s *Store) Void(ctx context.Context, id custody.CommandID, by custody.Actor, reason string) error {
	return s.free(ctx, id, "void", by, reason)
}

func (s *Store) free(ctx context.Context, id custody.CommandID, act string, by custody.Actor, reason string) error {
	reason = typed(reason)
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var code label.Code
		var form, salts *string
		var words said
		var r custody.Resolved
		if err := tx.QueryRow(ctx, lockStuck, id).Scan(&code, &words.body, &words.texts, &words.salts, &r.Seq, &r.Received, &form); err != nil {
			return err
		}
		switch {
		case act != "void" && voids(form):
			form = nil // resolved again, as of its time
		case act == "void":
			words.voided = custody.Texts{custody.VoidReasonField: reason}
			words.voids = map[custody.Field]string{custody.VoidReasonField: salt()}
			if r.Command, _ = readCommand(id, words.body); r.Command.Code != code {
				r.File = code
			}
			r.Version, r.By, r.Words, r.Void = custody.ResolvedVersion, by, words.words().Digests(id), true
			text := string(r.Bytes())
			form, salts = &text, jsonText(words.voids)
		}
		var b pgx.Batch
		b.Queue(unstickQueue, code)
		b.Queue(unstickCommand, id)
		if form == nil {
			b.Queue(forgetResolved, id)
		} else {
			b.Queue(setResolved, id, form)
		}
		b.Queue(insertAudit, signed(by), act, id, reason, salts)
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		return tell(ctx, tx, code, custody.Freed)
	})
	if err != nil {
		return fmt.Errorf("%s command %s: %w", act, id, notFound(err))
	}
	s.bell.ring(true)
	return nil
}

// voids reports whether a stored form sets its command aside.
func voids(form *string) bool {
	if form == nil {
		return false
	}
	r, err := custody.ReadResolved([]byte(*form))
	return err == nil && r.Void
}

// Audited is what an administrator did to a stuck command.
type Audited struct {
	At      time.Time
	By      custody.Actor
	Act     string // retry or void
	Command custody.CommandID
	Reason  string
}

// Audit returns the newest acts, newest first.
func (s *Store) Audit(ctx context.Context, limit int) ([]Audited, error) {
	list, err := collect(ctx, s, func(r pgx.CollectableRow) (a Audited, err error) {
		var actor string
		if err := r.Scan(&a.At, &actor, &a.Act, &a.Command, &a.Reason); err != nil {
			return a, err
		}
		a.By, err = signer(actor)
		return a, err
	}, selectAudit, limit)
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	return list, nil
}
