package decode

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock ends a search or an unpacking. A budget is processor time: what is found does
// not hang on what else the machine does.
type clock struct {
	budget, before time.Duration
	gone           <-chan struct{} // closed when nobody waits any more
	ended          bool
	now            func() time.Duration
}

// start begins a budget. The goroutine must stay on its thread until it is spent.
func (c *clock) start(budget time.Duration, gone <-chan struct{}) {
	*c = clock{budget: budget * slower, before: threadTime(), gone: gone, now: threadTime}
}

// late reports whether the budget is spent or nobody waits, and notes it.
func (c *clock) late() bool {
	select {
	case <-c.gone:
		c.ended = true
	default:
		c.ended = c.ended || c.now()-c.before > c.budget
	}
	return c.ended
}

// may returns errWork where work must end.
func (c *clock) may() error {
	if c.late() {
		return errWork
	}
	return nil
}

// threadTime is the processor time that this thread has used.
func threadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
