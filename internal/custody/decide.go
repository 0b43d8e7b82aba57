package custody

import (
	"errors"
	"slices"
	"time"

	"harkara/internal/label"
)

// Rules are the figures that decide between rows of the scan table. A run keeps
// the version it started with; see State.Rules.
type Rules struct {
	Version     int
	SentAgain   time.Duration // a file scanned again where it was just sent from: soft tick
	SeenAgain   time.Duration // a file scanned again where it is: soft tick
	UndoWindow  time.Duration
	ReturnFloor Seconds       // least working time a returning file has
	Slack       time.Duration // clocks of two stations may differ by this much
	Spooled     time.Duration // a station keeps scans this long; older times are wrong clocks
	Run         Run
}

// Run says when a workflow's run hands over to the next, before its history grows
// long. It belongs to the rules because a run must come to the same end when it is
// replayed by a later program.
type Run struct {
	Commands int // decided
	Events   int // in the history
}

// Rulebook is every version of the rules that some run may still follow, oldest
// first. The last one is current.
type Rulebook []Rules

// Book is the rulebook of this program.
var Book = Rulebook{{
	Version:     1,
	SentAgain:   2 * time.Minute,
	SeenAgain:   30 * time.Second,
	UndoWindow:  10 * time.Minute,
	ReturnFloor: 3600,
	Slack:       2 * time.Minute,
	Spooled:     14 * 24 * time.Hour,
	Run:         Run{Commands: 40, Events: 250},
}}

// Current returns the rules that new runs follow.
func (b Rulebook) Current() Rules { return b[len(b)-1] }

// Errors of Check. They are faults of the system, never outcomes.
var (
	ErrSequence = errors.New("command is out of sequence")      // neither the last seq nor the next
	ErrDiverged = errors.New("ledger and workflow diverged")    // the ledger's head is not in this file's past
	ErrRules    = errors.New("rules version is not known here") // a newer program decided this file
)

// Begin returns the state of a file that nobody has opened yet.
func (b Rulebook) Begin(file label.Code) State {
	return State{Version: SnapshotVersion, Rules: b.Current().Version, File: file}
}

func (b Rulebook) rules(version int) (Rules, bool) {
	i := slices.IndexFunc(b, func(r Rules) bool { return r.Version == version })
	if i < 0 {
		return Rules{}, false
	}
	return b[i], true
}

// Knows reports whether a snapshot can be read and decided on here; a newer
// program may have left it.
func (b Rulebook) Knows(s State) bool {
	_, ok := b.rules(s.Rules)
	return ok && s.Version == SnapshotVersion
}

// Carry returns the snapshot for a next run, which follows the current rules. One
// that a newer program left stays as it is: a program that knows it will take it.
func (b Rulebook) Carry(s State) State {
	if b.Knows(s) {
		s.Rules = b.Current().Version
	}
	return s
}

// Run returns when a run that started with a snapshot is long enough.
func (b Rulebook) Run(s State) Run {
	r, _ := b.rules(s.Rules)
	return r.Run
}

// Check says whether a command may be decided now: ErrRules, ErrSequence unless
// it is the next command or the last one again, ErrDiverged unless the ledger's
// head lies in the file's past. Commands about a code that has no file take their
// turns without a workflow, so the one that opens it may be any later one.
func (b Rulebook) Check(s State, c Resolved, head Head) error {
	if !b.Knows(s) {
		return ErrRules
	}
	repeat := c.Seq == s.Seq && s.Last != nil && s.Last.Command == c.Command.ID
	next := c.Seq == s.Seq+1 || s.Opened.IsZero() && c.Seq > s.Seq
	if !repeat && !next {
		return ErrSequence
	}
	if c.About() != s.File {
		return ErrSequence
	}
	if !s.knows(head) {
		return ErrDiverged
	}
	return nil
}

func (s *State) knows(head Head) bool {
	if head == s.Head || slices.Contains(s.Recent, head) {
		return true
	}
	return slices.ContainsFunc(s.Unconfirmed, func(e Entry) bool {
		return head == Head{Revision: e.Revision, Hash: e.Hash} || head == Head{Revision: e.Revision - 1, Hash: e.Prev}
	})
}

// Confirm drops the entries and notices that the ledger has, up to head.
func (s State) Confirm(head Head) State {
	s.Unconfirmed = slices.DeleteFunc(slices.Clone(s.Unconfirmed), func(e Entry) bool { return e.Revision <= head.Revision })
	s.Untold = slices.DeleteFunc(slices.Clone(s.Untold), func(n Notice) bool { return n.Revision <= head.Revision })
	return s
}

