package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Lane is how urgent a command is. Within a file the order is always its queue's; a
// queue is in the lane of the most urgent command that waits in it.
type Lane int16

// The lanes, most urgent first.
const (
	People Lane = iota // somebody waits for the answer
	Wakes              // the office's own: see custody.Wake
	Later              // nobody waits: a register that is brought in
	lanes
)

// Lanes has something of each lane.
type Lanes[T any] [lanes]T

// Each returns as many of every lane.
func Each(n int) Lanes[int] { return Lanes[int]{n, n, n} }

// Waiting is what waits in a lane to be decided. Since is when the oldest was stored;
// zero: nothing waits.
type Waiting struct {
	Commands int
	Since    time.Time
}

const selectLanes = `
SELECT lane, sum(last - done)::bigint, min(since) FROM queues WHERE done < last AND NOT stuck GROUP BY lane`

// Lanes returns what waits in each lane. Commands that wait for a person are not
// counted: see Quarantined.
func (s *Store) Lanes(ctx context.Context) (w Lanes[Waiting], err error) {
	type row struct {
		Lane Lane
		Waiting
	}
	rows, err := collect(ctx, s, func(r pgx.CollectableRow) (row row, err error) {
		return row, r.Scan(&row.Lane, &row.Commands, &row.Since)
	}, selectLanes)
	if err != nil {
		return w, fmt.Errorf("count waiting commands: %w", err)
	}
	for _, r := range rows {
		w[r.Lane] = r.Waiting
	}
	return w, nil
}
