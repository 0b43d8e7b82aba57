package intake

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// Outbox holds notices that entries brought about.
type Outbox interface {
	PendingNotices(ctx context.Context, limit int) ([]custody.Notice, error)
	NoticesStarted(ctx context.Context, keys []string) error
	SettleNotice(ctx context.Context, in custody.Incarnation, key string, state ledger.Delivery, detail string) error
	Watch() (changed <-chan struct{}, stop func())
}

// Starter begins a notice's delivery, once however often it is asked.
type Starter interface {
	Start(ctx context.Context, e workflows.Errand) error
}

// Courier hands notices to workflows that deliver them. Several may run at once.
type Courier struct {
	Outbox      Outbox
	Starter     Starter
	Log         *slog.Logger
	Incarnation custody.Incarnation // of Starter's workflows
}

const (
	noticesAtOnce = 100                    // in one look into the outbox
	roundFor      = 30 * time.Second       // such a look may take
	between       = 250 * time.Millisecond // looks: most changes bring no notice, and none is that urgent
)

// Run hands over until ctx ends.
func (c *Courier) Run(ctx context.Context) {
	changed, stop := c.Outbox.Watch()
	defer stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	waiting := false
	for ctx.Err() == nil {
		n, err := c.round(ctx)
		switch {
		case err == nil && waiting:
			c.Log.Info("notices are handed over again")
		case err != nil && !waiting && ctx.Err() == nil:
			c.Log.Warn("notices wait", "err", err)
		}
		waiting = err != nil
		if n == noticesAtOnce {
			continue // there may be more
		}
		wake := changed
		if waiting {
			wake = nil // the poll will try
		}
		select {
		case <-time.After(between):
		case <-ctx.Done():
			return
		}
		select {
		case <-wake:
		case <-poll.C:
		case <-ctx.Done():
		}
	}
}

// round hands over what is pending and returns how many that was. One that no
// workflow can ever carry is settled as failed, and does not hold the others up.
func (c *Courier) round(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, roundFor)
	defer cancel()
	notices, err := c.Outbox.PendingNotices(ctx, noticesAtOnce)
	if err != nil || len(notices) == 0 {
		return 0, err
	}
	var started []string
	var failed error
	for _, n := range notices {
		err := c.Starter.Start(ctx, workflows.Errand{Notice: n, Incarnation: c.Incarnation})
		if errors.Is(err, ErrAway) {
			failed = err
			break
		}
		if err != nil {
			c.Log.Error("notice cannot be delivered", "file", n.File, "err", err)
			failed = errors.Join(failed, c.Outbox.SettleNotice(ctx, c.Incarnation, n.Key, ledger.Failed, err.Error()))
			continue
		}
		started = append(started, n.Key)
	}
	if len(started) > 0 {
		if err := c.Outbox.NoticesStarted(ctx, started); err != nil {
			return 0, err
		}
	}
	return len(started), failed
}
