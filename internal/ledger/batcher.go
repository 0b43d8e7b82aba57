package ledger

import (
	"context"
	"errors"
	"sync"
)

// batcher lets concurrent callers share one call: what arrives while a call is
// under way goes together in the next one. A caller alone waits for nobody.
type batcher[T, R any] struct {
	call func(context.Context, []T) ([]R, error)

	mu      sync.Mutex
	waiting []*share[T, R]
	busy    bool
	closed  bool
	done    sync.WaitGroup
}

type share[T, R any] struct {
	items []T
	out   []R
	err   error
	ready chan struct{}
}

func newBatcher[T, R any](call func(context.Context, []T) ([]R, error)) *batcher[T, R] {
	return &batcher[T, R]{call: call}
}

var errClosed = errors.New("ledger is closed")

// do hands items over and waits for their results, in order. When ctx ends first
// the call goes on and its outcome is unknown to this caller.
func (b *batcher[T, R]) do(ctx context.Context, items []T) ([]R, error) {
	s := &share[T, R]{items: items, ready: make(chan struct{})}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil, errClosed
	}
	b.waiting = append(b.waiting, s)
	if !b.busy {
		b.busy = true
		b.done.Go(b.drain)
	}
	b.mu.Unlock()
	select {
	case <-s.ready:
		return s.out, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (b *batcher[T, R]) drain() {
	for {
		b.mu.Lock()
		shares := b.waiting
		b.waiting = nil
		if len(shares) == 0 {
			b.busy = false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		b.run(shares)
	}
}

// run makes one call for all; when it fails and several shared it, each is tried
// alone, so that one caller's poison is not another's.
func (b *batcher[T, R]) run(shares []*share[T, R]) {
	var all []T
	for _, s := range shares {
		all = append(all, s.items...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	out, err := b.call(ctx, all)
	if err != nil && len(shares) > 1 && poison(err) {
		for _, s := range shares {
			b.run([]*share[T, R]{s})
		}
		return
	}
	for _, s := range shares {
		if s.err = err; err == nil {
			s.out, out = out[:len(s.items)], out[len(s.items):]
		}
		close(s.ready)
	}
}

func (b *batcher[T, R]) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.done.Wait()
}
