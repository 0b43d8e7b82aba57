package ledger

import (
	"errors"
	"sync"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

func reprinting(code, fresh label.Code) custody.Command {
	return custody.Command{ID: newID(), Kind: custody.Reprint, Code: code, With: custody.Printing{Cover: fresh}, Reason: "torn", At: custody.Stamp{Wall: time.Now().UTC()}}
}

func aliasing(code, old label.Code) custody.Command {
	return custody.Command{ID: newID(), Kind: custody.Alias, Code: code, With: custody.Aliasing{Cover: old}, At: custody.Stamp{Wall: time.Now().UTC()}}
}

// last is the newest outcome about a file.
func last(t *testing.T, outcomes []custody.Outcome, code label.Code) custody.Outcome {
	t.Helper()
	for i := len(outcomes) - 1; i >= 0; i-- {
		if outcomes[i].Position.File == code {
			return outcomes[i]
		}
	}
	t.Fatalf("no outcome about %s", code)
	return custody.Outcome{}
}

// Commands that name a later cover, or a registered old one, take their turn in the
// queue of the file.
func TestEveryCoverOfAFileLeadsToIt(t *testing.T) {
	s, d := open(t).store, newDecider()
	code, other, old := newCode(t), newCode(t), label.Code("FIN-2019/0123")
	fresh, err := s.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, opening(code), opening(other), aliasing(code, old), scanning(code))
	put(t, s, scanning(old))
	drain(t, s, d)
	put(t, s, reprinting(code, fresh)) // it has moved
	receipts := put(t, s, scanning(other), scanning(fresh), scanning(code))
	outs := drain(t, s, d)
	if receipts[0].Seq != 2 || receipts[1].Seq != 6 || receipts[2].Seq != 7 {
		t.Errorf("%+v", receipts)
	}
	if out := last(t, outs, code); out.Reason != custody.OldCover || out.Position.Cover != fresh {
		t.Errorf("the old cover: %s, its file has %s", out.Reason, out.Position.Cover)
	}
	for _, c := range []label.Code{code, fresh, old} {
		row, err := s.File(t.Context(), c)
		if err != nil || row.File.Code != code || row.Position.Cover != fresh || row.Position.Revision != 7 {
			t.Errorf("%s: %+v, %v", c, row, err)
		}
	}
	audit(t, s)
}

