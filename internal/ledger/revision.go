package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

// Revision is one change of the office as it is recorded.
type Revision struct {
	ID          int64
	At          time.Time // when it was recorded
	Who, Reason string
	Actor       string  // custody.Actor as it is stored; empty: an earlier program did not keep it
	Things      []Thing // in order
	Stored      custody.Hash
}

// Thing is what a revision says of one thing of the office.
type Thing struct {
	Kind, ID string
	From     time.Time // that it is so
	Recorded time.Time
	Body     *string // nil: it ended
}

// Hash is what seals a revision behind another: the SHA-256 over that one's hash, its id,
// when, by whose order and why it was recorded, who did that where it is known, and each thing with from when it is so, when it
// was recorded and what it is. Each part stands after its length in bytes and a colon,
// instants as microseconds since 1970.
func (r Revision) Hash(before custody.Hash) custody.Hash {
	h := sha256.New()
	part := func(text string) { fmt.Fprintf(h, "%d:%s", len(text), text) }
	instant := func(at time.Time) { part(fmt.Sprint(at.UnixMicro())) }
	part(string(before))
	part(fmt.Sprint(r.ID))
	instant(r.At)
	part(r.Who)
	part(r.Reason)
	if r.Actor != "" {
		part(r.Actor)
	}
	for _, t := range r.Things {
		part(t.Kind)
		part(t.ID)
		instant(t.From)
		instant(t.Recorded)
		if t.Body == nil {
			part("ended")
			continue
		}
		part("is")
		part(*t.Body)
	}
	return custody.Hash(hex.EncodeToString(h.Sum(nil)))
}

const (
	selectRevisions = `
SELECT c.id, c.at, c.who, c.reason, c.actor, COALESCE(s.hash, '') FROM changes c LEFT JOIN seals s ON s.revision = c.id
WHERE c.id > $1 ORDER BY c.id LIMIT $2`
	selectThings = `
SELECT revision, kind, id, valid_from, recorded_at, body::text FROM reference WHERE revision > $1 AND revision <= $2
ORDER BY revision, kind COLLATE "C", id COLLATE "C"`
	selectSeal = `SELECT COALESCE((SELECT hash FROM seals ORDER BY revision DESC LIMIT 1), '')`
	insertSeal = `INSERT INTO seals (revision, hash) VALUES ($1, $2)`
)

// Revisions walks the changes of the office in their order: up to limit after a revision.
func (s *Store) Revisions(ctx context.Context, after int64, limit int) (list []Revision, err error) {
	err = s.look(ctx, func(ctx context.Context, tx pgx.Tx) error {
		list, err = revisions(ctx, tx, after, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("walk changes of the office: %w", err)
	}
	return list, nil
}

func revisions(ctx context.Context, tx pgx.Tx, after int64, limit int) ([]Revision, error) {
	rows, err := tx.Query(ctx, selectRevisions, after, limit)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Revision, err error) {
		return r, row.Scan(&r.ID, &r.At, &r.Who, &r.Reason, &r.Actor, &r.Stored)
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if rows, err = tx.Query(ctx, selectThings, after, list[len(list)-1].ID); err != nil {
		return nil, err
	}
	at := 0
	var revision int64
	var t Thing
	_, err = pgx.ForEachRow(rows, []any{&revision, &t.Kind, &t.ID, &t.From, &t.Recorded, &t.Body}, func() error {
		for list[at].ID < revision {
			at++
		}
		if list[at].ID == revision {
			list[at].Things = append(list[at].Things, t)
		}
		return nil
	})
	return list, err
}

// seal chains a revision that was just written to the one before it.
func seal(ctx context.Context, tx pgx.Tx, revision int64) error {
	var before custody.Hash
	if err := tx.QueryRow(ctx, selectSeal).Scan(&before); err != nil {
		return err
	}
	list, err := revisions(ctx, tx, revision-1, 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, insertSeal, revision, list[0].Hash(before))
	return err
}
