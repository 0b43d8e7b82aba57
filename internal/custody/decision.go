package custody

import (
	"errors"
	"slices"
)

// DecisionVersion is the version of decisions that this program writes.
const DecisionVersion = 1

// Decision is what a command came to: made once, by the program of its day, and recorded.
// Whoever has it comes to the same state by Take, whatever that program would say now.
type Decision struct {
	Version  int       `json:"v"`
	Command  CommandID `json:"command"`
	Revision int64     `json:"revision"` // of the state that it was made on
	Verdict  Verdict   `json:"verdict"`
	Reason   Reason    `json:"reason"`
	Besides  Reason    `json:"besides,omitempty"` // see Outcome
	Marks    []string  `json:"marks,omitempty"`
	Entries  []Entry   `json:"entries,omitempty"`
	Notices  []Notice  `json:"notices,omitempty"`
	later
}

// UnmarshalJSON reads a stored decision. Errors: ErrNewer, also for one of its entries.
func (d *Decision) UnmarshalJSON(data []byte) error {
	type plain Decision
	if err := readForm(data, DecisionVersion, (*plain)(d), &d.Version); err != nil {
		return err
	}
	return understood(d.Entries)
}

// Errors of Check. They are faults of the system, never outcomes.
var (
	ErrSequence = errors.New("command is out of sequence")   // neither the last seq nor the next
	ErrDiverged = errors.New("ledger and workflow diverged") // the ledger's head is not in this file's past
)

// Check says whether a command may be decided now: ErrSequence unless it is the next
// command or the last one again, ErrDiverged unless the ledger's head lies in the file's
// past, ErrContents where something is missing that it relies on, ErrNewer where this
// program does not know that. Commands about a code that has no file take their turns
// without a workflow, so the one that opens it may be any later one.
func (s State) Check(c Resolved, contents Contents, head Head) error {
	next := c.Seq == s.Seq+1 || s.Opened.IsZero() && c.Seq > s.Seq
	switch {
	case c.About() != s.File, !next && !s.Answered(c):
		return ErrSequence
	case !s.knows(head):
		return ErrDiverged
	case next:
		needs := s.Needs(c)
		return errors.Join(contents.Check(needs...), contents.known(needs...))
	}
	return nil
}

// Needs returns the digests of what the decision about a command relies on, each once.
func (s State) Needs(c Resolved) []Digest {
	digests := append(s.Relies(), c.Relies()...)
	slices.Sort(digests)
	return slices.DeleteFunc(slices.Compact(digests), func(d Digest) bool { return d == "" })
}

// Answered reports whether a command is the last one again: it gets its first answer.
func (s State) Answered(c Resolved) bool {
	return c.Seq == s.Seq && s.Last != nil && s.Last.Command == c.Command.ID
}

// knows reports whether a head lies in the file's past. The ledger has everything that
// was decided before its newest command; of that one it may have a part.
func (s State) knows(head Head) bool {
	return head == s.Head || slices.ContainsFunc(s.Unconfirmed, func(e Entry) bool {
		return head == Head{Revision: e.Revision, Hash: e.Hash} || head == Head{Revision: e.Revision - 1, Hash: e.Prev}
	})
}

// Take returns the state after the command that a decision was made about.
func (s State) Take(d Decision, seq int64) State {
	s.Unconfirmed = slices.Clip(s.Unconfirmed)
	for _, e := range d.Entries {
		s = Apply(s, e)
		s.Unconfirmed = append(s.Unconfirmed, e)
	}
	s.Untold = append(slices.Clip(s.Untold), d.Notices...)
	s.Seq = seq
	s.Last = &Answer{Command: d.Command, Verdict: d.Verdict, Reason: d.Reason, Besides: d.Besides, Marks: d.Marks}
	return s
}

// Outcome is the answer to the last command, with every entry that the ledger has not
// confirmed.
func (s State) Outcome() Outcome {
	return Outcome{
		Command: s.Last.Command, Seq: s.Seq, Verdict: s.Last.Verdict, Reason: s.Last.Reason, Besides: s.Last.Besides, Marks: s.Last.Marks,
		Entries: s.Unconfirmed, Notices: s.Untold, Position: s.Position(), Form: Form, Relies: s.Relies(), Final: s.Final(),
	}
}
