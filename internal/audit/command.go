package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// States of a stored command.
const (
	waits       = "stored"
	applied     = "applied"
	quarantined = "quarantined"
)

// commands asks whether every command that was stored is there, in its turn, and was about
// this file.
func (t *trial) commands() *Finding {
	t.asked = make([]*custody.Command, len(t.Commands))
	codes := map[label.Code]bool{t.Code: true}
	for _, e := range t.entries {
		codes[e.Cover] = true
	}
	for i, c := range t.Commands {
		if f := unlike(Command, turn(int64(i+1)), c.Seq, int64(i+1)); f != nil {
			f.Stored, f.Computed = "", "" // it is gone, whatever stands behind it
			return f
		}
		read, err := custody.ReadCommand(c.Body)
		switch {
		case errors.Is(err, custody.ErrNewer):
			continue
		case err != nil:
			return &Finding{Kind: Command, Place: turn(c.Seq), Stored: "not a command"}
		case read.ID != c.ID:
			return unlike(Command, turn(c.Seq)+".id", read.ID, c.ID)
		}
		codes[read.Claims()] = true
		texts := custody.Texts{}
		for field, w := range c.Words {
			texts[field] = w.Text
		}
		read = read.Join(texts)
		t.asked[i] = &read
	}
	for i, c := range t.asked {
		if c != nil && !codes[c.Code] {
			return unlike(Command, turn(int64(i+1))+".code", c.Code, t.Code)
		}
	}
	return t.entered()
}

// entered asks whether each entry has its command, and knows when that was stored.
func (t *trial) entered() *Finding {
	t.spans = map[int64][2]int{}
	for i, e := range t.entries {
		if e.Seq < 1 || e.Seq > int64(len(t.Commands)) {
			return &Finding{Kind: Command, Place: turn(e.Seq), Computed: string(e.Command)}
		}
		c := t.Commands[e.Seq-1]
		if f := first(
			unlike(Command, turn(e.Seq)+".id", c.ID, e.Command),
			unlikeTimes(Command, turn(e.Seq)+".received", c.Received, e.Received),
		); f != nil {
			return f
		}
		span, begun := t.spans[e.Seq]
		if !begun {
			span[0] = i
		}
		span[1] = i + 1
		t.spans[e.Seq] = span
	}
	return nil
}

// words asks whether what stands beside the chain, the commands among it, is what the
// chain has digests of; and that nothing was added.
func (t *trial) words() *Finding {
	for _, e := range t.entries {
		words := t.Commands[e.Seq-1].Words
		have := words.Digests(e.Command)
		for _, field := range slices.Sorted(maps.Keys(e.Words)) {
			if have[field] == e.Words[field] {
				continue
			}
			f := &Finding{Kind: Word, Place: at(e.Revision) + "." + string(field), Stored: string(have[field]), Computed: string(e.Words[field])}
			if field == custody.CommandField {
				f.Kind, f.Place = Command, turn(e.Seq)
			}
			return f
		}
		for _, field := range slices.Sorted(maps.Keys(have)) {
			if _, known := e.Words[field]; !known {
				return &Finding{Kind: Word, Place: at(e.Revision) + "." + string(field), Stored: string(have[field])}
			}
		}
	}
	return nil
}

// answered asks whether each command came to what its entries say, or to nothing for a
// reason.
func (t *trial) answered() *Finding {
	t.answers = make([]*custody.Outcome, len(t.Commands))
	position, head := custody.Position{File: t.Code}, custody.Hash("") // of a code that has no file
	for i, c := range t.Commands {
		span := t.spans[c.Seq]
		if c.State != applied {
			if span[1] > span[0] {
				return &Finding{Kind: Answer, Place: turn(c.Seq), Stored: c.State, Computed: applied}
			}
			if f := t.resolved(c, t.asked[i]); f != nil {
				return f
			}
			continue
		}
		var out custody.Outcome
		if err := json.Unmarshal(c.Outcome, &out); err != nil {
			return &Finding{Kind: Answer, Place: turn(c.Seq), Stored: show(string(c.Outcome))}
		}
		t.answers[i] = &out
		if span[1] > span[0] {
			position, head = t.after[span[1]-1], t.entries[span[1]-1].Hash
		}
		if f := first(
			unlike(Answer, turn(c.Seq)+".command", out.Command, c.ID),
			unlike(Answer, turn(c.Seq)+".seq", out.Seq, c.Seq),
			because(c.Seq, out, t.entries[span[0]:span[1]], head != ""),
			differ(Answer, turn(c.Seq)+".position", out.Position, position),
			unlike(Sealed, turn(c.Seq), c.Head, head),
		); f != nil {
			return f
		}
	}
	return nil
}

// because asks for an answer's entries, or for its reason to have none: it is about a code
// without a file, or changed nothing. Where a part of a command was refused and another
// moved the file, either may be the answer: programs of their days said one or the other.
func because(seq int64, out custody.Outcome, entries []custody.Entry, file bool) *Finding {
	if len(entries) == 0 {
		if file && out.Verdict == custody.Ticked || !file && (out.Verdict == custody.Refused || out.Reason == custody.Unassigned) {
			return nil
		}
		return &Finding{Kind: Answer, Place: turn(seq), Stored: fmt.Sprintf("%s, %s", out.Verdict, out.Reason), Computed: ""}
	}
	last := entries[len(entries)-1]
	refused := out.Verdict == custody.Refused
	says := func(e custody.Entry) bool { return e.Reason == out.Reason && e.Refused == refused }
	switch {
	case !slices.ContainsFunc(entries, func(e custody.Entry) bool { return e.Reason == out.Reason }):
		return unlike(Answer, turn(seq)+".reason", out.Reason, last.Reason)
	case !last.Refused || !slices.ContainsFunc(entries, custody.Entry.Begins):
	case slices.ContainsFunc(entries, says):
		return nil
	default:
		return unlike(Answer, turn(seq)+".refused", refused, !refused)
	}
	return unlike(Answer, turn(seq)+".refused", refused, last.Refused)
}

