package people

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// How many guesses are judged at once, and how many wait: what stations scan has the
// rest of the machine.
const (
	judgedAtOnce = 1
	mostWaiting  = 64
)

// errCrowded is of who was sent away by those before him in the line.
var errCrowded = errors.New("too many wait")

// turns is a line before a counter: who is least suspect is next, and of those who came
// first. Where too many wait the most suspect is sent away.
type turns struct {
	mu      sync.Mutex
	free    int
	waiting []*turn // in the order in which they are called
}

type turn struct {
	suspect float64
	called  chan error
}

func newTurns() *turns { return &turns{free: judgedAtOnce} }

// take waits for a turn, which is given back by give. Errors: errCrowded, ctx's.
func (t *turns) take(ctx context.Context, suspect float64) error {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return nil
	}
	mine := &turn{suspect, make(chan error, 1)}
	at := slices.IndexFunc(t.waiting, func(o *turn) bool { return o.suspect > suspect })
	if at < 0 {
		at = len(t.waiting)
	}
	t.waiting = slices.Insert(t.waiting, at, mine)
	if last := len(t.waiting) - 1; len(t.waiting) > mostWaiting {
		t.waiting[last].called <- errCrowded
		t.waiting = t.waiting[:last]
	}
	t.mu.Unlock()
	select {
	case err := <-mine.called:
		return err
	case <-ctx.Done():
	}
	t.mu.Lock()
	if at := slices.Index(t.waiting, mine); at >= 0 {
		t.waiting = slices.Delete(t.waiting, at, at+1)
		t.mu.Unlock()
		return ctx.Err()
	}
	t.mu.Unlock()
	if err := <-mine.called; err == nil { // it was called meanwhile
		t.give()
	}
	return ctx.Err()
}

// give calls the next.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.free++
		return
	}
	t.waiting[0].called <- nil
	t.waiting = t.waiting[1:]
}
