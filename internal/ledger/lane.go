package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

// A wake may wait for long before a scan comes and makes its queue urgent: how late the
// lane is its other commands tell.
const selectLanes = `
SELECT lane, sum(last - done - CASE WHEN lane = 1 THEN 0 ELSE wakes END)::bigint, min(CASE WHEN lane = 1 OR wakes = 0 THEN since ELSE (
    SELECT min(i.received_at) FROM inbox i WHERE i.code = q.code AND i.seq > q.done AND i.lane <> 1) END)
FROM queues q WHERE done < last AND NOT stuck GROUP BY lane`

// Lanes returns what waits in each lane. Commands that wait for a person are not
// counted, see Quarantined, nor are wakes that a scan carries along.
func (s *Store) Lanes(ctx context.Context) (w custody.Lanes[custody.Waiting], err error) {
	type row struct {
		Lane custody.Lane
		custody.Waiting
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
