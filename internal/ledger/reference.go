package ledger

import (
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

	"harkara/internal/calendar"
	"harkara/internal/custody"
)

const (
	// Stretches of one thing must not overlap, also where the clock was set back.
	insertChange = `
INSERT INTO changes (at, who, reason)
SELECT greatest(now(), (SELECT max(valid_from) FROM reference) + interval '1 microsecond'), $1, $2 RETURNING id, at`
	lockChanges     = `SELECT pg_advisory_xact_lock(72616861)` // one change at a time
	selectCurrent   = `SELECT kind, id, body::text FROM reference WHERE valid_to = 'infinity'`
	endReference    = `UPDATE reference SET valid_to = $3 WHERE kind = $1 AND id = $2 AND valid_to = 'infinity'`
	insertReference = `INSERT INTO reference (kind, id, valid_from, body, change) VALUES ($1, $2, $3, $4, $5)`
	selectHistory   = `
SELECT c.at, c.who, c.reason, count(r.id)::integer FROM changes c LEFT JOIN reference r ON r.change = c.id
GROUP BY c.id ORDER BY c.id DESC LIMIT $1`
)

// key names a thing of the office.
type key struct{ kind, id string }

// office is what there is one of.
type office struct {
	Name   custody.Name   `json:"name"`
	Sample bool           `json:"sample,omitempty"`
	Policy custody.Policy `json:"policy"`
}

// things takes an office apart; assign puts one together.
func things(o custody.Office) (map[key]json.RawMessage, error) {
	all := map[key]json.RawMessage{}
	err := errors.Join(
		apart(all, "office", []office{{o.Name, o.Sample, o.Policy}}, func(office) string { return "" }),
		apart(all, "department", o.Departments, func(d custody.Department) string { return string(d.ID) }),
		apart(all, "room", o.Rooms, func(r custody.Room) string { return string(r.ID) }),
		apart(all, "desk", o.Desks, func(d custody.Desk) string { return string(d.ID) }),
		apart(all, "post", o.Posts, func(p custody.Post) string { return string(p.ID) }),
		apart(all, "officer", o.Officers, func(p custody.Officer) string { return string(p.ID) }),
		apart(all, "station", o.Stations, func(s custody.Station) string { return string(s.ID) }),
		apart(all, "route", o.Routes, func(r custody.Route) string { return string(r.ID) }),
		apart(all, "hold", o.Holds, func(h custody.HoldCard) string { return string(h.ID) }),
		apart(all, "reason", o.Reasons, func(r custody.ReasonCard) string { return string(r.ID) }),
		apart(all, "ladder", o.Ladders, func(l custody.Ladder) string { return string(l.ID) }),
		apart(all, "calendar", o.Calendars, func(c calendar.Calendar) string { return c.ID }),
	)
	return all, err
}

func apart[T any](all map[key]json.RawMessage, kind string, list []T, id func(T) string) error {
	for _, t := range list {
		k := key{kind, id(t)}
		if _, twice := all[k]; twice {
			return fmt.Errorf("%s %q is there twice", kind, k.id)
		}
		raw, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("marshal %s %q: %w", kind, k.id, err)
		}
		all[k] = raw
	}
	return nil
}

func assign(o *custody.Office, i item) error {
	switch i.Kind {
	case "office":
		var row office
		err := json.Unmarshal(i.Body, &row)
		o.Name, o.Sample, o.Policy = row.Name, row.Sample, row.Policy
		return err
	case "department":
		return add(&o.Departments, i.Body)
	case "room":
		return add(&o.Rooms, i.Body)
	case "desk":
		return add(&o.Desks, i.Body)
	case "post":
		return add(&o.Posts, i.Body)
	case "officer":
		return add(&o.Officers, i.Body)
	case "station":
		return add(&o.Stations, i.Body)
	case "route":
		return add(&o.Routes, i.Body)
	case "hold":
		return add(&o.Holds, i.Body)
	case "reason":
		return add(&o.Reasons, i.Body)
	case "ladder":
		return add(&o.Ladders, i.Body)
	case "calendar":
		return add(&o.Calendars, i.Body)
	}
	return errors.New("a newer program wrote it")
}

func add[T any](list *[]T, body []byte) error {
	var t T
	err := json.Unmarshal(body, &t)
	*list = append(*list, t)
	return err
}