// A code belongs to the file that it was given to first, whoever asks at the same
// moment.
func TestACoverBelongsToOneFile(t *testing.T) {
	s, d := open(t).store, newDecider()
	const old = label.Code("FIN-2019/0123")
	codes := make([]label.Code, 8)
	for i := range codes {
		codes[i] = newCode(t)
		put(t, s, opening(codes[i]))
	}
	var wg sync.WaitGroup
	for _, code := range codes {
		wg.Go(func() {
			if _, err := s.Put(t.Context(), []custody.Command{aliasing(code, old)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	put(t, s, reprinting(codes[0], codes[1])) // a code that is a file's own
	reasons := map[custody.Reason]int{}
	for _, out := range drain(t, s, d) {
		reasons[out.Reason]++
	}
	if reasons[custody.Aliased] != 1 || reasons[custody.CoverTaken] != 8 {
		t.Errorf("%v", reasons)
	}
	row, err := s.File(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, aliasing(row.File.Code, old))
	if out := last(t, drain(t, s, d), row.File.Code); out.Verdict != custody.Ticked || out.Reason != custody.Aliased {
		t.Errorf("again: %s %s", out.Verdict, out.Reason)
	}
	audit(t, s)
}

// What a station read of somebody's label is kept, holds nothing up, and is no file.
func TestForeignCodesOfNoFileGoToTheDrawer(t *testing.T) {
	s, d := open(t).store, newDecider()
	code := newCode(t)
	box := scanning("STAPLES-26/6")
	receipts := put(t, s, opening(code), box, scanning(code))
	if receipts[0].Seq != 1 || receipts[1].Seq != 0 || receipts[2].Seq != 2 || receipts[1].ID != box.ID {
		t.Errorf("%+v", receipts)
	}
	put(t, s, box) // its answer was lost
	drain(t, s, d)
	if _, err := s.Await(t.Context(), box.ID); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("waits for an answer that never comes: %v", err)
	}
	drawn, err := s.Drawer(t.Context(), 10)
	if err != nil || len(drawn) != 1 || drawn[0].Station != "s" || string(drawn[0].Body) != string(box.Bytes()) {
		t.Errorf("%+v, %v", drawn, err)
	}
	if _, err := s.File(t.Context(), box.Code); !errors.Is(err, custody.ErrNotFound) {
		t.Error(err)
	}
	audit(t, s)
}

func unaliasing(code, old label.Code) custody.Command {
	c := aliasing(code, old)
	c.Kind, c.With, c.Reason = custody.Unalias, custody.Unaliasing{Cover: old}, "it is another file's"
	return c
}

// A code that a file could not take is free for the right one, and what was scanned
// meanwhile is answered.
func TestARefusedClaimIsLetGo(t *testing.T) {
	s, d := open(t).store, newDecider()
	wrong, right, old := newCode(t), newCode(t), label.Code("FIN-2019/0123")
	put(t, s, opening(wrong), opening(right), aliasing(wrong, "FULL-1"), aliasing(wrong, "FULL-2"))
	drain(t, s, d)
	put(t, s, aliasing(wrong, old))
	between := scanning(old)
	if receipt := put(t, s, between)[0]; receipt.Seq != 5 {
		t.Errorf("scanned before it was decided whose it is: %+v", receipt)
	}
	outs := drain(t, s, d)
	if out := last(t, outs, wrong); out.Command != between.ID || out.Reason != custody.NotRegistered {
		t.Errorf("the scan came to %s", out.Reason)
	}
	if _, err := s.File(t.Context(), old); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("the code is taken: %v", err)
	}
	if receipt := put(t, s, between)[0]; !receipt.Repeated || receipt.Seq != 5 {
		t.Errorf("sent again: %+v", receipt)
	}
	put(t, s, aliasing(right, old))
	drain(t, s, d)
	put(t, s, scanning(old))
	if out := last(t, drain(t, s, d), right); out.Verdict != custody.Accepted {
		t.Errorf("the right file: %s", out.Reason)
	}
	if row, err := s.File(t.Context(), old); err != nil || row.File.Code != right || len(row.Codes) != 1 || row.Codes[0] != old {
		t.Errorf("%+v, %v", row, err)
	}
	audit(t, s)
}

// Behind a claim that is let go, one of those that wait in their own queues is made.
func TestTheNextClaimIsMade(t *testing.T) {
	s, d := open(t).store, newDecider()
	wrong, right, third, old := newCode(t), newCode(t), newCode(t), label.Code("FIN-2019/0123")
	put(t, s, opening(wrong), opening(right), opening(third), aliasing(wrong, "FULL-1"), aliasing(wrong, "FULL-2"))
	drain(t, s, d)
	put(t, s, aliasing(wrong, old))
	head := lease(t, s, "me", 1)
	out, err := d.decide(head[0])
	if err != nil || out.Reason != custody.CoversFull {
		t.Fatal(out.Reason, err)
	}
	put(t, s, aliasing(right, old), aliasing(third, old)) // the claim before them still stands
	if faults, err := s.Commit(t.Context(), []custody.Outcome{out}); errors.Join(append(faults, err)...) != nil {
		t.Fatal(faults, err)
	}
	reasons := map[custody.Reason]int{}
	for _, out := range drain(t, s, d) {
		reasons[out.Reason]++
	}
	if reasons[custody.Aliased] != 1 || reasons[custody.CoverTaken] != 1 {
		t.Errorf("%v", reasons)
	}
	audit(t, s)
}

// A dispatcher that comes too late, when its command was decided by another, leaves
// no claim behind.
func TestAnOldLeaseClaimsNothing(t *testing.T) {
	s, d := open(t).store, newDecider()
	code, old := newCode(t), label.Code("FIN-2019/0123")
	put(t, s, opening(code), aliasing(code, "FULL-1"), aliasing(code, "FULL-2"), aliasing(code, old))
	var work []Work
	for work == nil {
		for _, w := range lease(t, s, "me", 10) {
			if w.Seq == 4 {
				work = []Work{w}
			}
			out, err := d.decide(w)
			if err != nil {
				t.Fatal(err)
			}
			if faults, err := s.Commit(t.Context(), []custody.Outcome{out}); errors.Join(append(faults, err)...) != nil {
				t.Fatal(faults, err)
			}
		}
	}
	if err := s.lookUpCovers(t.Context(), work); err != nil {
		t.Fatal(err)
	}
	audit(t, s)
}

// A code that was registered by mistake is free again, for its own file.
func TestUnalias(t *testing.T) {
	s, d := open(t).store, newDecider()
	wrong, right, old := newCode(t), newCode(t), label.Code("FIN-2019/0123")
	put(t, s, opening(wrong), opening(right), aliasing(wrong, old), unaliasing(right, old), unaliasing(wrong, old))
	behind := put(t, s, scanning(old)) // behind the command that takes it away
	outs := drain(t, s, d)
	if out := last(t, outs, right); out.Reason != custody.NotRegistered {
		t.Errorf("unregistered by another file: %s", out.Reason)
	}
	if out := last(t, outs, wrong); behind[0].Seq != 4 || out.Reason != custody.NotRegistered {
		t.Errorf("seq %d: %s", behind[0].Seq, out.Reason)
	}
	put(t, s, aliasing(right, old))
	if out := last(t, drain(t, s, d), right); out.Reason != custody.Aliased {
		t.Errorf("the right file: %s", out.Reason)
	}
	audit(t, s)
}

// A reprint before the file has moved uses no fresh code: that stays a label of
// nobody's.
func TestAReprintAsItWasGivesNoCode(t *testing.T) {
	s, d := open(t).store, newDecider()
	code := newCode(t)
	fresh, err := s.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, opening(code), reprinting(code, fresh))
	if out := last(t, drain(t, s, d), code); out.Reason != custody.Reprinted {
		t.Fatal(out.Reason)
	}
	put(t, s, scanning(fresh))
	if work := lease(t, s, "me", 10); len(work) != 1 || work[0].File != fresh || !work[0].Label || work[0].Exists {
		t.Errorf("%+v", work)
	}
	audit(t, s)
}
