package custody

import (
	"fmt"
	"time"
)

// due returns the newest rung that has fallen due at now, counted from the bottom of
// the ladder, repeats included; none outside the holder's working time, when nobody
// is told anything.
func (s State) due(now time.Time) (int, bool) {
	used, ok := s.rungAt(s.Rung)
	if !ok || s.usedUp(used).After(now) || !s.calendar(s.Leg.Place.Calendar).Open(now) {
		return 0, false
	}
	done := s.Leg.Consumed + s.worked(now)
	n, last := s.Rung, len(s.Ladder.Rungs)-1
	for n < last {
		if used, _ := s.rungAt(n + 1); used > done {
			return n, true
		}
		n++
	}
	if s.Ladder.Repeat > 0 {
		used, _ := s.rungAt(n)
		n += int((done - used) / s.Ladder.Repeat)
	}
	return n, true
}

// Ask returns whom the office must name before the rung that is due now can be
// recorded; false when none is.
func (b Rulebook) Ask(s State, now time.Time) (Question, bool) {
	n, ok := s.due(now)
	if !ok {
		return Question{}, false
	}
	rung := s.rung(n)
	q := Question{File: s.File, Post: s.Leg.Place.Post, Runner: s.Leg.Runner, Percent: rung.Percent, To: rung.To, Since: s.Leg.Since, Rung: n}
	if s.Leg.To != nil { // late in transit: the destination may have it and not have scanned it
		q.To = append([]Receiver{{Post: s.Leg.To.Post}}, q.To...)
	}
	return q, true
}

func (s State) rung(n int) Rung { return s.Ladder.Rungs[min(n, len(s.Ladder.Rungs)-1)] }

// Climb records the rung a question was asked about: the current one, with those
// passed over named as skipped. It reports false, and changes nothing, while
// stored commands wait to be decided, or when the leg has moved on since.
func (b Rulebook) Climb(s State, q Question, ev Evidence, now time.Time) (State, Outcome, bool) {
	n, ok := s.due(now)
	if !ok || ev.Undecided > 0 || n != q.Rung || !s.Leg.Since.Equal(q.Since) {
		return s, Outcome{}, false
	}
	used, _ := s.rungAt(n)
	at := s.usedUp(used)
	e := Entry{
		File: s.File, Revision: s.Head.Revision + 1, Reason: RungDue, At: at, Happened: at, Received: micro(now), Recorded: micro(now),
		Rung: q.Percent, Told: ev.People,
	}
	for k := s.Rung; k < n; k++ {
		e.Skipped = append(e.Skipped, s.rung(k).Percent)
	}
	s.chain(e)
	s.Rung, s.Percent = n+1, q.Percent
	for _, p := range ev.People {
		channel := s.rung(n).Channel
		s.Untold = append(s.Untold[:len(s.Untold):len(s.Untold)], Notice{
			Key:      fmt.Sprintf("%s-%d-%s-%s", s.File, e.Revision, p.Post, channel),
			Revision: e.Revision, File: s.File, Post: p.Post, Officer: p.Officer, Channel: channel,
			Percent: q.Percent, About: s.Leg.Place.Desk, Due: at,
		})
	}
	return s, Outcome{Seq: s.Seq, Verdict: Accepted, Reason: RungDue, Entries: s.Unconfirmed, Notices: s.Untold, Position: s.Position()}, true
}
