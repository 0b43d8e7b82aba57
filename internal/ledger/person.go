package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
)

const (
	personColumns = `p.id, p.name, coalesce(p.officer, ''), p.language, p.digits, p.ended_at,
    coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role, 'post', g.post, 'department', g.department, 'clearance', g.clearance, 'for', g.stead)
        ORDER BY g.role, g.department, g.post, g.stead) FROM person_grants g WHERE g.person = p.id), '[]')`
	selectPersons = `
SELECT ` + personColumns + `,
    coalesce((SELECT array_agg(s.kind ORDER BY s.kind) FROM person_secrets s WHERE s.person = p.id AND (s.ends_at IS NULL OR s.ends_at > now())), '{}'),
    (SELECT max(s.ends_at) FROM person_secrets s WHERE s.person = p.id AND s.kind IN ('once', 'renew') AND s.ends_at > now()),
    (SELECT max(s.seen_at) FROM sessions s WHERE s.person = p.id)
FROM persons p ORDER BY p.id`
	selectClaimant = `
SELECT ` + personColumns + `,
    coalesce((SELECT jsonb_agg(jsonb_build_object('kind', s.kind, 'hash', s.hash, 'until', s.ends_at)) FROM person_secrets s WHERE s.person = p.id), '[]'),
    EXISTS (SELECT FROM sessions s WHERE s.person = p.id AND s.device = $2 AND s.seen_at >= $4),
    EXISTS (SELECT FROM sessions s WHERE s.person = p.id AND s.network = $3 AND s.seen_at >= $4)
FROM persons p WHERE p.id = $1`
	selectBearer = `
SELECT ` + personColumns + ` FROM person_secrets t JOIN persons p ON p.id = t.person
WHERE t.kind = 'token' AND t.hash = $1 AND (t.ends_at IS NULL OR t.ends_at > $2)`
	selectPersonEvents = `
SELECT e.at, e.who, e.act, e.person, p.name, e.detail FROM person_events e JOIN persons p ON p.id = e.person
WHERE e.at >= $1 ORDER BY e.id DESC LIMIT $2`

	lockPersons  = `SELECT pg_advisory_xact_lock(72616862)` // one change at a time: of two administrators not each takes the other's role
	upsertPerson = `
INSERT INTO persons (id, name, officer, language, digits) VALUES ($1, $2, nullif($3, ''), $4, $5)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, officer = excluded.officer, ended_at = NULL`
	hasPerson    = `SELECT EXISTS (SELECT FROM persons WHERE id = $1)`
	endPerson    = `UPDATE persons SET ended_at = $2 WHERE id = $1`
	preferPerson = `UPDATE persons SET language = $2, digits = $3 WHERE id = $1`
	dropGrants   = `DELETE FROM person_grants WHERE person = $1`
	insertGrant  = `INSERT INTO person_grants (person, role, post, department, clearance, stead) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`
	spendSecret  = `DELETE FROM person_secrets WHERE person = $1 AND hash = $2`
	dropSecrets  = `DELETE FROM person_secrets WHERE person = $1 AND kind = ANY ($2)`
	upsertSecret = `
INSERT INTO person_secrets (person, kind, hash, ends_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (person, kind) DO UPDATE SET hash = excluded.hash, made_at = now(), ends_at = excluded.ends_at`
	insertPersonEvent = `INSERT INTO person_events (who, act, person, detail) VALUES ($1, $2, $3, $4)`
	administrators    = `
SELECT p.id, coalesce(p.officer, '') FROM persons p JOIN person_grants g ON g.person = p.id
WHERE g.role = 'administrator' AND g.post = '' AND g.department = '' AND p.ended_at IS NULL`
)

// People is the ledger's list of persons and their sessions: the store of people.Door.
type People struct{ *Store }

// People returns the list of persons.
func (s *Store) People() People { return People{s} }

// personRow is a person as he is kept.
type personRow struct {
	person people.Person
	ended  *time.Time
}

func (p *personRow) into(more ...any) []any {
	return append([]any{&p.person.ID, &p.person.Name, &p.person.Officer, &p.person.Language, &p.person.Digits, &p.ended, &p.person.Grants}, more...)
}

// as is the person as the office has him now: an officer has its name, and is let in no
// more when it has him no more.
func (p *personRow) as(o *custody.Office, now time.Time) people.Person {
	is := p.person
	if p.ended != nil {
		is.Ended = *p.ended
	}
	if is.Officer == "" {
		return is
	}
	officer, there := o.OfficerByID(is.Officer)
	switch {
	case there:
		is.Name = officer.Name
	case is.In(now):
		is.Ended = now
	}
	return is
}

// Persons returns all that were ever added, by id.
func (s People) Persons(ctx context.Context) ([]people.Listed, error) {
	now := time.Now()
	o, err := s.Office(ctx, now)
	if err != nil {
		return nil, err
	}
	list, err := collect(ctx, s.Store, func(r pgx.CollectableRow) (l people.Listed, err error) {
		var row personRow
		var until, seen *time.Time
		err = r.Scan(row.into(&l.Opens, &until, &seen)...)
		l.Person = row.as(o, now)
		if until != nil {
			l.Until = *until
		}
		if seen != nil {
			l.Seen = *seen
		}
		return l, err
	}, selectPersons)
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	return list, nil
}

