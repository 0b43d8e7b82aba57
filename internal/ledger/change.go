package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	lockChanges = `SELECT pg_advisory_xact_lock(72616861)` // one at a time: revisions are in the order of commits
	// What is changed from now on comes after everything before, also where the clock was set back.
	insertChange = `
INSERT INTO changes (who, reason, actor) VALUES ($1, $2, $3)
RETURNING id, (SELECT greatest(now(), max(valid_from) + interval '1 microsecond') FROM reference)`
	insertReference = `INSERT INTO reference (kind, id, revision, valid_from, body) VALUES ($1, $2, $3, $4, $5)`
	selectRevision  = `SELECT COALESCE(max(revision), 0) FROM reference`
	selectNewest    = `SELECT COALESCE(max(revision), 0), greatest(now(), max(valid_from) + interval '1 microsecond') FROM reference`
	selectHistory   = `SELECT id, at, who, reason, actor FROM changes ORDER BY id DESC LIMIT $1`
)

// SetOffice makes the given reference data what is in force from now on. Only
// what differs is written; what is no longer there ends. who and why are kept. A
// calendar whose hours differ gets a higher revision, or files would not take it. An
// office with a revision is one that was read and altered: where another change came
// into force meanwhile it is refused, or it would take that back. Desks, officers, holds and
// reasons without a code get one, the same at every change. An office that does not hold
// together is refused with every problem.
func (s *Store) SetOffice(ctx context.Context, o custody.Office, who, reason string) error {
	_, err := s.setOffice(ctx, o, time.Time{}, Order{Who: who, Reason: reason})
	return err
}

// AlterOffice is SetOffice by an order, and tells what came of it. What holds open files, or
// expects some, is taken out only where the order says where they go: then each of them is
// corrected there by a command of its own, stored with the change. ErrHolds.
func (s *Store) AlterOffice(ctx context.Context, o custody.Office, by Order) (Altered, error) {
	return s.setOffice(ctx, o, time.Time{}, by)
}

// setOffice is AlterOffice from an instant on that has passed; zero is now. What the given
// office has otherwise than the newest one is so from then on, whatever was said of these
// things since; of others nothing changes. An office that would not have held together at
// some instant from then on is refused.
func (s *Store) setOffice(ctx context.Context, o custody.Office, from time.Time, by Order) (done Altered, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		done, err = enact(ctx, tx, o, from, by)
		if err == nil && by.Dry {
			err = errDry
		}
		return err
	})
	s.offices.expire() // a change that failed may have been made
	if errors.Is(err, errDry) {
		return done, nil
	}
	if err != nil {
		return Altered{}, fmt.Errorf("set office: %w", err)
	}
	s.bell.ring(false)
	return done, nil
}

func enact(ctx context.Context, tx pgx.Tx, o custody.Office, from time.Time, by Order) (done Altered, err error) {
	if _, err := tx.Exec(ctx, lockChanges); err != nil {
		return done, err
	}
	var revision int64
	var now time.Time
	if err := tx.QueryRow(ctx, selectNewest).Scan(&revision, &now); err != nil {
		return done, err
	}
	if !from.IsZero() {
		now = from
	}
	if err := encode(ctx, tx, &o); err != nil {
		return done, err
	}
	want, err := things(o)
	if err := errors.Join(err, o.Validate()); err != nil {
		return done, err
	}
	have, err := newest(ctx, tx, revision)
	if err == nil {
		err = revise(have, want, now)
	}
	if err != nil {
		return done, err
	}
	changed := differing(have, want)
	if len(changed) == 0 {
		return done, nil
	}
	if o.Revision != 0 && o.Revision != revision {
		return done, fmt.Errorf("it was made from revision %d, in force is %d: alter that one, or leave the revision out", o.Revision, revision)
	}
	done.Things = alterations(changed, have, want)
	if done.Files, err = touched(ctx, tx, changed); err != nil {
		return done, err
	}
	if done.Clocks, err = clocks(ctx, tx, have, want, now); err != nil {
		return done, err
	}
	if err := done.Clocks.ordered(by); err != nil {
		return done, err
	}
	at, err := change(ctx, tx, changed, want, from, by)
	if err != nil {
		return done, err
	}
	ended := slices.DeleteFunc(slices.Clone(changed), func(k key) bool { return want[k] != nil })
	return done, rehouse(ctx, tx, done.Files, ended, &o, by, at)
}

