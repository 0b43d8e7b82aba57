package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/calendar"
	"harkara/internal/custody"
)

const (
	selectReference = `SELECT kind, id, valid_from, valid_to, body, change FROM reference`
	selectChange    = `SELECT COALESCE(max(id), 0) FROM changes`
	insertChange    = `INSERT INTO changes (who, reason) VALUES ($1, $2) RETURNING id, at`
	lockChanges     = `SELECT pg_advisory_xact_lock(72616861)`
	closeReference  = `UPDATE reference SET valid_to = $3 WHERE kind = $1 AND id = $2 AND valid_to = 'infinity' AND valid_from < $3`
	insertReference = `INSERT INTO reference (kind, id, valid_from, body, change) VALUES ($1, $2, $3, $4, $5)`
)

// item is one thing of the office over one stretch of time.
type item struct {
	Kind, ID string
	From, To time.Time
	Body     json.RawMessage
	Change   int64
}

// office is the row of everything that is one of a kind.
type office struct {
	Name   custody.Name   `json:"name"`
	Sample bool           `json:"sample,omitempty"`
	Policy custody.Policy `json:"policy"`
}

// officeCache keeps reference data in memory: it is small and read for every
// command. Its revision is looked up again after freshFor.
type officeCache struct {
	mu       sync.Mutex
	items    []item
	revision int64
	checked  time.Time
	built    []builtOffice
}

type builtOffice struct {
	from, to time.Time // the answer is the same for any instant in between
	office   custody.Office
}

// freshFor is how long another process's change may go unnoticed.
const freshFor = time.Second

// Office returns the reference data in force at an instant. Before the first
// change it is what the first change said. The result is shared: do not change it.
func (s *Store) Office(ctx context.Context, at time.Time) (*custody.Office, error) {
	c := &s.offices
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) > freshFor {
		if err := s.refresh(ctx, c); err != nil {
			return nil, fmt.Errorf("read office: %w", err)
		}
	}
	for i := range c.built {
		if b := &c.built[i]; !at.Before(b.from) && at.Before(b.to) {
			return &b.office, nil
		}
	}
	b, err := build(c.items, c.revision, at)
	if err != nil {
		return nil, fmt.Errorf("read office: %w", err)
	}
	if len(c.built) > 16 {
		c.built = c.built[1:]
	}
	c.built = append(c.built, b)
	return &c.built[len(c.built)-1].office, nil
}

func (s *Store) refresh(ctx context.Context, c *officeCache) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var revision int64
	if err := s.pool.QueryRow(ctx, selectChange).Scan(&revision); err != nil {
		return err
	}
	if revision != c.revision {
		rows, err := s.pool.Query(ctx, selectReference)
		if err != nil {
			return err
		}
		items, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (i item, err error) {
			var to any
			err = r.Scan(&i.Kind, &i.ID, &i.From, &to, &i.Body, &i.Change)
			i.To = forever
			if t, ok := to.(time.Time); ok {
				i.To = t
			}
			return i, err
		})
		if err != nil {
			return err
		}
		c.items, c.revision, c.built = items, revision, nil
	}
	c.checked = time.Now()
	return nil
}

var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func build(items []item, revision int64, at time.Time) (builtOffice, error) {
	first := forever
	for _, i := range items {
		if i.From.Before(first) {
			first = i.From
		}
	}
	b := builtOffice{to: forever}
	if at.Before(first) {
		at, b.to = first, time.Time{} // stands for the past too, but is not cached for it
	}
	b.from = first
	o := &b.office
	o.Revision = revision
	for _, i := range items {
		for _, edge := range []time.Time{i.From, i.To} {
			if edge.After(at) && edge.Before(b.to) {
				b.to = edge
			}
			if !edge.After(at) && edge.After(b.from) {
				b.from = edge
			}
		}
		if i.From.After(at) || !at.Before(i.To) {
			continue
		}
		if err := assign(o, i); err != nil {
			return b, fmt.Errorf("%s %s: %w", i.Kind, i.ID, err)
		}
	}
	o.Sort()
	return b, nil
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
	case "ladder":
		return add(&o.Ladders, i.Body)
	case "calendar":
		return add(&o.Calendars, i.Body)
	}
	return fmt.Errorf("unknown kind")
}