// Decide applies a command that passed Check. The outcome carries every entry
// that head does not cover. The last command again gets its first answer and
// changes nothing.
func (b Rulebook) Decide(s State, c Resolved, head Head, now time.Time) (State, Outcome) {
	s = s.Confirm(head)
	if c.Seq == s.Seq {
		return s, s.outcome(c.Command.ID)
	}
	rules, _ := b.rules(s.Rules)
	a := start(rules, s, c, now)
	a.decide()
	if !a.finish() {
		a = start(rules, s, c, now)
		a.tooLarge()
		a.finish()
	}
	return a.s, a.s.outcome(c.Command.ID)
}

func start(rules Rules, s State, c Resolved, now time.Time) *act {
	a := &act{rules: rules, s: s, c: c, now: now}
	a.place()
	a.s.learn(c.Calendars, a.at)
	if a.s.Quiet.After(a.s.later(now, afterVoid)) { // the office's clock ran ahead then
		a.s.Quiet = time.Time{}
	}
	return a
}

// finish keeps the answer; false when the state has become too large to carry.
func (a *act) finish() bool {
	a.s.Seq = a.c.Seq
	a.s.Last = &Answer{Command: a.c.Command.ID, Verdict: a.verdict, Reason: a.reason, Marks: a.marks}
	if a.c.Command.Woken() {
		a.s.Wakes++
		return true // what a rung adds has its spare room, and no undo is given up for it
	}
	return a.s.fit()
}

func (s State) outcome(command CommandID) Outcome {
	o := Outcome{
		Command: command, Seq: s.Seq, Verdict: s.Last.Verdict, Reason: s.Last.Reason, Marks: s.Last.Marks,
		Entries: s.Unconfirmed, Notices: s.Untold, Position: s.Position(),
	}
	o.Final = s.final()
	return o
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
	known := a.known()
	if known.After(received) { // the office's own clock ran ahead then
		known = received
	}
	a.stale = a.c.Command.Kind == Scan && known.Sub(a.at) > a.rules.Slack
	if !a.stale && a.at.Before(a.s.Leg.Since) {
		a.at, a.marks = a.s.Leg.Since, append(a.marks, MarkClockSkew)
	}
}

// known is the instant of the newest thing known that a scan here would contradict:
// the leg's beginning, or the paper seen in another room.
func (a *act) known() time.Time {
	if a.c.Here != nil && a.s.SeenIn != a.c.Here.Room && a.s.Seen.After(a.s.Leg.Since) {
		return a.s.Seen
	}
	return a.s.Leg.Since
}

func (a *act) decide() {
	c := a.c
	switch {
	case a.s.Opened.IsZero() && (c.Command.Kind != Open || c.Void != nil):
		a.verdict, a.reason = Refused, NoSuchFile // no file, so no entry
	case c.Void != nil:
		a.record(Voided, func(e *Entry) { e.Who, e.Note = text(c.Void.Who), text(c.Void.Reason) })
		if c.Command.Woken() {
			a.s.Quiet = a.s.later(a.at, afterVoid)
		}
	case c.Unknown != "":
		a.record(NoSuchPlace, func(e *Entry) { e.Refused, e.Note = true, c.Unknown })
	default:
		a.command()
	}
}

// tooLarge refuses what no snapshot could hold. Office.Validate has refused the
// office that leads here; a file that met it all the same stays where it is.
func (a *act) tooLarge() {
	if a.s.Opened.IsZero() {
		a.verdict, a.reason = Refused, TooLarge
		return
	}
	a.refuse(TooLarge)
}

func (a *act) command() {
	switch a.c.Command.Kind {
	case Open:
		a.open()
	case Scan:
		a.scan()
	case Mark:
		a.mark()
	case Undo:
		a.undo()
	case Correct:
		a.correct()
	case Close:
		a.close()
	case Reopen:
		a.reopen()
	case Missing:
		a.missing()
	case Found:
		a.found()
	case Reprint:
		a.reprint()
	case Alias:
		a.alias()
	case Unalias:
		a.unalias()
	case Wake:
		a.wake()
	default:
		panic("custody: no command " + string(a.c.Command.Kind)) // Validate refuses it at the door
	}
}
