package ledger

import (
	"context"
	"errors"
	"sync"
	"time"
)

// batcher lets concurrent callers share one call: what arrives while a call is under
// way goes together in the next one. A caller alone waits for nobody. Two calls at a
// time were measured: more transactions, and a quarter fewer scans a second.
type batcher[T, R any] struct {
	call func(context.Context, []T) ([]R, error)

	mu      sync.Mutex
	waiting []*share[T, R] // oldest first
	busy    bool           // a goroutine of done is at work
	closed  bool
	done    sync.WaitGroup
}

const (
	most      = 500 // items in one call, unless one caller alone brings more
	enough    = 16  // callers that a call waits no longer for
	gatherFor = 4 * time.Millisecond
)

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
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &share[T, R]{items: items, ready: make(chan struct{})}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil, errClosed
	}
	b.waiting = append(b.waiting, s)
	if !b.busy {
		b.busy = true
		b.done.Go(b.work)
	}
	b.mu.Unlock()
	select {
	case <-s.ready:
		return s.out, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (b *batcher[T, R]) work() {
	for {
		shares, items := b.take()
		if len(shares) == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		out, err := b.call(ctx, items)
		cancel()
		for _, s := range shares {
			if s.err = err; err == nil {
				s.out, out = out[:len(s.items):len(s.items)], out[len(s.items):]
			}
			close(s.ready)
		}
		b.gather()
	}
}

// gather lets more come together where some came while a call was under way: a call costs
// each of many less. Who came alone, while nothing was under way, has waited for nobody.
func (b *batcher[T, R]) gather() {
	b.mu.Lock()
	n := len(b.waiting)
	b.mu.Unlock()
	if n > 0 && n < enough {
		time.Sleep(gatherFor)
	}
}

// take returns what the next call is for; nothing ends the work.
func (b *batcher[T, R]) take() (shares []*share[T, R], items []T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.waiting) > 0 {
		next := b.waiting[0]
		if len(items) > 0 && len(items)+len(next.items) > most {
			break
		}
		shares, items = append(shares, next), append(items, next.items...)
		b.waiting = b.waiting[1:]
	}
	if len(shares) == 0 {
		b.busy = false
	}
	return shares, items
}

// close lets what is under way end; later calls fail.
func (b *batcher[T, R]) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.done.Wait()
}
