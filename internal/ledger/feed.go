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

const (
	// The counter's row is locked until the transaction ends: numbers follow the
	// order of commits, and it must be the last statement.
	appendFeed = `
WITH counter AS (UPDATE feed_counter SET last = last + cardinality($1::text[]) RETURNING last - cardinality($1::text[]) AS before)
INSERT INTO feed (seq, code, at, reason)
SELECT counter.before + f.n, f.code, f.at, f.reason
FROM counter, unnest($1::text[], $2::timestamptz[], $3::text[]) WITH ORDINALITY AS f (code, at, reason, n)`
	nowOfFile = `SELECT now() FROM files WHERE code = $1`

	selectFeed = `SELECT e.seq, e.at, e.reason, ` + rowColumns + `
FROM feed e JOIN files f USING (code) JOIN queues q USING (code) WHERE e.seq > $1 ORDER BY e.seq LIMIT $2`
	selectLast = `SELECT last FROM feed_counter`
)

// tell puts on the feed what changed about a file without an entry, if the code
// has a file. It is the last thing that a transaction does.
func tell(ctx context.Context, tx pgx.Tx, code label.Code, reason custody.Reason) error {
	var at time.Time
	if err := tx.QueryRow(ctx, nowOfFile, code).Scan(&at); errors.Is(err, pgx.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	_, err := tx.Exec(ctx, appendFeed, []string{string(code)}, []time.Time{at}, []string{string(reason)})
	return err
}

// Feed returns up to limit events after a feed number, in order. Rows are as they
// are now, which may be later than the event.
func (s *Store) Feed(ctx context.Context, after int64, limit int) ([]custody.Event, error) {
	events, err := collect(ctx, s, func(r pgx.CollectableRow) (e custody.Event, err error) {
		return e, r.Scan(append([]any{&e.Seq, &e.At, &e.Reason}, scanRow(&e.Row)...)...)
	}, selectFeed, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	return events, nil
}

// Watch returns a channel that receives after every change, several at once
// where they come fast, in this process or another. Call stop when done.
func (s *Store) Watch() (changed <-chan struct{}, stop func()) { return s.bell.watch(s.bell.changes) }

// Changed waits until the feed has more than after, or ctx ends.
func (s *Store) Changed(ctx context.Context, after int64) error {
	changed, stop := s.Watch()
	defer stop()
	for {
		last, err := one(ctx, s, pgx.RowTo[int64], selectLast)
		if err != nil {
			return fmt.Errorf("read end of feed: %w", err)
		}
		if last > after {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
