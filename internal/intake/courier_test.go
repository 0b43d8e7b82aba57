package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"harkara/internal/custody"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// outbox holds notices in memory, the oldest first.
type outbox struct {
	mu      sync.Mutex
	pending []custody.Notice
	failed  []string // keys
	bell    chan struct{}
}

func (o *outbox) PendingNotices(_ context.Context, limit int) ([]custody.Notice, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.pending[:min(limit, len(o.pending))]), nil
}

func (o *outbox) NoticesStarted(_ context.Context, keys []string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pending = slices.DeleteFunc(o.pending, func(n custody.Notice) bool { return slices.Contains(keys, n.Key) })
	return nil
}

func (o *outbox) SettleNotice(ctx context.Context, _ custody.Incarnation, key string, state ledger.Delivery, detail string) error {
	if state == ledger.Failed && detail != "" {
		o.failed = append(o.failed, key)
	}
	return o.NoticesStarted(ctx, []string{key})
}

func (o *outbox) Watch() (<-chan struct{}, func()) { return o.bell, func() {} }

// starter starts notices, with an error for some.
type starter struct {
	started map[string]int
	err     func(key string, try int) error
	tries   int
}

func (s *starter) Start(_ context.Context, n workflows.Errand) error {
	s.tries++
	if err := s.err(n.Key, s.tries); err != nil {
		return err
	}
	s.started[n.Key]++
	return nil
}

func TestCourier(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    func(key string, try int) error
		failed int
		tries  int // at most, in half a minute
	}{
		{"all well", func(string, int) error { return nil }, 0, 250},
		{"many that nobody can carry", func(key string, _ int) error {
			if len(key) < 4 { // n0 to n99, which are the oldest
				return errors.New("too large")
			}
			return nil
		}, 100, 250},
		{"an outage", func(_ string, try int) error {
			if try < 20 {
				return ErrAway
			}
			return nil
		}, 0, 300},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outbox{bell: make(chan struct{}, 1)}
				for i := range 250 {
					o.pending = append(o.pending, custody.Notice{Key: fmt.Sprintf("n%d", i)})
				}
				s := &starter{started: map[string]int{}, err: tt.err}
				var log logbook
				ctx, cancel := context.WithTimeout(t.Context(), 30*pollEvery)
				defer cancel()
				(&Courier{Outbox: o, Starter: s, Log: slog.New(&log)}).Run(ctx)
				for key, n := range s.started {
					if n != 1 {
						t.Errorf("%s started %d times", key, n)
					}
				}
				if len(o.pending) != 0 || len(o.failed) != tt.failed || len(s.started)+len(o.failed) != 250 || s.tries > tt.tries {
					t.Errorf("%d started, %d failed, %d left, %d tries", len(s.started), len(o.failed), len(o.pending), s.tries)
				}
				if (s.tries > 250) != log.has(slog.LevelWarn, "notices wait") {
					t.Errorf("logged %v after %d tries", log.levels, s.tries)
				}
			})
		})
	}
}
