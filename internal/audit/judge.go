package audit

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"harkara/internal/custody"
	"harkara/internal/ledger"
)

// trial is one code with what its evidence comes to.
type trial struct {
	ledger.Evidence
	head    custody.Head
	entries []custody.Entry
	state   custody.State      // what they come to
	after   []custody.Position // each
	called  custody.Naming     // what they call the file
	notices []custody.Notice   // that they bring about
	answers []*custody.Outcome // of each command; nil: it is not answered
	asked   []*custody.Command // each, with its words; nil: a newer program stored it
	relied  []custody.Digest   // contents that they rely on
	closed  bool               // by the registry
	holds   bool               // what its state is told by: chain, commands, words and answers
	spans   map[int64][2]int   // which entries are a command's, by its seq: from, to
}

// judge says what is wrong with a code first, as far as its ledger tells. What comes first
// is what the rest is told by. The trial says what its entries come to, where they hold.
func judge(ev ledger.Evidence, sound func([]custody.Digest) custody.Digest) (t *trial, f *Finding) {
	t = &trial{Evidence: ev, state: custody.Begin(ev.Code)}
	for _, look := range []func() *Finding{
		t.exists, t.chain, t.columns, t.ends, t.understood, t.commands, t.words, t.replay, t.answered, t.turns,
		func() *Finding { t.holds = true; return nil },
		t.registry, t.positions, t.final, t.notified, t.delivered, t.covers, t.numbers, t.feed, t.refusals,
		func() *Finding {
			return unlike(Content, "digest", "", string(sound(t.relied)))
		},
	} {
		if f = look(); f != nil {
			f.File = ev.Code
			return t, f
		}
	}
	return t, nil
}

// exists asks whether the rows are there that everything else hangs on.
func (t *trial) exists() *Finding {
	t.closed = t.File != nil && t.File.Final != nil
	if t.Queue == nil {
		if reflect.DeepEqual(t.Evidence, ledger.Evidence{Code: t.Code, Incarnation: t.Incarnation}) { // there is nothing that could lead to it
			t.Queue = &ledger.Queue{}
			return nil
		}
		return &Finding{Kind: Unqueued, Place: "queue"}
	}
	if t.File != nil && t.File.Head.Revision > 0 {
		return nil
	}
	switch {
	case len(t.Entries) > 0:
		return &Finding{Kind: Unregistered, Place: at(t.Entries[len(t.Entries)-1].Revision)}
	case len(t.Feed) > 0:
		return &Finding{Kind: Unregistered, Place: "feed"}
	case len(t.Notices) > 0:
		return &Finding{Kind: Unregistered, Place: "notice " + t.Notices[0].Key}
	}
	for _, c := range t.Commands {
		if c.Head != "" {
			return &Finding{Kind: Unregistered, Place: turn(c.Seq)}
		}
	}
	return nil
}

// chain asks whether the entries follow each other as they were sealed.
func (t *trial) chain() *Finding {
	stored := make([][]byte, len(t.Entries))
	for i, e := range t.Entries {
		stored[i] = e.Body
	}
	var broken error
	if t.head, t.entries, broken = custody.Chain(custody.Head{}, t.Code, stored); broken == nil {
		return nil
	}
	f := &Finding{Kind: Broken, Place: at(t.head.Revision + 1), Computed: string(t.head.Hash)}
	var e custody.Entry
	if err := json.Unmarshal(stored[len(t.entries)], &e); err != nil {
		f.Stored, f.Computed = "not an entry", ""
		return f
	}
	switch {
	case e.Revision != t.head.Revision+1:
		f.Place, f.Stored, f.Computed = f.Place+".revision", show(e.Revision), show(t.head.Revision+1)
	case e.File != t.Code:
		f.Place, f.Stored, f.Computed = f.Place+".file", string(e.File), string(t.Code)
	case e.Prev != t.head.Hash:
		f.Place, f.Stored = f.Place+".prev", string(e.Prev)
	default:
		f.Place, f.Stored, f.Computed = f.Place+".hash", string(e.Hash), ""
	}
	return f
}

// columns asks whether what stands beside an entry is what it says.
func (t *trial) columns() *Finding {
	for i, e := range t.entries {
		row := t.Entries[i]
		if f := first(
			unlike(Column, at(e.Revision)+".revision", row.Revision, e.Revision),
			unlike(Column, at(e.Revision)+".hash", row.Hash, e.Hash),
			unlikeTimes(Column, at(e.Revision)+".happened", row.Happened, e.Happened),
			unlikeTimes(Column, at(e.Revision)+".received", row.Received, e.Received),
			unlikeTimes(Column, at(e.Revision)+".recorded", row.Recorded, e.Recorded),
		); f != nil {
			return f
		}
	}
	return nil
}

