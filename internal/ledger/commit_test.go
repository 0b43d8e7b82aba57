package ledger

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

func TestCommitFitsOnlyWhatFollows(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := newCode(t)
	put(t, s, opening(code))
	first := drain(t, s, d)[0]
	put(t, s, scanning(code), scanning(code), scanning(code))
	outs := drain(t, s, d)
	last := outs[len(outs)-1]

	change := func(o custody.Outcome, f func(o *custody.Outcome)) custody.Outcome {
		o.Entries = slices.Clone(o.Entries)
		f(&o)
		return o
	}
	other := newCode(t)
	for _, tt := range []struct {
		name string
		o    custody.Outcome
		want error
	}{
		{"again", outs[1], nil},
		{"the first again", first, nil},
		{"the last again", last, nil},
		{"another past", change(outs[0], func(o *custody.Outcome) { o.Entries[0].Hash = custody.Hash(strings.Repeat("0", 64)) }), custody.ErrDiverged},
		{"another present", change(last, func(o *custody.Outcome) { o.Entries[0].Hash = custody.Hash(strings.Repeat("0", 64)) }), custody.ErrDiverged},
		{"another future", change(last, func(o *custody.Outcome) {
			o.Entries[0].Revision++
			o.Entries[0].Prev = custody.Hash(strings.Repeat("0", 64))
		}), custody.ErrDiverged},
		{"another file's entry", change(last, func(o *custody.Outcome) { o.Entries[0].File = other }), custody.ErrDiverged},
		{"a gap before its entries", change(last, func(o *custody.Outcome) { o.Entries[0].Revision += 5 }), custody.ErrGap},
		{"a gap before its position", change(last, func(o *custody.Outcome) { o.Entries, o.Position.Revision = nil, 99 }), custody.ErrGap},
		{"a file that never began", change(last, func(o *custody.Outcome) { o.Entries, o.Position.File = nil, other }), custody.ErrNotFound},
	} {
		before, err := s.Files(t.Context(), "", 10)
		if err != nil {
			t.Fatal(err)
		}
		faults, err := s.Commit(t.Context(), []custody.Outcome{tt.o})
		if err != nil || !errors.Is(faults[0], tt.want) {
			t.Errorf("%s: %v, %v; want %v", tt.name, faults, err, tt.want)
		}
		if after, err := s.Files(t.Context(), "", 10); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%s: moved the file; %v", tt.name, err)
		}
		audit(t, s)
	}
}

// One outcome that does not fit, and one that the database will not have, leave
// the others standing.
func TestOneBadOutcomeLeavesTheOthers(t *testing.T) {
	s := open(t).store
	d := newDecider()
	codes := []label.Code{newCode(t), newCode(t), newCode(t)}
	for _, code := range codes {
		put(t, s, opening(code))
	}
	var outs []custody.Outcome
	for _, w := range lease(t, s, "me", 10) {
		out, err := d.decide(w)
		if err != nil {
			t.Fatal(err)
		}
		outs = append(outs, out)
	}
	outs[0].Position.Desk = "\x00"
	outs[1].Entries = slices.Clone(outs[1].Entries)
	outs[1].Entries[0].Prev = custody.Hash(strings.Repeat("0", 64))
	faults, err := s.Commit(t.Context(), outs)
	if err != nil || !errors.Is(faults[0], custody.ErrUnfit) || !errors.Is(faults[1], custody.ErrDiverged) || faults[2] != nil {
		t.Errorf("%v, %v", faults, err)
	}
	files, err := s.Files(t.Context(), "", 10)
	if err != nil || len(files) != 1 || files[0].Code != outs[2].Position.File {
		t.Errorf("%+v, %v", files, err)
	}
	audit(t, s)
}

