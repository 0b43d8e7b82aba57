package spool

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Moment is an instant by the clocks of this machine. Wall may be wrong; within
// one Boot, Monotonic only grows, also across restarts of the program and while
// the machine sleeps.
type Moment struct {
	Wall      time.Time
	Boot      string
	Monotonic time.Duration // since the boot
}

// Clock tells the moment.
type Clock func() Moment

// Machine is the clock of this machine: the kernel's boot id and CLOCK_BOOTTIME.
func Machine() (Clock, error) {
	raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, fmt.Errorf("read boot id: %w", err)
	}
	boot := strings.TrimSpace(string(raw))
	var probe unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &probe); err != nil {
		return nil, fmt.Errorf("read boot clock: %w", err)
	}
	return func() Moment {
		var ts unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) // it answered above
		return Moment{Wall: time.Now().UTC(), Boot: boot, Monotonic: time.Duration(ts.Nano())}
	}, nil
}