// newest returns what there is after every change.
func newest(ctx context.Context, tx pgx.Tx, revision int64) (map[key]json.RawMessage, error) {
	items, err := known(ctx, tx, revision)
	have := map[key]json.RawMessage{}
	for _, i := range items {
		if i.to.Equal(forever) && i.body != nil {
			have[i.key] = i.body
		}
	}
	return have, err
}

// known is the office as it is known at a revision.
func known(ctx context.Context, tx pgx.Tx, revision int64) ([]item, error) {
	rows, err := tx.Query(ctx, selectReference, revision)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, toItem)
}

// differing returns what two offices do not have in common.
func differing(have, want map[key]json.RawMessage) []key {
	keys := maps.Clone(have)
	maps.Copy(keys, want)
	changed := slices.DeleteFunc(slices.Collect(maps.Keys(keys)), func(k key) bool { return sameJSON(have[k], want[k]) })
	slices.SortFunc(changed, func(a, b key) int { return strings.Compare(a.kind+" "+a.id, b.kind+" "+b.id) })
	return changed
}

// change writes what is wanted of some things as one revision, and looks whether every
// office from then on holds together. It returns from when it counts.
func change(ctx context.Context, tx pgx.Tx, changed []key, want map[key]json.RawMessage, from time.Time, by Order) (time.Time, error) {
	var revision int64
	var now time.Time
	if err := tx.QueryRow(ctx, insertChange, by.Who, by.Reason, signed(by.By)).Scan(&revision, &now); err != nil {
		return from, err
	}
	if from.IsZero() {
		from = now
	}
	var b pgx.Batch
	for _, k := range changed {
		b.Queue(insertReference, k.kind, k.id, revision, from, want[k])
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return from, err
	}
	if err := seal(ctx, tx, revision); err != nil {
		return from, err
	}
	items, err := known(ctx, tx, revision)
	if err != nil {
		return from, err
	}
	for at := from; at.Before(forever); {
		then, err := build(items, at)
		if err == nil {
			err = then.office.Validate()
		}
		if err != nil {
			return from, fmt.Errorf("as of %s: %w", at.UTC().Format(time.RFC3339Nano), err)
		}
		at = then.to
	}
	return from, nil
}

// sameJSON compares what two texts mean: jsonb keeps neither order nor spaces.
func sameJSON(a, b []byte) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// Change is one alteration of the office.
type Change struct {
	Revision int64
	At       time.Time // when it was recorded
	Who      string    // ordered it, in words
	Reason   string
	By       custody.Actor
	Things   []Alteration
}

// Changes returns the office's alterations, newest first, with what each altered.
func (s *Store) Changes(ctx context.Context, limit int) ([]Change, error) {
	list, err := collect(ctx, s, func(r pgx.CollectableRow) (c Change, err error) {
		var actor string
		if err := r.Scan(&c.Revision, &c.At, &c.Who, &c.Reason, &actor); err != nil {
			return c, err
		}
		c.By, err = signer(actor)
		return c, err
	}, selectHistory, limit)
	if err != nil || len(list) == 0 {
		if err != nil {
			err = fmt.Errorf("read changes of the office: %w", err)
		}
		return nil, err
	}
	items, err := collect(ctx, s, toItem, selectReference, list[0].Revision)
	if err != nil {
		return nil, fmt.Errorf("read changes of the office: %w", err)
	}
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(a.revision, b.revision) })
	slices.Reverse(list)
	was := map[key]json.RawMessage{}
	for n := range list {
		is := maps.Clone(was)
		var changed []key
		for len(items) > 0 && items[0].revision <= list[n].Revision {
			i := items[0]
			is[i.key], items = i.body, items[1:]
			if i.revision == list[n].Revision {
				changed = append(changed, i.key)
			} else { // of a change that is not listed
				was[i.key] = i.body
			}
		}
		slices.SortFunc(changed, func(a, b key) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id)) })
		list[n].Things = alterations(changed, was, is)
		was = is
	}
	slices.Reverse(list)
	return list, nil
}