// ends asks whether the registry knows where the chain ends.
func (t *trial) ends() *Finding {
	if t.File == nil {
		return nil
	}
	return first(unlike(Head, "revision", t.File.Head.Revision, t.head.Revision), unlike(Head, "hash", t.File.Head.Hash, t.head.Hash))
}

// understood asks whether this program knows all that it must judge by.
func (t *trial) understood() *Finding {
	for _, e := range t.entries {
		if e.Version > custody.EntryVersion {
			return &Finding{Kind: Newer, Place: at(e.Revision), Stored: show(e.Version), Computed: show(custody.EntryVersion)}
		}
	}
	if t.File != nil && t.File.Form > custody.Form {
		return &Finding{Kind: Newer, Place: "form", Stored: show(t.File.Form), Computed: show(custody.Form)}
	}
	return nil
}

// replay folds the chain.
func (t *trial) replay() *Finding {
	words := map[custody.CommandID]custody.Words{}
	for _, c := range t.Commands {
		words[c.ID] = c.Words
	}
	rely := func(digests ...custody.Digest) {
		for _, d := range digests {
			if d != "" && !slices.Contains(t.relied, d) {
				t.relied = append(t.relied, d)
			}
		}
	}
	t.after = make([]custody.Position, len(t.entries))
	for i, e := range t.entries {
		t.state = custody.Apply(t.state, e)
		t.after[i] = t.state.Position()
		t.called = t.called.After(e, words[e.Command])
		t.notices = append(t.notices, t.state.Notices(e)...)
		rely(e.Route.Digest)
		if e.Leg != nil {
			rely(e.Leg.Place.Hours.Digest, e.Leg.Place.Ladder.Digest)
		}
	}
	rely(t.state.Relies()...)
	return nil
}

// registry asks whether the registry says what the chain comes to.
func (t *trial) registry() *Finding {
	if t.File == nil || len(t.entries) == 0 {
		return nil
	}
	have := t.File.File
	if have.Number != t.called.Number { // what people typed does not stand in findings
		return &Finding{Kind: Name, Place: "number"}
	}
	if have.Subject != t.called.Subject {
		return &Finding{Kind: Name, Place: "subject"}
	}
	return first(
		unlike(Registry, "department", have.Department, t.state.Department),
		unlikeTimes(Registry, "opened", have.Opened, t.state.Opened),
		unlike(Registry, "class", have.Class, t.state.Class),
		differ(Registry, "relies", slices.Clip(t.File.Relies), t.state.Relies()),
		unlike(Registry, "seq", t.File.Seq, t.Queue.Done),
	)
}

// positions asks whether the registry has the file where the chain has it.
func (t *trial) positions() *Finding {
	if t.File == nil || len(t.entries) == 0 {
		return nil
	}
	var p custody.Position
	if err := json.Unmarshal(t.File.Position, &p); err != nil {
		return &Finding{Kind: Position, Place: "position", Stored: show(string(t.File.Position))}
	}
	want := t.state.Position()
	return first(differ(Position, "", p, want), unlikeTimes(Position, "wake", t.Queue.Wake, want.Wake))
}

// final asks whether a closed file would go on from what its chain comes to, and whether
// it is closed.
func (t *trial) final() *Finding {
	if t.File == nil || len(t.entries) == 0 {
		return nil
	}
	want := t.state.Final()
	if f := unlike(Final, "closed", t.closed, want != nil); f != nil || want == nil {
		return f
	}
	s, err := custody.ReadState(t.File.Final)
	switch {
	case errors.Is(err, custody.ErrNewer):
		return &Finding{Kind: Newer, Place: "final"}
	case err != nil:
		return &Finding{Kind: Final, Place: "state", Stored: show(string(t.File.Final))}
	}
	*want = t.now(*want)
	want.Version = s.Version
	return differ(Final, "", s, *want)
}

// now is a state with what leaves no entry: the inbox has it.
func (t *trial) now(s custody.State) custody.State {
	s.Seq = t.Queue.Done
	if last := t.answer(s.Seq); last != nil {
		s.Last = &custody.Answer{Command: last.Command, Verdict: last.Verdict, Reason: last.Reason, Besides: last.Besides, Marks: last.Marks}
	}
	return s
}

// answer is what a command came to; nil: nothing yet.
func (t *trial) answer(seq int64) *custody.Outcome {
	if seq < 1 || seq > int64(len(t.answers)) {
		return nil
	}
	return t.answers[seq-1]
}
