package intake

import (
	"context"
	"log/slog"
	"time"

	"harkara/internal/custody"
)

// Outbox holds notices that entries brought about.
type Outbox interface {
	PendingNotices(ctx context.Context, limit int) ([]custody.Notice, error)
	NoticesStarted(ctx context.Context, keys []string) error
	Watch() (changed <-chan struct{}, stop func())
}

// Starter begins a notice's delivery, once however often it is asked.
type Starter interface {
	Start(ctx context.Context, n custody.Notice) error
}

// Courier hands notices to workflows that deliver them.
type Courier struct {
	Outbox  Outbox
	Starter Starter
	Log     *slog.Logger
}

// noticesAtOnce bounds one look into the outbox.
const noticesAtOnce = 100

// Run hands over until ctx ends.
func (c *Courier) Run(ctx context.Context) {
	changed, stop := c.Outbox.Watch()
	defer stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for ctx.Err() == nil {
		if n, err := c.round(ctx); err != nil {
			if ctx.Err() == nil {
				c.Log.Warn("notices wait", "err", err)
			}
		} else if n == noticesAtOnce {
			continue
		}
		select {
		case <-changed:
		case <-poll.C:
		case <-ctx.Done():
		}
	}
}

func (c *Courier) round(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	notices, err := c.Outbox.PendingNotices(ctx, noticesAtOnce)
	if err != nil || len(notices) == 0 {
		return 0, err
	}
	var started []string
	for _, n := range notices {
		if err = c.Starter.Start(ctx, n); err != nil {
			break
		}
		started = append(started, n.Key)
	}
	if len(started) > 0 {
		if err := c.Outbox.NoticesStarted(ctx, started); err != nil {
			return 0, err
		}
	}
	return len(started), err
}
