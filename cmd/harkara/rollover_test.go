package main

import (
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/workflows"
)

// When rollover returns, every open file is in another run, and is what it was.
func TestRolloverMovesOpenRuns(t *testing.T) {
	a := setApart(t)
	h := a.hire()
	runs := map[label.Code]string{}
	for _, number := range []string{"one", "two", "three", "four"} {
		code := h.open("rollover/" + number)
		runs[code] = h.run(code)
	}
	h.do(newCommand(custody.Close, h.open("rollover/closed"), ""))
	r, err := h.o.Rollover(t.Context(), nil, nil)
	if err != nil || r.Moved != 4 || r.Stayed != 0 || r.Lost != 0 {
		t.Errorf("%d moved, %d stayed, %d lost, %v", r.Moved, r.Stayed, r.Lost, err)
	}
	for code, run := range runs {
		if h.run(code) == run {
			t.Errorf("file %s is in the same run", code)
		}
		h.do(newCommand(custody.Scan, code, in("a-102")))
	}
	verified(t, h.o)
}

// A file whose rung the ledger would not take stands; once the ledger is mended it goes
// on by being named. One whose workflow is gone is not taken for closed.
func TestRolloverOfAFileThatStands(t *testing.T) {
	a := setApart(t)
	h := a.hire()
	short := demo.Sample(3600)
	short.Policy.Transit = 4 // its first rung after three seconds
	if err := h.o.Ledger.SetOffice(t.Context(), short, "test", "short transit"); err != nil {
		t.Fatal(err)
	}
	code := h.open("stands")
	sent := newCommand(custody.Scan, code, in("a-101"))
	sent.With = custody.Context{Onward: true}
	h.do(sent)
	spoil := func() { a.exec(`UPDATE files SET hash = reverse(hash) WHERE code = $1`, string(code)) } // and again: mend
	spoil()
	var wake custody.CommandID
	h.met(func() bool { // its rung falls due, and ledger and workflow disagree
		stuck, err := h.o.Ledger.Quarantined(t.Context())
		if err == nil && len(stuck) == 1 {
			wake = stuck[0].Command.ID
		}
		return wake != ""
	})
	spoil()
	scan := newCommand(custody.Scan, code, in("a-102"))
	if _, err := h.o.Ledger.Put(t.Context(), []custody.Command{scan}); err != nil {
		t.Fatal(err)
	}
	rollover := append([]string{"rollover"}, a.flags()...)
	if code, out := harkara(t, append(rollover, string(code))...); code != exitOK || !strings.Contains(out, "1 files rolled over") {
		t.Errorf("by name: %d\n%s", code, out)
	}
	if err := h.o.Ledger.Retry(t.Context(), wake, custody.Actor{Person: "test"}, "mended"); err != nil {
		t.Fatal(err)
	}
	if out, err := h.o.Ledger.Await(t.Context(), scan.ID); err != nil || out.Position.Room != "a-102" {
		t.Errorf("the scan came to %+v, %v", out.Position, err)
	}
	verified(t, h.o)

	if err := h.o.Engine.Temporal().TerminateWorkflow(t.Context(), workflows.FileID(code), "", "test"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{rollover, append(rollover, "stands")} {
		if code, out := harkara(t, args...); code != exitFailed || !strings.Contains(out, "1 files are open and have no workflow") {
			t.Errorf("without a workflow: %d\n%s", code, out)
		}
	}
}
