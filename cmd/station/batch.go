package main

import (
	"sync"
	"time"
)

// batch is the open card of the scanners, as long as it is open.
type batch struct {
	mu  sync.Mutex
	end *time.Timer // nil: none is open
}

// lasts says how long a card is open from now on, 0: none is. When one that was open is not
// any more, closed is called.
func (b *batch) lasts(left time.Duration, closed func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.end != nil && b.end.Stop()
	b.end = nil
	switch {
	case left > 0:
		b.end = time.AfterFunc(left, closed)
	case was:
		closed()
	}
}

// closed is seen on the lamp: what is scanned now belongs to no card.
func (a *agent) closed() { a.hooks.lamp.play("closed") }
