package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/intake"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/internal/office"
	"harkara/workflows"
)

// A program of before the rebuild goes on running on the old Temporal, worker, timers,
// dispatcher and all: nothing of what it says is kept, nobody asks it, and it ends.
func TestASurvivingOldWorkerChangesNothing(t *testing.T) {
	a := setApart(t)
	old := a.hire()
	short := demo.Sample(3600)
	short.Policy.Transit = 20 // its first rung after 15 seconds: the old timer fires too
	if err := old.o.Ledger.SetOffice(t.Context(), short, "test", "short transit"); err != nil {
		t.Fatal(err)
	}
	late, code := old.open("survivor/late"), old.open("survivor")
	old.do(onTheWay(late, "a-101"))
	before := snapshots(t, old.o)
	b := *a
	b.name += "_anew"
	rebuild := append([]string{"rebuild"}, b.flags()...)
	if code, out := harkara(t, rebuild...); code != exitOK || !strings.Contains(out, "2 open files have their workflows again") {
		t.Fatalf("rebuild: %d\n%s", code, out)
	}
	anew, err := office.Open(t.Context(), b.config(), office.Roles{Worker: true, Dispatch: true})
	if err != nil {
		t.Fatal(err)
	}
	h := &hired{t: t, o: anew}
	reborn(t, before, snapshots(t, anew), 1)

	now := func(h *hired) intake.Temporal {
		return intake.Temporal{Client: h.o.Engine.Temporal(), Namespace: h.o.Engine.Namespace()}
	}
	sending := old.sending(newCommand(custody.Scan, code, in("a-103")))
	out, err := now(old).Send(t.Context(), sending) // the old workflow decides, for itself
	if err != nil || out.Reason == "" || len(out.Entries) == 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	if faults, err := old.o.Ledger.Commit(t.Context(), []custody.Outcome{out}); err != nil || !errors.Is(faults[0], custody.ErrIncarnation) {
		t.Errorf("the old outcome: %v, %v", faults, err)
	}
	if _, err := now(h).Send(t.Context(), sending); !errors.Is(err, intake.ErrRebuilt) {
		t.Errorf("the old dispatcher asks the new workflow: %v", err)
	}
	sending = old.sending(newCommand(custody.Scan, code, in("a-104"))) // Temporal knows the other's id
	sending.Delivery.Incarnation = 1
	if _, err := now(old).Send(t.Context(), sending); !errors.Is(err, intake.ErrRebuilt) {
		t.Errorf("the old workflow is asked: %v", err)
	}
	judge := &audit.Auditor{Ledger: anew.Ledger, Workflows: audit.Temporal{Client: old.o.Engine.Temporal()}}
	if f, err := judge.File(t.Context(), late); err != nil || f == nil || f.Kind != audit.Incarnation {
		t.Errorf("the judge of the old workflow: %v, %v", f, err)
	}
	if out := h.do(newCommand(custody.Scan, code, in("a-102"))); out.Position.Room != "a-102" {
		t.Errorf("a scan after it: %+v", out.Position)
	}
	h.open("survivor/opened after")
	h.met(func() bool { entries := h.entries(late); return entries[len(entries)-1].Rung == 200 })
	h.rungsOnce(late)
	select {
	case err := <-old.o.Failed():
		if !errors.Is(err, custody.ErrIncarnation) {
			t.Errorf("the old program ends with %v", err)
		}
	case <-t.Context().Done():
		t.Fatal("the old program does not end")
	}
	verified(t, anew)

	stray, err := anew.Ledger.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	temporal := audit.Temporal{Client: anew.Engine.Temporal()}
	if err := temporal.Start(t.Context(), workflows.From(custody.Begin(stray), 1)); err != nil {
		t.Fatal(err)
	}
	h.met(func() bool { // Temporal's list is a little late
		n := 0
		return temporal.Running(t.Context(), func(label.Code) { n++ }) == nil && n == 4
	})
	is := snapshots(t, anew)
	if err := anew.Close(); err != nil {
		t.Fatal(err)
	}
	if code, out := harkara(t, rebuild...); code != exitFailed || !strings.Contains(out, "nothing was changed") || !strings.Contains(out, "--replace") {
		t.Errorf("over workflows that run: %d\n%s", code, out)
	}
	if code, out := harkara(t, append(rebuild, "--replace")...); code != exitOK || !strings.Contains(out, "1 older workflows ended") || !strings.Contains(out, "3 open files have their workflows again") {
		t.Errorf("in their place: %d\n%s", code, out)
	}
	again, err := office.Open(t.Context(), b.config(), office.Roles{Worker: true, Dispatch: true})
	if err != nil {
		t.Fatal(err)
	}
	reborn(t, is, snapshots(t, again), 2)
	verified(t, again)
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// sending is a file's next command as its dispatcher would send it now.
func (h *hired) sending(c custody.Command) intake.Sending {
	h.t.Helper()
	row, err := h.o.Ledger.File(h.t.Context(), c.Code)
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := audit.Temporal{Client: h.o.Engine.Temporal()}.Snapshot(h.t.Context(), c.Code, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	o, err := h.o.Ledger.Office(h.t.Context(), time.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	w := ledger.Work{Command: c, File: c.Code, Seq: s.State.Seq + 1, Received: time.Now().UTC(), Exists: true, Position: &row.Position}
	r, contents := intake.Resolve(o, o, w)
	if err := h.o.Ledger.StoreResolved(h.t.Context(), nil, contents); err != nil {
		h.t.Fatal(err)
	}
	relied, err := h.o.Ledger.Contents(h.t.Context(), append(s.State.Relies(), r.Relies()...))
	if err != nil {
		h.t.Fatal(err)
	}
	return intake.Sending{File: c.Code, Command: c.ID, Delivery: workflows.Delivery{Command: r.Bytes(), Contents: relied, Head: s.State.Head, Incarnation: s.Incarnation}}
}