func add[T any](list *[]T, body []byte) error {
	var t T
	err := json.Unmarshal(body, &t)
	*list = append(*list, t)
	return err
}

// SetOffice makes the given reference data what is in force from now on. Only
// what differs is written; what is no longer there ends. who and why are kept.
func (s *Store) SetOffice(ctx context.Context, o custody.Office, who, reason string) error {
	if err := o.Validate(); err != nil {
		return err
	}
	want, err := itemsOf(o)
	if err != nil {
		return err
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockChanges); err != nil {
			return err
		}
		have, err := current(ctx, tx)
		if err != nil {
			return err
		}
		return writeDifferences(ctx, tx, have, want, who, reason)
	})
	if err != nil {
		return fmt.Errorf("set office: %w", err)
	}
	s.offices.mu.Lock()
	s.offices.checked = time.Time{}
	s.offices.mu.Unlock()
	s.bell.ring()
	return nil
}

type key struct{ kind, id string }

const selectCurrent = `SELECT kind, id, body::text FROM reference WHERE valid_to = 'infinity'`

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

func writeDifferences(ctx context.Context, tx pgx.Tx, have map[key]json.RawMessage, want map[key]json.RawMessage, who, reason string) error {
	var changed, ended []key
	for k, body := range want {
		if old, ok := have[k]; !ok || !sameJSON(old, body) {
			changed = append(changed, k)
		}
	}
	for k := range have {
		if _, ok := want[k]; !ok {
			ended = append(ended, k)
		}
	}
	if len(changed)+len(ended) == 0 {
		return nil
	}
	var change int64
	var at time.Time
	if err := tx.QueryRow(ctx, insertChange, who, reason).Scan(&change, &at); err != nil {
		return err
	}
	var b pgx.Batch
	for _, k := range append(ended, changed...) {
		b.Queue(closeReference, k.kind, k.id, at)
	}
	slices.SortFunc(changed, func(x, y key) int { return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.id, y.id)) })
	for _, k := range changed {
		b.Queue(insertReference, k.kind, k.id, at, want[k], change)
	}
	return tx.SendBatch(ctx, &b).Close()
}

func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	ra, _ := json.Marshal(x)
	rb, _ := json.Marshal(y)
	return string(ra) == string(rb)
}

func itemsOf(o custody.Office) (map[key]json.RawMessage, error) {
	out := map[key]json.RawMessage{}
	var failed error
	put := func(kind, id string, v any) {
		raw, err := json.Marshal(v)
		if err != nil {
			failed = fmt.Errorf("marshal %s %s: %w", kind, id, err)
		}
		out[key{kind, id}] = raw
	}
	put("office", "office", office{Name: o.Name, Sample: o.Sample, Policy: o.Policy})
	each(o.Departments, func(d custody.Department) { put("department", string(d.ID), d) })
	each(o.Rooms, func(r custody.Room) { put("room", string(r.ID), r) })
	each(o.Desks, func(d custody.Desk) { put("desk", string(d.ID), d) })
	each(o.Posts, func(p custody.Post) { put("post", string(p.ID), p) })
	each(o.Officers, func(p custody.Officer) { put("officer", string(p.ID), p) })
	each(o.Stations, func(st custody.Station) { put("station", string(st.ID), st) })
	each(o.Routes, func(r custody.Route) { put("route", string(r.ID), r) })
	each(o.Ladders, func(l custody.Ladder) { put("ladder", string(l.ID), l) })
	each(o.Calendars, func(c calendar.Calendar) { put("calendar", c.ID, c) })
	return out, failed
}

func each[T any](list []T, f func(T)) {
	for _, t := range list {
		f(t)
	}
}
