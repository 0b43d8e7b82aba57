package main

import (
	"slices"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/workflows"
)

// Runs that follow an older rulebook are moved: when rollover returns, every open
// file's run follows the newer one, and a second time there is nothing to do.
func TestRolloverMovesOpenRuns(t *testing.T) {
	a := setApart(t)
	h := a.open(custody.Book)
	var codes []label.Code
	for _, number := range []string{"one", "two", "three", "four", "five"} {
		codes = append(codes, h.open("rollover/"+number))
	}
	h.do(newCommand(custody.Close, codes[4], ""))
	if err := h.o.close(); err != nil {
		t.Fatal(err)
	}
	newer := append(slices.Clone(custody.Book), custody.Book.Current())
	newer[1].Version = 2
	h = a.hire(newer)
	fresh := h.open("rollover/fresh")

	r, err := h.o.rollover(t.Context(), 2, nil)
	if err != nil || r.moved.Load() != 4 || r.there.Load() != 1 || r.stayed.Load() != 0 {
		t.Errorf("%d moved, %d there, %d stayed, %v", r.moved.Load(), r.there.Load(), r.stayed.Load(), err)
	}
	for _, code := range append(codes[:4:4], fresh) {
		if s, err := h.o.snapshot(t.Context(), code); err != nil || s.Rules != 2 {
			t.Errorf("file %s follows rules %d, %v", code, s.Rules, err)
		}
		h.do(newCommand(custody.Scan, code, in("a-102")))
	}
	if r, err = h.o.rollover(t.Context(), 2, nil); err != nil || r.moved.Load() != 0 || r.there.Load() != 5 {
		t.Errorf("again: %d moved, %d there, %v", r.moved.Load(), r.there.Load(), err)
	}
	if r, err = h.o.rollover(t.Context(), 3, nil); err != nil || r.stayed.Load() != 5 {
		t.Errorf("to rules that its worker does not know: %d stayed, %v", r.stayed.Load(), err)
	}
	verified(t, h.o)
}

// A file whose rung the ledger would not take stands; once the ledger is mended it goes
// on by being named. One whose workflow is gone is not taken for closed.
func TestRolloverOfAFileThatStands(t *testing.T) {
	a := setApart(t)
	h := a.hire(custody.Book)
	short := demo.Sample(3600)
	short.Policy.Transit = 4 // its first rung after three seconds
	if err := h.o.store.SetOffice(t.Context(), short, "test", "short transit"); err != nil {
		t.Fatal(err)
	}
	code := h.open("stands")
	sent := newCommand(custody.Scan, code, in("a-101"))
	sent.Context.Onward = true
	h.do(sent)
	spoil := func() { a.exec(`UPDATE files SET hash = reverse(hash) WHERE code = $1`, string(code)) } // and again: mend
	spoil()
	var wake custody.CommandID
	h.met(func() bool { // its rung falls due, and ledger and workflow disagree
		stuck, err := h.o.store.Quarantined(t.Context())
		if err == nil && len(stuck) == 1 {
			wake = stuck[0].Command.ID
		}
		return wake != ""
	})
	spoil()
	scan := newCommand(custody.Scan, code, in("a-102"))
	if _, err := h.o.store.Put(t.Context(), []custody.Command{scan}); err != nil {
		t.Fatal(err)
	}
	rollover := append([]string{"rollover"}, a.flags()...)
	if code, out := harkara(t, rollover...); code != exitOK || !strings.Contains(out, "1 followed them already") {
		t.Errorf("all: %d\n%s", code, out)
	}
	if code, out := harkara(t, append(rollover, string(code))...); code != exitOK || !strings.Contains(out, "1 files rolled over") {
		t.Errorf("by name: %d\n%s", code, out)
	}
	if err := h.o.store.Retry(t.Context(), wake, "test", "mended"); err != nil {
		t.Fatal(err)
	}
	if out, err := h.o.store.Await(t.Context(), scan.ID); err != nil || out.Position.Room != "a-102" {
		t.Errorf("the scan came to %+v, %v", out.Position, err)
	}
	verified(t, h.o)

	if err := h.o.engine.Temporal().TerminateWorkflow(t.Context(), workflows.FileID(code), "", "test"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{rollover, append(rollover, string(code))} {
		if code, out := harkara(t, args...); code != exitFailed || !strings.Contains(out, "1 files are open and have no workflow") {
			t.Errorf("without a workflow: %d\n%s", code, out)
		}
	}
}
