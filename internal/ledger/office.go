package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	selectReference = `SELECT kind, id, valid_from, valid_to, body FROM reference`
	selectChange    = `SELECT COALESCE(max(id), 0) FROM changes`
)

// item is one thing of the office over one stretch of time: From included, To
// not.
type item struct {
	Kind, ID string
	From, To time.Time
	Body     json.RawMessage
}

// officeCache keeps reference data in memory: it is small and read for every
// command. Its revision is looked up again after freshFor.
type officeCache struct {
	mu       sync.Mutex
	items    []item
	revision int64
	checked  time.Time
	sets     int           // changes made by this process
	built    []builtOffice // newest last
}

type builtOffice struct {
	from, to time.Time // the answer is the same for any instant in between
	office   *custody.Office
}

const (
	freshFor = time.Second // how long another process's change may go unnoticed
	keptIn   = 16          // offices of so many stretches are kept in memory
)

// forever stands for PostgreSQL's infinity.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Office returns the reference data in force at an instant. Before the first
// change it is what the first change said. The result is shared: do not change it.
func (s *Store) Office(ctx context.Context, at time.Time) (*custody.Office, error) {
	c := &s.offices
	if err := s.freshen(ctx, c); err != nil {
		return nil, fmt.Errorf("read office: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.built {
		if !at.Before(b.from) && at.Before(b.to) {
			return b.office, nil
		}
	}
	b, err := build(c.items, c.revision, at)
	if err != nil {
		return nil, fmt.Errorf("read office: %w", err)
	}
	if len(c.built) == keptIn {
		c.built = slices.Delete(c.built, 0, 1)
	}
	c.built = append(c.built, b)
	return b.office, nil
}

// freshen reads the reference data again if it changed. One caller looks while
// others go on with what they have.
func (s *Store) freshen(ctx context.Context, c *officeCache) error {
	c.mu.Lock()
	known, sets := c.revision, c.sets
	stale := time.Since(c.checked) > freshFor
	if stale && known > 0 {
		c.checked = time.Now()
	}
	c.mu.Unlock()
	if !stale {
		return nil
	}
	revision, items, err := s.readReference(ctx, known)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && revision > c.revision {
		c.items, c.revision, c.built = items, revision, nil
	}
	c.checked = time.Now()
	if err != nil || c.sets != sets { // look again
		c.checked = time.Time{}
	}
	return err
}

// readReference returns the newest revision, and what it holds unless it is known.
func (s *Store) readReference(ctx context.Context, known int64) (int64, []item, error) {
	revision, err := one(ctx, s, pgx.RowTo[int64], selectChange)
	if err != nil || revision == known {
		return revision, nil, err
	}
	items, err := collect(ctx, s, toItem, selectReference)
	return revision, items, err
}

func toItem(r pgx.CollectableRow) (i item, err error) {
	var to any // time.Time or pgtype.Infinity
	err = r.Scan(&i.Kind, &i.ID, &i.From, &to, &i.Body)
	i.To = forever
	if t, ok := to.(time.Time); ok {
		i.To = t
	}
	return i, err
}

// build puts together the office of an instant, and the stretch of time around it
// in which nothing changed.
func build(items []item, revision int64, at time.Time) (builtOffice, error) {
	first := forever
	for _, i := range items {
		if i.From.Before(first) {
			first = i.From
		}
	}
	b := builtOffice{to: forever, office: &custody.Office{Revision: revision}}
	if at.Before(first) {
		at = first
	} else {
		b.from = first
	}
	for _, i := range items {
		for _, edge := range []time.Time{i.From, i.To} {
			if edge.After(at) && edge.Before(b.to) {
				b.to = edge
			}
			if !edge.After(at) && edge.After(first) && edge.After(b.from) {
				b.from = edge
			}
		}
		if i.From.After(at) || !at.Before(i.To) {
			continue
		}
		if err := assign(b.office, i); err != nil {
			return b, fmt.Errorf("%s %s: %w", i.Kind, i.ID, err)
		}
	}
	b.office.Sort()
	return b, nil
}
