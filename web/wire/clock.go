package wire

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ClockHeader carries what a station's clocks show as it sends. With it the office can
// tell when anything of the same boot happened, whatever the wall clock says.
const ClockHeader = "Harkara-Clock"

// Clock is what a station's clocks show.
type Clock struct {
	Wall      time.Time // zero: not said
	Boot      string
	Monotonic time.Duration // since the boot; -1: not said
}

// String is the header's value: boot=ID;monotonic=NANOSECONDS;wall=RFC3339.
func (c Clock) String() string {
	return fmt.Sprintf("boot=%s;monotonic=%d;wall=%s", c.Boot, c.Monotonic, c.Wall.UTC().Format(time.RFC3339Nano))
}

// ParseClock reads such a value, but for the wall time, which proves nothing; one that
// says nothing sensible says nothing.
func ParseClock(header string) Clock {
	c := Clock{Monotonic: -1}
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "boot":
			c.Boot = value
		case "monotonic":
			if ns, err := strconv.ParseInt(value, 10, 64); err == nil {
				c.Monotonic = time.Duration(ns)
			}
		}
	}
	return c
}
