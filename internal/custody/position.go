package custody

import "time"

// Position returns where the file is, for boards.
func (s State) Position() Position {
	leg := s.Leg
	p := Position{
		File: s.File, Cover: s.Cover, Revision: s.Head.Revision, Phase: leg.Phase,
		Desk: leg.Place.Desk, Room: leg.Place.Room, Post: leg.Place.Post, Officer: leg.Place.Officer, Runner: leg.Runner,
		Known: leg.Known, Seen: s.Seen, Since: leg.Since, Deadline: s.Deadline(), Wake: s.Wake(),
		Budget: leg.Budget, Consumed: leg.Consumed, Rung: s.Percent, Breached: s.Percent >= 100,
		OffRoute: leg.OffRoute, Missing: s.Missing, Moved: s.Moved,
	}
	if leg.To != nil {
		p.To, p.ToRoom = leg.To.Desk, leg.To.Room
	}
	if next, ok := s.next(); ok && leg.Phase != Ended {
		p.Next, p.NextRoom = next.Desk, next.Room
	}
	if s.Missing {
		p.Known = ByMissing
	}
	if leg.Phase == Ended && s.SeenIn != "" {
		p.Room = s.SeenIn
	}
	return p
}

// running reports whether a clock runs on the leg.
func (l Leg) running() bool { return (l.Phase == Held || l.Phase == Transit) && l.Budget > 0 }

// Deadline is the instant at which the leg's budget is used up; zero when no
// clock runs.
func (s State) Deadline() time.Time { return s.usedUp(s.Leg.Budget) }

// usedUp is the instant at which the leg has consumed so many working seconds.
func (s State) usedUp(used Seconds) time.Time {
	if !s.Leg.running() {
		return time.Time{}
	}
	left := max(0, used-s.Leg.Consumed-s.Leg.Reckoned)
	return s.calendar(s.Leg.Place.Calendar).Add(s.Leg.from(), left.Duration())
}

// Wake is the instant at which the next rung is told: when it is due, but in working
// time; zero when none is to come.
func (s State) Wake() time.Time {
	used, ok := s.rungAt(s.Rung)
	if !ok {
		return time.Time{}
	}
	return s.calendar(s.Leg.Place.Calendar).Next(s.usedUp(used))
}

// Waking is Wake as it is at now: what was slept through waits for working time
// again.
func (s State) Waking(now time.Time) time.Time {
	wake := s.Wake()
	if wake.IsZero() || wake.After(now) {
		return wake
	}
	return s.calendar(s.Leg.Place.Calendar).Next(now)
}

// rungAt returns the working seconds at which a rung of the running leg falls
// due. Rungs past the ladder's last repeat it.
func (s State) rungAt(n int) (Seconds, bool) {
	rungs := s.Ladder.Rungs
	if !s.Leg.running() || len(rungs) == 0 {
		return 0, false
	}
	last := len(rungs) - 1
	if n > last && s.Ladder.Repeat <= 0 {
		return 0, false
	}
	used := s.Leg.Budget * Seconds(rungs[min(n, last)].Percent) / 100
	return used + s.Ladder.Repeat*Seconds(max(0, n-last)), true
}

// final is the snapshot that a closed file leaves behind.
func (s State) final() *State {
	if s.Leg.Phase != Ended {
		return nil
	}
	return &s
}

// Farewell returns what the ledger must have before a closed file's run may end:
// its unconfirmed entries, and the snapshot that goes with them. It reports false
// when the ledger has everything.
func (b Rulebook) Farewell(s State) (Outcome, bool) {
	if s.Leg.Phase != Ended || len(s.Unconfirmed) == 0 {
		return Outcome{}, false
	}
	return s.outcome(s.Last.Command), true
}
