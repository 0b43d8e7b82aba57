package decode

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock ends a search. A budget is processor time: what is found does not hang on what
// else the machine does.
type clock struct {
	budget, before time.Duration
	ended          bool
}

// start begins a budget. The goroutine must stay on its thread until it is spent.
func (c *clock) start(budget time.Duration) {
	*c = clock{budget: budget * slower, before: threadTime()}
}

// late reports whether the budget is spent, and notes it.
func (c *clock) late() bool {
	c.ended = c.ended || threadTime()-c.before > c.budget
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
