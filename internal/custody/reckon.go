package custody

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// Figures of wakes. They move no deadline: a rung's own time stays exact.
const (
	spread    = 30 * time.Second // timers of one instant are spread over it
	farewell  = 5 * time.Second  // after a closed file's last entry: to learn that the ledger has it
	afterVoid = Seconds(3600)    // of work, from a wake that was set aside to the next
)

// clock counts a leg on its holder's calendar, by his ladder.
type clock struct {
	leg    Leg
	hours  *calendar.Hours
	ladder Ladder
}

func (a *act) clock() clock { return clock{a.s.Leg, a.hours(), a.contents.ladder(a.s.Leg.Place)} }

// reckon says when the running leg's budget is used up, when its next rung is told, and
// when the file asks for that: a closed file once its last entry has had time to reach
// the ledger.
func (a *act) reckon() {
	r := &a.s.Reckoning
	r.Deadline, r.Wake, r.Alarm = time.Time{}, time.Time{}, time.Time{}
	switch c := a.clock(); {
	case c.leg.Phase == Ended:
		r.Alarm = whole(a.now).Add(farewell)
	case c.leg.Wait.Laid:
	case c.leg.Waits():
		r.Wake = c.opening(c.leg.Wait.Until, r.Quiet)
	case c.leg.running():
		r.Deadline = c.usedUp(c.leg.Budget)
		r.Wake = c.wake(r.Rung, r.Quiet)
	}
	if !r.Wake.IsZero() {
		r.Alarm = r.Wake.Add(a.clock().spread(a.s.File, r.Wake))
	}
}

// running reports whether a clock runs on the leg.
func (l Leg) running() bool {
	return (l.Phase == Held || l.Phase == Transit) && l.Budget > 0 && !l.Waits()
}

// worked is the working time of a leg up to an instant.
func (l Leg) worked(hours *calendar.Hours, at time.Time) Seconds {
	if l.Phase != Held && l.Phase != Transit {
		return 0
	}
	return SecondsOf(hours.Working(l.Since, at))
}

// usedUp is the instant at which the leg has consumed so many working seconds.
func (c clock) usedUp(used Seconds) time.Time {
	return c.hours.Add(c.leg.Since, max(0, used-c.leg.Consumed).Duration())
}

// wake is the instant at which a rung is told: when it is due, but in working time, and
// not before an instant; zero when there is none.
func (c clock) wake(rung int, quiet time.Time) time.Time {
	used, ok := c.rungAt(rung)
	if !ok {
		return time.Time{}
	}
	return c.opening(c.usedUp(used), quiet)
}

// opening is the first instant of work that is neither before the one nor the other.
func (c clock) opening(at, quiet time.Time) time.Time {
	if at.Before(quiet) {
		at = quiet
	}
	return c.hours.Next(at)
}

// rungAt returns the working seconds at which a rung of the leg falls due. Rungs past
// the ladder's last repeat it.
func (c clock) rungAt(n int) (Seconds, bool) {
	rungs := c.ladder.Rungs
	if !c.leg.running() || len(rungs) == 0 {
		return 0, false
	}
	last := len(rungs) - 1
	if n > last && c.ladder.Repeat <= 0 {
		return 0, false
	}
	used := c.leg.Budget * Seconds(rungs[min(n, last)].Percent) / 100
	return used + c.repeat()*Seconds(max(0, n-last)), true
}

// repeat is how often the ladder's last rung is told again; 0: never. Nobody is told
// more often than each working hour, nor, of a budget that is shorter than one, than
// each tenth of it.
func (c clock) repeat() Seconds {
	if c.ladder.Repeat <= 0 {
		return 0
	}
	floor := Seconds(3600)
	if c.leg.Budget < floor {
		floor = max(1, c.leg.Budget/10)
	}
	return max(c.ladder.Repeat, floor)
}

// due returns the newest rung after those that are told which had fallen due at an
// instant, counted from the bottom of the ladder, repeats included.
func (c clock) due(told int, at time.Time) int {
	done := c.leg.Consumed + c.leg.worked(c.hours, at)
	n, last := told, len(c.ladder.Rungs)-1
	for n < last {
		if used, _ := c.rungAt(n + 1); used > done {
			return n
		}
		n++
	}
	if repeat := c.repeat(); repeat > 0 {
		used, _ := c.rungAt(n)
		n += int((done - used) / repeat)
	}
	return n
}

// spread is how much later than an instant the file's timer fires, in milliseconds: due
// times are whole seconds, and timers that all fired at their strokes would hold up every
// scan for a moment. Less than the spread, or than a twentieth of a short budget, and
// never past the end of work.
func (c clock) spread(file label.Code, at time.Time) time.Duration {
	sum := sha256.Sum256([]byte(file))
	share := min(spread, (c.leg.Budget / 20).Duration())
	later := (share * time.Duration(binary.BigEndian.Uint16(sum[:])) >> 16).Truncate(time.Millisecond)
	if c.hours.Working(at, at.Add(later)) < later.Truncate(time.Second) || !c.hours.Open(at.Add(later)) {
		return 0
	}
	return later
}

// later is an instant of the holder's calendar after so much work.
func (a *act) later(at time.Time, work Seconds) time.Time { return a.hours().Add(at, work.Duration()) }