func TestClosedFileLeavesTheBoardWithItsSnapshot(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := newCode(t)
	closing, reopening := scanning(code), scanning(code)
	closing.Kind, closing.Station = custody.Close, ""
	reopening.Kind, reopening.Station = custody.Reopen, ""
	put(t, s, opening(code), closing)
	drain(t, s, d)
	if rows, _, err := s.Board(t.Context()); len(rows) != 0 || err != nil {
		t.Errorf("%+v, %v", rows, err)
	}
	if row, err := s.File(t.Context(), code); err != nil || row.Position.Phase != custody.Ended {
		t.Errorf("%+v, %v", row, err)
	}
	put(t, s, reopening)
	work := lease(t, s, "me", 1)
	if len(work) != 1 {
		t.Fatalf("%+v", work)
	}
	if final, err := custody.ReadState(work[0].Final); err != nil || final.Head != work[0].Head || final.Seq != 2 {
		t.Fatalf("%s, %v", work[0].Final, err)
	}
	if err := s.Release(t.Context(), "me", code, 0); err != nil {
		t.Fatal(err)
	}
	drain(t, s, d)
	if rows, _, err := s.Board(t.Context()); len(rows) != 1 || err != nil {
		t.Errorf("%+v, %v", rows, err)
	}
	put(t, s, scanning(code))
	if work := lease(t, s, "me", 1); len(work) != 1 || work[0].Final != nil {
		t.Errorf("an open file has a final snapshot: %+v", work)
	}
	audit(t, s)
}

// Outcomes may come again, together, at once, with rungs between: the ledger ends
// the same.
func TestOutcomesInAnyCompany(t *testing.T) {
	s := open(t).store
	rapid.Check(t, func(r *rapid.T) {
		d := newDecider()
		var files [][]custody.Outcome // per file in the order of decision
		for range rapid.IntRange(1, 3).Draw(r, "files") {
			files = append(files, life(t, r, s, d))
		}
		// ready is how many of a file's outcomes were delivered at least once: the
		// next command is leased only then.
		ready := make([]int, len(files))
		for deliveries := 0; ; deliveries++ {
			var left []int
			for f := range files {
				if ready[f] < len(files[f]) {
					left = append(left, f)
				}
			}
			if len(left) == 0 {
				break
			}
			var wg sync.WaitGroup
			for range rapid.IntRange(1, 3).Draw(r, "callers") {
				var batch []custody.Outcome
				for range rapid.IntRange(1, 4).Draw(r, "batch") {
					f := rapid.SampledFrom(left).Draw(r, "file")
					batch = append(batch, files[f][rapid.IntRange(0, ready[f]).Draw(r, "outcome")])
				}
				wg.Go(func() {
					faults, err := s.Commit(t.Context(), batch)
					if err := errors.Join(append(faults, err)...); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for _, f := range left {
				if faults, err := s.Commit(t.Context(), []custody.Outcome{files[f][ready[f]]}); err != nil || faults[0] != nil {
					t.Error(faults, err)
				}
				ready[f]++
			}
		}
		for _, outs := range files {
			last := outs[len(outs)-1]
			if n := noticesOf(t, s, last.Position.File); n != len(last.Notices) {
				r.Fatalf("file %s: %d notices, want %d", last.Position.File, n, len(last.Notices))
			}
		}
		for code, state := range d.states {
			row, err := s.File(t.Context(), code)
			if err != nil || row.Pending != 0 || row.Position != state.Position() {
				r.Fatalf("file %s: %+v, want %+v; %v", code, row, state.Position(), err)
			}
		}
	})
	audit(t, s)
}

// life stores the commands of a new file and decides them, and some rungs, with
// heads that were true then or a little earlier.
func life(t *testing.T, r *rapid.T, s *Store, d *decider) []custody.Outcome {
	code := newCode(t)
	commands := []custody.Command{opening(code)}
	for range rapid.IntRange(0, 4).Draw(r, "scans") {
		commands = append(commands, scanning(code))
	}
	receipts := put(t, s, commands...)
	words, err := s.Words(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	var outs []custody.Outcome
	heads, known := []custody.Head{{}}, 0
	for i, c := range commands {
		w := Work{File: c.Code, Words: words[c.ID].Digests(c.ID), Seq: receipts[i].Seq, Received: c.At.Wall, Exists: i > 0}
		w.Command, _ = c.Split()
		known = rapid.IntRange(max(known, len(heads)-3), len(heads)-1).Draw(r, "head")
		w.Head = heads[known]
		out, err := d.decide(w)
		if err != nil {
			t.Fatal(err)
		}
		outs = append(outs, out)
		if i == len(commands)-1 && rapid.Bool().Draw(r, "rung") {
			w.Command, w.Seq, w.Exists = d.states[code].Position().Waker(), w.Seq+1, true
			if err := s.Wake(t.Context(), 0, w.Command); err != nil {
				t.Fatal(err)
			}
			w.Words = custody.Words{custody.CommandField: {Text: string(w.Command.Bytes())}}.Digests(w.Command.ID)
			outs = append(outs, d.sound(t, w))
		}
		heads = append(heads, d.states[code].Head)
	}
	return outs
}
