package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/workflows"
)

var update = flag.Bool("update", false, "record histories for workflows' replay test")

// TestRecordHistories lives through what a run can meet, on a real server. With
// -update it keeps the histories, named after the program that the runs were started under.
func TestRecordHistories(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	transit := func(seconds custody.Seconds) {
		o := demo.Sample(3600)
		o.Policy.Transit = seconds
		if err := h.o.Ledger.SetOffice(context.WithoutCancel(t.Context()), o, "test", "transit"); err != nil {
			t.Fatal(err)
		}
	}
	scan := func(code label.Code, room string, onward bool) custody.Command {
		c := newCommand(custody.Scan, code, in(room))
		c.With = custody.Context{Onward: onward}
		return c
	}

	life := h.open("recorded/life")
	h.do(scan(life, "a-102", false))
	h.do(scan(life, "a-102", true))
	h.do(newCommand(custody.Undo, life, in("a-102")))
	first := h.run(life)
	h.do(newCommand(custody.Close, life, ""))
	h.ended(life, first)
	h.keep("life", life, first)

	h.do(newCommand(custody.Reopen, life, in("a-102")))
	again := h.run(life)
	h.do(newCommand(custody.Close, life, ""))
	h.ended(life, again)
	h.keep("reopened", life, again)

	// A shorter clock starts a second timer; rungs to the last, and the first timer left.
	transit(2)
	defer transit(2 * 3600)
	late := h.open("recorded/late")
	h.do(scan(late, "a-101", true))
	h.met(func() bool {
		entries := h.entries(late)
		return entries[len(entries)-1].Rung == 200
	})
	h.do(scan(late, "a-102", false))
	run := h.run(late)
	if err := h.o.Engine.Temporal().SignalWorkflow(t.Context(), workflows.FileID(late), "", workflows.RolloverSignal, nil); err != nil {
		t.Fatal(err)
	}
	h.ended(late, run)
	h.keep("late", late, run)

	// Nobody decides what is stored: the wake waits behind a scan, and is then not needed.
	waits := h.open("recorded/waits")
	h.do(scan(waits, "a-101", true))
	h.stop()
	arrived := scan(waits, "a-102", false)
	if _, err := h.o.Ledger.Put(t.Context(), []custody.Command{arrived}); err != nil {
		t.Fatal(err)
	}
	h.met(func() bool {
		n, err := h.o.Ledger.Undecided(t.Context(), waits)
		return n == 2 && err == nil
	})
	h.dispatch()
	if _, err := h.o.Ledger.Await(t.Context(), arrived.ID); err != nil {
		t.Fatal(err)
	}
	if n := h.count(waits, "rung"); n != 0 {
		t.Errorf("%d rungs of a file that had arrived", n)
	}
	run = h.run(waits)
	h.do(newCommand(custody.Close, waits, ""))
	h.ended(waits, run)
	h.keep("waits", waits, run)
	verified(t, h.o)
}

// met waits for something that some change of the ledger or a second brings about.
func (h *hired) met(what func() bool) {
	h.t.Helper()
	changed, stop := h.o.Ledger.Watch()
	defer stop()
	for !what() {
		select {
		case <-changed:
		case <-h.t.Context().Done():
			h.t.Fatal(h.t.Context().Err())
		}
	}
}

// count is how many of a file's entries have a reason.
func (h *hired) count(code label.Code, reason custody.Reason) (n int) {
	h.t.Helper()
	for _, e := range h.entries(code) {
		if e.Reason == reason {
			n++
		}
	}
	return n
}

// run is the id of a file's present run.
func (h *hired) run(code label.Code) string {
	h.t.Helper()
	d, err := h.o.Engine.Temporal().DescribeWorkflow(h.t.Context(), workflows.FileID(code), "")
	if err != nil {
		h.t.Fatal(err)
	}
	return d.WorkflowExecution.RunID
}

// ended waits until a run has closed its file or handed it over.
func (h *hired) ended(code label.Code, run string) {
	h.t.Helper()
	last := h.o.Engine.Temporal().GetWorkflowHistory(h.t.Context(), workflows.FileID(code), run, true, enums.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT)
	for last.HasNext() {
		if _, err := last.Next(); err != nil {
			h.t.Fatal(err)
		}
	}
}

// keep writes a run's history where it is replayed from.
func (h *hired) keep(name string, code label.Code, run string) {
	h.t.Helper()
	if !*update {
		return
	}
	var events []*history.HistoryEvent
	for it := h.o.Engine.Temporal().GetWorkflowHistory(h.t.Context(), workflows.FileID(code), run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		if err != nil {
			h.t.Fatal(err)
		}
		events = append(events, e)
	}
	raw, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(&history.History{Events: events})
	path := filepath.Join("../../workflows/testdata/histories", fmt.Sprintf("%s-program-%d.json", name, workflows.Program))
	if err := errors.Join(err, os.WriteFile(path, raw, 0o644)); err != nil {
		h.t.Fatal(err)
	}
}
