package ledger

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

// officeCache keeps reference data in memory: it is small and read for every
// command. Its revision is looked up again after freshFor; a higher one may be of a
// change into the past, so that nothing is kept over it.
type officeCache struct {
	mu       sync.Mutex
	items    []item
	revision int64
	checked  time.Time
	sets     int           // changes made by this process
	built    []builtOffice // the one used last is the last
}

const (
	freshFor = time.Second // how long another process's change may go unnoticed
	keptIn   = 16          // offices of so many stretches are kept in memory
)

// Office returns the reference data in force at an instant, as far as it is known now.
// Before the first change it is what the first change said. Its revision is that of the
// newest change that counts at the instant: instant and revision together say which office
// it is, whatever is changed since. The result is shared: do not change it.
func (s *Store) Office(ctx context.Context, at time.Time) (*custody.Office, error) {
	c := &s.offices
	if err := s.freshen(ctx, c); err != nil {
		return nil, fmt.Errorf("read office: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for n, b := range c.built {
		if !at.Before(b.from) && at.Before(b.to) {
			c.built = append(slices.Delete(c.built, n, n+1), b)
			return b.office, nil
		}
	}
	b, err := build(c.items, at)
	if err != nil {
		return nil, fmt.Errorf("read office: %w", err)
	}
	if len(c.built) == keptIn {
		c.built = slices.Delete(c.built, 0, 1)
	}
	c.built = append(c.built, b)
	return b.office, nil
}

// expire makes the next caller look for a change.
func (c *officeCache) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked, c.sets = time.Time{}, c.sets+1
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

// readReference returns the newest revision, and the office as it is known there
// unless that is known.
func (s *Store) readReference(ctx context.Context, known int64) (int64, []item, error) {
	revision, err := one(ctx, s, pgx.RowTo[int64], selectRevision)
	if err != nil || revision == known {
		return revision, nil, err
	}
	items, err := collect(ctx, s, toItem, selectReference, revision)
	return revision, items, err
}