// resolved asks whether a command that waits would be sent as it was stored.
func (t *trial) resolved(c ledger.Stored, asked *custody.Command) *Finding {
	if c.Resolved == nil || asked == nil {
		return nil
	}
	r, err := custody.ReadResolved(c.Resolved)
	switch {
	case errors.Is(err, custody.ErrNewer):
		return nil
	case err != nil:
		return &Finding{Kind: Command, Place: turn(c.Seq) + ".resolved", Stored: "not a command"}
	case r.Void: // its words are not there before it is answered
		return unlike(Command, turn(c.Seq)+".resolved", r.Seq, c.Seq)
	}
	bare, _ := asked.Split()
	return first(
		unlike(Command, turn(c.Seq)+".resolved.seq", r.Seq, c.Seq),
		unlike(Command, turn(c.Seq)+".resolved.command", string(r.Command.Bytes()), string(bare.Bytes())),
		unlike(Command, turn(c.Seq)+".resolved.words", show(r.Words), show(c.Words.Digests(c.ID))),
	)
}

// turns asks whether the queue is as far as its commands are.
func (t *trial) turns() *Finding {
	var done int64
	wakes, lane, stuck := 0, custody.Lane(0), false
	for i, c := range t.Commands {
		waiting := c.State != applied
		if !waiting {
			if done != int64(i) {
				return &Finding{Kind: Turn, Place: turn(c.Seq), Stored: c.State, Computed: waits}
			}
			done++
			continue
		}
		if done == int64(i) {
			lane, stuck = c.Lane, c.State == quarantined
		} else if c.State == quarantined {
			return &Finding{Kind: Turn, Place: turn(c.Seq), Stored: c.State, Computed: waits}
		}
		lane = min(lane, c.Lane)
		if c.Lane == custody.Wakes {
			wakes++
		}
	}
	q := t.Queue
	f := first(
		unlike(Turn, "last", q.Last, int64(len(t.Commands))),
		unlike(Turn, "done", q.Done, done),
		unlike(Turn, "stuck", q.Stuck, stuck),
		unlike(Turn, "wakes", q.Wakes, wakes),
	)
	if f == nil && done < q.Last {
		f = unlike(Turn, "lane", q.Lane, lane)
	}
	return f
}

// refusals asks whether each refusal is listed, and nothing else.
func (t *trial) refusals() *Finding {
	for i, c := range t.Commands {
		out := t.answers[i]
		if f := unlike(Refusal, turn(c.Seq), c.Refused, out != nil && out.Verdict == custody.Refused); f != nil {
			return f
		}
	}
	return nil
}

// covers asks whether the codes lead to the file that its entries gave it.
func (t *trial) covers() *Finding {
	want := custody.Covers(t.entries)
	for _, c := range t.Covers {
		if c.Revision == 0 {
			claims := slices.ContainsFunc(t.asked, func(a *custody.Command) bool {
				return a != nil && a.ID == c.Command && a.Claims() == c.Code && t.Commands[t.turnOf(a.ID)].State != applied
			})
			if !claims && !t.unread(c.Command) {
				return &Finding{Kind: Cover, Place: string(c.Code), Stored: "claimed"}
			}
			continue
		}
		if f := unlike(Cover, string(c.Code), c.Revision, want[c.Code]); f != nil {
			return f
		}
		if f := unlike(Cover, string(c.Code)+".command", c.Command, t.entries[c.Revision-1].Command); f != nil {
			return f
		}
		delete(want, c.Code)
	}
	for _, code := range slices.Sorted(maps.Keys(want)) {
		return &Finding{Kind: Cover, Place: string(code), Computed: show(want[code])}
	}
	return nil
}

// turnOf is where a command stands, from 0; -1: nowhere.
func (t *trial) turnOf(id custody.CommandID) int {
	return slices.IndexFunc(t.Commands, func(c ledger.Stored) bool { return c.ID == id })
}

// unread reports whether a command waits that only a newer program can read.
func (t *trial) unread(id custody.CommandID) bool {
	n := t.turnOf(id)
	return n >= 0 && t.asked[n] == nil && t.Commands[n].State != applied
}

// numbers asks whether the file is found by the number that it has, and by those that
// commands give which wait.
func (t *trial) numbers() *Finding {
	want := map[custody.CommandID]custody.NumberKey{}
	give := func(id custody.CommandID, number string) {
		if key := custody.KeyOf(number); key != "" {
			want[id] = key
		}
	}
	for _, e := range slices.Backward(t.entries) {
		word, named := t.Commands[e.Seq-1].Words[custody.NumberField]
		if named && e.Effect() == custody.Renames {
			give(e.Command, word.Text)
			break
		}
	}
	for i, c := range t.Commands {
		if a := t.asked[i]; a != nil && c.State != applied {
			number, _ := a.Names()
			give(c.ID, number)
		}
	}
	for _, n := range t.Numbers {
		if t.unread(n.Command) {
			continue
		}
		if want[n.Command] != n.Key {
			return &Finding{Kind: Number, Place: string(n.Command)} // what people typed does not stand in findings
		}
		delete(want, n.Command)
	}
	for id := range want {
		return &Finding{Kind: Number, Place: string(id)}
	}
	return nil
}