// SetOffice makes the given reference data what is in force from now on. Only
// what differs is written; what is no longer there ends. who and why are kept. A
// calendar whose hours differ gets a higher revision, or files would not take it. An
// office with a revision is one that was read and altered: where another change came
// into force meanwhile it is refused, or it would take that back. An office that does not hold together is refused with every problem.
func (s *Store) SetOffice(ctx context.Context, o custody.Office, who, reason string) error {
	want, err := things(o)
	if err := errors.Join(err, o.Validate()); err != nil {
		return fmt.Errorf("set office: %w", err)
	}
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockChanges); err != nil {
			return err
		}
		have, err := current(ctx, tx)
		if err == nil {
			err = revise(have, want)
		}
		if err != nil {
			return err
		}
		changed := differing(have, want)
		if len(changed) == 0 {
			return nil
		}
		if err := unmoved(ctx, tx, o.Revision); err != nil {
			return err
		}
		return replace(ctx, tx, changed, have, want, who, reason)
	})
	if err != nil {
		return fmt.Errorf("set office: %w", err)
	}
	s.offices.mu.Lock()
	s.offices.checked, s.offices.sets = time.Time{}, s.offices.sets+1
	s.offices.mu.Unlock()
	s.bell.ring()
	return nil
}

// revise raises the revisions of wanted calendars over those that are in force.
func revise(have, want map[key]json.RawMessage) error {
	for k := range want {
		if k.kind != "calendar" || have[k] == nil {
			continue
		}
		var old, c calendar.Calendar
		if err := errors.Join(json.Unmarshal(have[k], &old), json.Unmarshal(want[k], &c)); err != nil {
			return err
		}
		if c.Revision > old.Revision {
			continue
		}
		if c.Revision = old.Revision; !reflect.DeepEqual(c, old) {
			c.Revision++
		}
		raw, err := json.Marshal(c)
		if err != nil {
			return err
		}
		want[k] = raw
	}
	return nil
}

func current(ctx context.Context, tx pgx.Tx) (map[key]json.RawMessage, error) {
	rows, err := tx.Query(ctx, selectCurrent)
	if err != nil {
		return nil, err
	}
	have := map[key]json.RawMessage{}
	var k key
	var body string
	_, err = pgx.ForEachRow(rows, []any{&k.kind, &k.id, &body}, func() error {
		have[k] = json.RawMessage(body)
		return nil
	})
	return have, err
}

// differing returns what two offices do not have in common.
func differing(have, want map[key]json.RawMessage) []key {
	keys := maps.Clone(have)
	maps.Copy(keys, want)
	changed := slices.DeleteFunc(slices.Collect(maps.Keys(keys)), func(k key) bool { return sameJSON(have[k], want[k]) })
	slices.SortFunc(changed, func(a, b key) int { return strings.Compare(a.kind+" "+a.id, b.kind+" "+b.id) })
	return changed
}

// unmoved checks that a revision is the one in force; 0 is any.
func unmoved(ctx context.Context, tx pgx.Tx, revision int64) error {
	var now int64
	if err := tx.QueryRow(ctx, selectChange).Scan(&now); err != nil {
		return err
	}
	if revision != 0 && revision != now {
		return fmt.Errorf("it was made from revision %d, in force is %d: alter that one, or leave the revision out", revision, now)
	}
	return nil
}

// replace writes what differs between two offices, as one change.
func replace(ctx context.Context, tx pgx.Tx, changed []key, have, want map[key]json.RawMessage, who, reason string) error {
	var change int64
	var at time.Time
	if err := tx.QueryRow(ctx, insertChange, who, reason).Scan(&change, &at); err != nil {
		return err
	}
	var b pgx.Batch
	for _, k := range changed {
		if have[k] != nil {
			b.Queue(endReference, k.kind, k.id, at)
		}
		if want[k] != nil {
			b.Queue(insertReference, k.kind, k.id, at, want[k], change)
		}
	}
	return tx.SendBatch(ctx, &b).Close()
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
	At     time.Time
	Who    string
	Reason string
	Things int // that began or became different
}

// Changes returns the office's alterations, newest first.
func (s *Store) Changes(ctx context.Context, limit int) ([]Change, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Change], selectHistory, limit)
	if err != nil {
		return nil, fmt.Errorf("read changes of the office: %w", err)
	}
	return list, nil
}
