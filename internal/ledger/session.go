package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/people"
)

const (
	sessionColumns = `s.id, s.person, s.network, s.agent, s.shared, s.began_at, s.seen_at, s.ends_at, coalesce(s.locked_at, '0001-01-01 00:00:00+00')`
	insertSession  = `
INSERT INTO sessions (digest, person, device, network, agent, shared, began_at, seen_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
ON CONFLICT (digest) DO UPDATE SET seen_at = excluded.seen_at
RETURNING id`
	selectSession = `SELECT ` + sessionColumns + `, ` + personColumns + `
FROM sessions s JOIN persons p ON p.id = s.person WHERE s.digest = $1 AND s.ended_at IS NULL`
	noteSession  = `UPDATE sessions SET seen_at = greatest(seen_at, $2) WHERE id = $1`
	latchSession = `UPDATE sessions SET locked_at = nullif($2::timestamptz, '0001-01-01 00:00:00+00') WHERE id = $1`
	openSessions = `SELECT ` + sessionColumns + ` FROM sessions s WHERE s.person = $1 AND s.ended_at IS NULL ORDER BY s.began_at DESC`
	endSessions  = `
UPDATE sessions SET ended_at = now() WHERE person = $1 AND ended_at IS NULL AND (id = $2 OR $2 = 0) AND id <> $3`
	sweepSessions = `DELETE FROM sessions WHERE person = $1 AND seen_at < $2::timestamptz - interval '200 days' AND ends_at < $2`
)

func sessionInto(v *people.Session) []any {
	return []any{&v.ID, &v.Person, &v.Network, &v.Agent, &v.Shared, &v.Began, &v.Seen, &v.Ends, &v.Locked}
}

// Begin keeps a session; the same one again is the one that is there. Those of the person
// that are long over go.
func (s People) Begin(ctx context.Context, digest, device string, v people.Session) (id int64, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sweepSessions, v.Person, v.Began); err != nil {
			return err
		}
		return tx.QueryRow(ctx, insertSession, digest, v.Person, device, v.Network, v.Agent, v.Shared, v.Began, v.Ends).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("begin session of %s: %w", v.Person, err)
	}
	return id, nil
}

// Session is the one of a digest that was not ended, with its person: custody.ErrNotFound.
func (s People) Session(ctx context.Context, digest string) (people.Person, people.Session, error) {
	now := time.Now()
	o, err := s.Office(ctx, now)
	if err != nil {
		return people.Person{}, people.Session{}, err
	}
	type signedIn struct {
		person  people.Person
		session people.Session
	}
	in, err := one(ctx, s.Store, func(r pgx.CollectableRow) (in signedIn, err error) {
		var row personRow
		err = r.Scan(append(sessionInto(&in.session), row.into()...)...)
		in.person = row.as(o, now)
		return in, err
	}, selectSession, digest)
	if err != nil {
		return people.Person{}, people.Session{}, fmt.Errorf("look for session: %w", err)
	}
	return in.person, in.session, nil
}

// Note keeps when something was done in a session; an older instant changes nothing. A
// crash of the database may undo it.
func (s People) Note(ctx context.Context, id int64, seen time.Time) error {
	if _, err := relaxed(ctx, s.Store, pgx.RowTo[int64], noteSession+` RETURNING id`, id, seen); err != nil {
		return fmt.Errorf("note session %d: %w", id, err)
	}
	return nil
}

// Latch locks a session since an instant; zero unlocks it.
func (s People) Latch(ctx context.Context, id int64, since time.Time) error {
	if _, err := s.exec(ctx, latchSession, id, since); err != nil {
		return fmt.Errorf("lock session %d: %w", id, err)
	}
	return nil
}

// SessionsOf are a person's sessions that were not ended, newest first.
func (s People) SessionsOf(ctx context.Context, id people.ID) ([]people.Session, error) {
	list, err := collect(ctx, s.Store, func(r pgx.CollectableRow) (v people.Session, err error) {
		return v, r.Scan(sessionInto(&v)...)
	}, openSessions, id)
	if err != nil {
		return nil, fmt.Errorf("read sessions of %s: %w", id, err)
	}
	return list, nil
}

// End ends one session of a person, or with 0 all but the kept one: custody.ErrNotFound.
func (s People) End(ctx context.Context, id people.ID, session, kept int64) error {
	n, err := s.exec(ctx, endSessions, id, session, kept)
	if err == nil && n == 0 && session != 0 {
		err = custody.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("end session %d of %s: %w", session, id, err)
	}
	return nil
}
