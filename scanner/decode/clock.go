package decode

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock ends a search. A budget is processor time: what is found does not hang on what
// else the machine does. So that whoever waits is not kept by a busy one, the clock on
// the wall ends it too, at mostWall or, if that is longer, the budget.
type clock struct {
	budget, spent time.Duration
	deadline      time.Time
	ended         bool
}

// mostWall keeps a call under half a second.
const mostWall = 440 * time.Millisecond

// start begins a budget. The goroutine must stay on its thread until it is spent.
func (c *clock) start(budget time.Duration) {
	*c = clock{budget: budget, spent: threadTime(), deadline: time.Now().Add(max(budget, mostWall))}
}

// late reports whether the time is up, and notes it.
func (c *clock) late() bool {
	c.ended = c.ended || threadTime()-c.spent > c.budget || time.Now().After(c.deadline)
	return c.ended
}

// threadTime is the processor time that this thread has used.
func threadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
