package custody

import (
	"strings"
	"time"
)

// Stamp is when something happened by the clocks of the place where it did.
// Wall may be wrong; within one Boot, Monotonic and Seq only grow.
type Stamp struct {
	Wall      time.Time     `json:"wall"`
	Boot      string        `json:"boot,omitempty"`
	Monotonic time.Duration `json:"monotonic,omitempty"` // since boot, nanoseconds
	Seq       int64         `json:"seq,omitempty"`       // of the station, grows by one
}

// Clock is what a station's clocks show as it sends.
type Clock struct {
	Boot      string
	Monotonic time.Duration // since that boot
}

// Age is how long before it was received something happened, as far as its station's
// clocks can tell without being right: exactly within the boot that sends it, at least
// as long as that boot lasts where it happened in an earlier one.
type Age struct {
	Span  time.Duration
	Exact bool
	Known bool
}

// Age returns how old a stamp is by the clock that sends it. What follows a dot in a
// stamp's boot tells numberings of one station apart, not boots.
func (s Stamp) Age(c Clock) Age {
	boot, _, _ := strings.Cut(s.Boot, ".")
	switch {
	case boot == "" || c.Boot == "" || c.Monotonic < 0:
		return Age{}
	case boot != c.Boot:
		return Age{Span: c.Monotonic, Known: true}
	case s.Monotonic < 0 || s.Monotonic > c.Monotonic:
		return Age{}
	}
	return Age{Span: c.Monotonic - s.Monotonic, Exact: true, Known: true}
}

// Told is when something happened by the office's clock, as its age tells; the zero
// time where only its station's word says so. Of an earlier boot its station's word
// stands if it lies before the present one and no further back than stations keep
// scans; else it is placed at the latest instant that it can have been, estimated.
func (a Age) Told(stated, received time.Time, spooled time.Duration) (at time.Time, estimated bool) {
	latest := received.Add(-a.Span)
	switch {
	case !a.Known || a.Span > spooled:
		return time.Time{}, false
	case a.Exact:
		return latest, false
	case stated.After(latest), stated.Before(received.Add(-spooled)):
		return latest, true
	}
	return time.Time{}, false
}
