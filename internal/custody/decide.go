package custody

import (
	"slices"
	"time"
)

// Decide says what a command that passed Check comes to, by these rules and with what
// came with it. It changes nothing: see State.Take.
func (r Rules) Decide(s State, c Resolved, contents Contents, now time.Time) Decision {
	a := &act{rules: r, kind: registry[c.Command.Kind], was: s, s: s, c: c, contents: contents, stops: contents.stops(c.Route), now: now, ran: s.Leg.ID, sighted: s.Paper}
	a.place()
	a.begun()
	a.decide()
	a.moved()
	return Decision{
		Version: DecisionVersion, Command: c.Command.ID, Revision: s.Head.Revision,
		Verdict: a.verdict, Reason: a.reason, Besides: a.besides, Marks: a.marks, Entries: a.entries, Notices: a.notices, later: added,
	}
}

// place finds the instant at which the act counts. A station's clock is believed
// unless it cannot be right; what is a little out of order is put in order.
func (a *act) place() {
	if a.c.Command.Woken() {
		if a.at = whole(a.now); a.at.Before(a.s.Leg.Since) {
			a.at = a.s.Leg.Since
		}
		return
	}
	received, wall := whole(a.c.Received), whole(a.c.Command.At.Wall)
	if told := whole(a.c.Told); !told.IsZero() {
		switch off := wall.Sub(told); {
		case a.c.Estimated:
			a.marks = append(a.marks, MarkEstimated)
		case off > a.rules.Slack, off < -a.rules.Slack:
			a.marks = append(a.marks, MarkUptime)
		}
		wall = told
	}
	switch {
	case wall.After(received.Add(a.rules.Slack)):
		a.at, a.marks = received, append(a.marks, MarkClockAhead)
	case wall.Before(received.Add(-a.rules.Spooled)):
		a.at, a.marks = received, append(a.marks, MarkClockFar)
	case wall.After(received):
		a.at = received
	default:
		a.at = wall
	}
	if received.Sub(a.at) > a.rules.Slack {
		a.marks = append(a.marks, MarkLate)
	}
	if a.c.Command.Method == ByTyped {
		a.marks = append(a.marks, MarkTyped)
	}
	if a.c.Moved {
		a.note(MarkMoved)
	}
	known := a.known()
	if known.After(received) { // the office's own clock ran ahead then
		known = received
	}
	a.stale = a.kind.Sights && known.Sub(a.at) > a.rules.Slack
	if !a.stale && a.at.Before(a.s.Leg.Since) {
		a.at, a.marks = a.s.Leg.Since, append(a.marks, MarkClockSkew)
	}
}

// known is the instant of the newest thing known that a sighting here would contradict:
// the beginning of the stay, or the paper seen in another room.
func (a *act) known() time.Time {
	stayed := a.s.Leg.stayed()
	if a.c.Here != nil && a.s.SeenIn != a.c.Here.Room && a.s.Seen.After(stayed) {
		return a.s.Seen
	}
	return stayed
}

// begun brings what the act finds up to date: the holder's hours, the end of a hold and
// the route as they are now, a rest that a wrong clock made too long.
func (a *act) begun() {
	if a.stale {
		return
	}
	a.renew()
	a.postpone()
	if !a.kind.Restores {
		a.follow()
	}
	if a.s.Quiet.After(a.later(a.now, afterVoid)) { // the office's clock ran ahead then
		a.s.Quiet = time.Time{}
	}
}

func (a *act) decide() {
	c := a.c
	if c.Command.Woken() && c.Command.Kind != Replan && a.s.Leg.Phase != Ended {
		a.s.Wakes++
		if c.Void {
			a.s.Quiet = a.later(a.at, afterVoid)
		}
	}
	switch {
	case a.s.Opened.IsZero():
		if why, begins := c.Begins(); !begins {
			a.verdict, a.reason = Refused, why // no file, so no entry
			return
		}
		a.kind.decide(a)
	case c.Void:
		a.record(Voided, nil)
	case c.Unknown != "" && !a.stale: // what came too late moves nothing, whatever it named
		a.unknown(c.Unknown)
	case !c.admits(a.kind, a.s.Leg.Place.Room):
		a.refuse(NotHere)
	default:
		a.kind.decide(a)
	}
}

// moved answers with what moved the file, where the rest of what was asked is refused, and
// with that besides: the chain says both, and whoever has the paper is not told that nothing
// was done. Nor does what was done with a file hide that nobody had seen it before, nor that
// nothing came of a card that the file was found by it.
func (a *act) moved() {
	recorded := func(reason Reason) bool {
		return slices.ContainsFunc(a.entries, func(e Entry) bool { return e.Reason == reason })
	}
	if n := len(a.entries); a.verdict == Ticked && n > 0 && !recorded(a.reason) {
		a.verdict, a.reason = Accepted, a.entries[n-1].Reason
	}
	if a.verdict != Refused {
		if a.reason != Adopted && recorded(Adopted) {
			a.besides = Adopted
		}
		return
	}
	for _, e := range slices.Backward(a.entries) {
		if e.Begins() {
			a.verdict, a.reason, a.besides = Accepted, e.Reason, a.reason
			return
		}
	}
}
