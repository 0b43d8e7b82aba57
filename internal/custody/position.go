package custody

import "time"

// Position returns where the file is, for boards.
func (s State) Position() Position {
	leg := s.Leg
	p := Position{
		File: s.File, Cover: s.Cover, Revision: s.Head.Revision, Phase: leg.Phase,
		Desk: leg.Place.Desk, Room: leg.Place.Room, Post: leg.Place.Post, Officer: leg.Place.Officer, Runner: leg.Runner,
		Known: leg.Known, Seen: s.Seen, Leg: leg.ID, Since: leg.Since, Deadline: s.Deadline(), Wake: s.Wake(), Step: s.Rung, Wakes: s.Wakes,
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
	at := s.usedUp(used)
	if at.Before(s.Quiet) {
		at = s.Quiet
	}
	return s.calendar(s.Leg.Place.Calendar).Next(at)
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
	return used + s.repeat()*Seconds(max(0, n-last)), true
}

// repeat is how often the ladder's last rung is told again; 0: never. Nobody is told
// more often than each working hour, nor, of a budget that is shorter than one, than
// each tenth of it.
func (s State) repeat() Seconds {
	if s.Ladder.Repeat <= 0 {
		return 0
	}
	floor := Seconds(3600)
	if s.Leg.Budget < floor {
		floor = max(1, s.Leg.Budget/10)
	}
	return max(s.Ladder.Repeat, floor)
}

// final is the snapshot that a closed file leaves behind.
func (s State) final() *State {
	if s.Leg.Phase != Ended {
		return nil
	}
	return &s
}

// Over reports whether nothing is left to do for a file: it is closed, and the ledger
// has its last entry.
func (s State) Over() bool { return s.Leg.Phase == Ended && len(s.Unconfirmed) == 0 }