// Claimant is who is called by an id, or has a badge: custody.ErrNotFound. Whoever is not
// there costs the same look.
func (s People) Claimant(ctx context.Context, id people.ID, badge label.Code, from people.From, since time.Time) (people.Claimant, error) {
	now := time.Now()
	o, err := s.Office(ctx, now)
	if err != nil {
		return people.Claimant{}, err
	}
	if badge != "" {
		officer, _ := o.OfficerByCode(badge)
		id = people.ID(officer.ID)
	}
	c, err := one(ctx, s.Store, func(r pgx.CollectableRow) (c people.Claimant, err error) {
		var row personRow
		var secrets []struct {
			Kind  people.Kind
			Hash  string
			Until *time.Time
		}
		err = r.Scan(row.into(&secrets, &c.Device, &c.Network)...)
		c.Person = row.as(o, now)
		for _, kept := range secrets {
			secret := people.Secret{Kind: kept.Kind, Hash: kept.Hash}
			if kept.Until != nil {
				secret.Until = *kept.Until
			}
			c.Secrets = append(c.Secrets, secret)
		}
		return c, err
	}, selectClaimant, id, from.Device, from.Network, since)
	if err != nil {
		return c, fmt.Errorf("look for person %q: %w", id, err)
	}
	return c, nil
}

// Bearer is whose token it is by its digest: custody.ErrNotFound.
func (s People) Bearer(ctx context.Context, digest string, now time.Time) (people.Person, error) {
	o, err := s.Office(ctx, now)
	if err != nil {
		return people.Person{}, err
	}
	p, err := one(ctx, s.Store, func(r pgx.CollectableRow) (people.Person, error) {
		var row personRow
		err := r.Scan(row.into()...)
		return row.as(o, now), err
	}, selectBearer, digest, now)
	if err != nil {
		return p, fmt.Errorf("look for token: %w", err)
	}
	return p, nil
}

// Events are what was done to persons from an instant on, newest first.
func (s People) Events(ctx context.Context, since time.Time, limit int) ([]people.Event, error) {
	list, err := collect(ctx, s.Store, pgx.RowToStructByPos[people.Event], selectPersonEvents, since, limit)
	if err != nil {
		return nil, fmt.Errorf("read events of persons: %w", err)
	}
	return list, nil
}

// Alter makes a change of one person whole, with its event: see people.Roll.
func (s People) Alter(ctx context.Context, c people.Change) error {
	now := time.Now()
	o, err := s.Office(ctx, now)
	if err != nil {
		return err
	}
	if _, there := o.OfficerByID(c.Person.Officer); c.Act == people.Added && c.Person.Officer != "" && !there {
		return fmt.Errorf("add person %s: %w", c.Person.ID, people.ErrNoOfficer)
	}
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockPersons); err != nil {
			return err
		}
		was, err := whoAdminister(ctx, tx, o)
		if err == nil {
			err = alterPerson(ctx, tx, c)
		}
		if err != nil {
			return err
		}
		is, err := whoAdminister(ctx, tx, o)
		if err == nil && was > 0 && is == 0 {
			err = people.ErrLast
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("alter person %s: %w", c.Person.ID, err)
	}
	return nil
}

func alterPerson(ctx context.Context, tx pgx.Tx, c people.Change) error {
	p := c.Person
	var b pgx.Batch
	if c.Act == people.Added {
		b.Queue(upsertPerson, p.ID, p.Name, p.Officer, p.Language, p.Digits)
	} else {
		b.Queue(hasPerson, p.ID).QueryRow(func(row pgx.Row) error {
			var there bool
			if err := row.Scan(&there); err != nil || there {
				return err
			}
			return custody.ErrNotFound
		})
	}
	if c.Spends != "" {
		b.Queue(spendSecret, p.ID, c.Spends).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 {
				return custody.ErrNotFound
			}
			return nil
		})
	}
	switch c.Act {
	case people.EndSet, people.Resumed:
		var at *time.Time
		if !p.Ended.IsZero() {
			at = &p.Ended
		}
		b.Queue(endPerson, p.ID, at)
	case people.Preferred:
		b.Queue(preferPerson, p.ID, p.Language, p.Digits)
	}
	if c.Act == people.Granted || c.Act == people.Added && len(p.Grants) > 0 {
		b.Queue(dropGrants, p.ID)
		for _, g := range p.Grants {
			b.Queue(insertGrant, p.ID, g.Role, g.Post, g.Department, g.Clearance, g.For)
		}
	}
	if len(c.Drop) > 0 {
		b.Queue(dropSecrets, p.ID, c.Drop)
	}
	for _, secret := range c.Set {
		var until *time.Time
		if !secret.Until.IsZero() {
			until = &secret.Until
		}
		b.Queue(upsertSecret, p.ID, secret.Kind, secret.Hash, until)
	}
	if c.Ends {
		b.Queue(endSessions, p.ID, 0, c.Kept)
	}
	if c.Act != people.Preferred {
		b.Queue(insertPersonEvent, c.By, c.Act, p.ID, c.Detail)
	}
	return tx.SendBatch(ctx, &b).Close()
}

// whoAdminister counts the administrators of the whole office who can come in.
func whoAdminister(ctx context.Context, tx pgx.Tx, o *custody.Office) (int, error) {
	rows, err := tx.Query(ctx, administrators)
	if err != nil {
		return 0, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		ID      people.ID
		Officer custody.OfficerID
	}])
	n := 0
	for _, a := range list {
		if _, there := o.OfficerByID(a.Officer); a.Officer == "" || there {
			n++
		}
	}
	return n, err
}
