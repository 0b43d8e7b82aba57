package custody

import (
	"crypto/sha256"
	"fmt"
	"time"

	"harkara/internal/label"
)

// Waking says for what a file wakes: the next rung of a leg. Wakes of one file differ
// by Count, also of the same rung.
type Waking struct {
	Leg   int64 `json:"leg"`   // see Leg.ID
	Rung  int   `json:"rung"`  // rungs of that leg passed, repeats included
	Count int64 `json:"count"` // wakes of the file decided before it
}

// Waking returns what the file's next wake is for.
func (s State) Waking() Waking { return Waking{Leg: s.Leg.ID, Rung: s.Rung, Count: s.Wakes} }

// Waker returns the command that a file must be given when its Wake has come. Whoever
// asks, the file's own timer or a sweep over positions, makes the same.
func (p Position) Waker() Command {
	w := Waking{Leg: p.Leg, Rung: p.Step, Count: p.Wakes}
	return Command{ID: w.id(p.File), Kind: Wake, Code: p.File, Waking: &w}
}

// ownVersion is that of the UUIDs (RFC 9562, 5.8) which only the office makes.
const ownVersion = '8'

// id is a UUID of that version, drawn from what makes the wake this one.
func (w Waking) id(file label.Code) CommandID {
	sum := sha256.Sum256(fmt.Appendf(nil, "wake of %s: leg %d, rung %d, after %d", file, w.Leg, w.Rung, w.Count))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return CommandID(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

// own reports whether an id is a wake's.
func (id CommandID) own() bool { return len(id) == 36 && id[14] == ownVersion }

// Woken reports whether the command is the office's own wake, also where its program
// cannot read more than its id.
func (c Command) Woken() bool { return c.ID.own() }

func (c Command) checkWake() error {
	if c.Waking == nil || c.Kind != Wake || c.ID != c.Waking.id(c.Code) {
		return malformed("a wake has the id that its file, leg, rung and count make")
	}
	return c.validateCode(malformed)
}

// Figures of wakes. They move no deadline: a rung's own time stays exact.
const (
	spread    = 30 * time.Second // timers of one instant are spread over it
	farewell  = 5 * time.Second  // after a closed file's last entry: to learn that the ledger has it
	afterVoid = Seconds(3600)    // of work, from a wake that was set aside to the next
)

// Timer returns when a file's workflow should store a wake: at the next rung, spread
// a little by the file's code; of a closed file once its last entry has had time to
// reach the ledger. What was slept through waits for working time. The zero time: no
// wake is to come.
func (s State) Timer(now time.Time) time.Time {
	if n := len(s.Unconfirmed); s.Leg.Phase == Ended && n > 0 {
		return s.Unconfirmed[n-1].Recorded.Add(farewell)
	}
	wake := s.Wake()
	if wake.IsZero() {
		return wake
	}
	hours := s.calendar(s.Leg.Place.Calendar)
	if at := wake.Add(s.spread(wake)); at.After(now) {
		return at
	}
	open := hours.Next(now)
	if open.After(now) {
		open = open.Add(s.spread(open))
	}
	return open
}

// spread is how much later than an instant the file's timer fires: less than the
// spread, or than a twentieth of a short budget, and never past the end of work.
func (s State) spread(at time.Time) time.Duration {
	sum := sha256.Sum256([]byte(s.File))
	share := min(spread, (s.Leg.Budget / 20).Duration())
	later := (share * time.Duration(sum[0]) / 256).Truncate(time.Second)
	if hours := s.calendar(s.Leg.Place.Calendar); hours.Working(at, at.Add(later)) < later || !hours.Open(at.Add(later)) {
		return 0
	}
	return later
}

// later is an instant of the holder's calendar after so much work.
func (s State) later(at time.Time, work Seconds) time.Time {
	return s.calendar(s.Leg.Place.Calendar).Add(at, work.Duration())
}

// wake tells the newest rung that has fallen due; those passed over are named as
// skipped. Which wake it was does not matter: the leg may have ended since, its rungs
// may have been told, or nobody works now. Then it comes to nothing, and names when the
// file wakes next.
func (a *act) wake() {
	n, due := a.s.due(a.now, a.c.Received)
	if at := a.s.Wake(); !due && !at.IsZero() && !at.After(a.now) { // nobody works now
		a.s.Quiet = a.s.calendar(a.s.Leg.Place.Calendar).Next(a.now)
	}
	switch w := a.c.Command.Waking; {
	case due:
		a.tell(n)
	case w.Leg != a.s.Leg.ID || w.Rung != a.s.Rung:
		a.tick(Overtaken)
	default:
		a.tick(Deferred)
	}
}

// due returns the newest rung that had fallen due when a wake was stored, counted from
// the bottom of the ladder, repeats included. What fell due since has a wake of its own,
// behind the scans that were stored meanwhile. There is none outside the holder's working
// time, when nobody is told anything.
func (s State) due(now, stored time.Time) (int, bool) {
	wake := s.Wake()
	if wake.IsZero() || wake.After(now) || !s.calendar(s.Leg.Place.Calendar).Open(now) {
		return 0, false
	}
	if stored.After(now) {
		stored = now
	}
	if stored.Before(wake) { // by another clock
		stored = wake
	}
	done := s.Leg.Consumed + s.worked(stored)
	n, last := s.Rung, len(s.Ladder.Rungs)-1
	for n < last {
		if used, _ := s.rungAt(n + 1); used > done {
			return n, true
		}
		n++
	}
	if repeat := s.repeat(); repeat > 0 {
		used, _ := s.rungAt(n)
		n += int((done - used) / repeat)
	}
	return n, true
}

func (s State) rung(n int) Rung { return s.Ladder.Rungs[min(n, len(s.Ladder.Rungs)-1)] }

// tell records a rung with whom it reaches.
func (a *act) tell(n int) {
	used, _ := a.s.rungAt(n)
	at, rung, people := a.s.usedUp(used), a.s.rung(n), a.s.reached(a.c.Ranks, a.s.rung(n))
	a.record(RungDue, func(e *Entry) {
		e.At, e.Happened, e.Rung, e.Told = at, at, rung.Percent, people
		for k := a.s.Rung; k < n; k++ {
			e.Skipped = append(e.Skipped, a.s.rung(k).Percent)
		}
	})
	a.s.Rung, a.s.Percent, a.s.Quiet = n+1, rung.Percent, time.Time{}
	a.s.Untold = a.s.Untold[:len(a.s.Untold):len(a.s.Untold)]
	for _, p := range people {
		a.s.Untold = append(a.s.Untold, Notice{
			Key:      fmt.Sprintf("%s-%d-%s-%s", a.s.File, a.s.Head.Revision, p.id(), rung.Channel),
			Revision: a.s.Head.Revision, File: a.s.File, Post: p.Post, Officer: p.Officer, Channel: rung.Channel,
			Percent: rung.Percent, About: a.s.Leg.Place.Desk, Due: at,
		})
	}
}

// reached are the people whom a rung of the running leg tells. Late in transit that is
// first the runner who has the file, the destination, which may have it and not have
// scanned it, and always the sender.
func (s State) reached(ranks Ranks, rung Rung) []Person {
	to := rung.To
	if s.Leg.To != nil {
		to = append([]Receiver{{Post: s.Leg.To.Post}}, to...)
	}
	var people []Person
	if s.Leg.Runner != "" {
		people = []Person{{Officer: s.Leg.Runner}}
		to = append([]Receiver{{}}, to...)
	}
	return append(people, ranks.Receivers(s.Leg.Place.Post, to)...)
}

// id names a person among those whom one rung tells.
func (p Person) id() string {
	if p.Post != "" {
		return string(p.Post)
	}
	return "officer-" + string(p.Officer)
}
