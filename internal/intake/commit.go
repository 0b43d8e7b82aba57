package intake

import (
	"context"
	"time"

	"harkara/internal/custody"
)

// commit keeps outcomes as they come: one alone at once, and what gathers while a
// commit is under way together in the next. It ends when the channel is closed.
func (d *Dispatcher) commit(ctx context.Context, stopping <-chan struct{}) {
	for first := range d.outcomes {
		batch := []decided{first}
		for more := true; more && len(batch) < d.Atonce; {
			select {
			case next, ok := <-d.outcomes:
				if more = ok; ok {
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		d.keep(ctx, batch, stopping)
	}
}

// keep commits a batch, again and again while the ledger is away: leases may run
// out meanwhile, and whoever gets them comes to the same outcomes. A dispatcher
// that is stopping tries once.
func (d *Dispatcher) keep(ctx context.Context, batch []decided, stopping <-chan struct{}) {
	outcomes := make([]custody.Outcome, len(batch))
	for i, b := range batch {
		outcomes[i] = b.out
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		faults, err := d.Book.Commit(ctx, outcomes)
		if err == nil {
			for i, fault := range faults {
				if fault != nil {
					d.failed(ctx, batch[i].work, fault)
				}
			}
			return
		}
		d.warn(ctx, "outcomes wait: ledger does not take them", err)
		select {
		case <-stopping:
			return
		case <-time.After(pause):
		}
	}
}
