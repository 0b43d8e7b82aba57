package main

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/worker"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/intake"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/internal/office"
	"harkara/workflows"
)

// hired is a worker and a dispatcher on the shared engine for one test.
type hired struct {
	t      testing.TB
	o      *office.Office
	worker worker.Worker
	stop   func()
}

// hire runs a worker under the given settings and a dispatcher.
func hire(t testing.TB, files workflows.Files) *hired {
	o := running(t)
	h := &hired{t: t, o: o}
	h.work(files)
	h.dispatch()
	t.Cleanup(func() {
		h.stop()
		h.worker.Stop()
	})
	return h
}

func (h *hired) dispatch() {
	ctx, cancel := context.WithCancel(context.Background())
	d := &intake.Dispatcher{Owner: uuid.NewString(), Queue: h.o.Ledger, Book: h.o.Ledger, Files: intake.Temporal{Client: h.o.Engine.Temporal(), Namespace: h.o.Engine.Namespace()}, Rules: custody.Today, Log: testLog(h.t)}
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	h.stop = func() { cancel(); <-done }
}

func (h *hired) work(files workflows.Files) {
	w, err := h.o.Work(files, false)
	if err != nil {
		h.t.Fatal(err)
	}
	h.worker = w
}

func newCommand(kind custody.CommandKind, code label.Code, station custody.StationID) custody.Command {
	return custody.Command{
		ID: custody.CommandID(uuid.NewString()), Kind: kind, Code: code, Station: station, Method: custody.ByQR,
		At: custody.Stamp{Wall: time.Now().UTC()},
	}
}

func (h *hired) open(number string) label.Code {
	h.t.Helper()
	code, err := h.o.Ledger.Mint(h.t.Context(), label.File)
	if err != nil {
		h.t.Fatal(err)
	}
	c := newCommand(custody.Open, code, "")
	c.With = custody.Opening{Number: number, Department: "fin", Desk: "fin-ri", Route: "fin-ordinary"}
	h.do(c)
	return code
}

// do stores a command and waits for its outcome.
func (h *hired) do(c custody.Command) custody.Outcome {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	if _, err := h.o.Ledger.Put(ctx, []custody.Command{c}); err != nil {
		h.t.Fatal(err)
	}
	out, err := h.o.Ledger.Await(ctx, c.ID)
	if err != nil {
		h.t.Fatalf("%s %s: %v", c.Kind, c.Code, err)
	}
	return out
}

func (h *hired) events(code label.Code) []*history.HistoryEvent {
	h.t.Helper()
	var events []*history.HistoryEvent
	for it := h.o.Engine.Temporal().GetWorkflowHistory(h.t.Context(), workflows.FileID(code), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		if err != nil {
			h.t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// runs is how many runs a file's workflow has had, from the newest back to the first.
func (h *hired) runs(code label.Code) int {
	h.t.Helper()
	run := h.run(code)
	for n := 1; ; n++ {
		first := h.o.Engine.Temporal().GetWorkflowHistory(h.t.Context(), workflows.FileID(code), run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		e, err := first.Next()
		if err != nil {
			h.t.Fatal(err)
		}
		if run = e.GetWorkflowExecutionStartedEventAttributes().ContinuedExecutionRunId; run == "" {
			return n
		}
	}
}

func in(room string) custody.StationID { return demo.StationOf(custody.RoomID(room)) }

// types names events, for a table of what something costs.
func types(events []*history.HistoryEvent) []string {
	var names []string
	for _, e := range events {
		names = append(names, e.EventType.String())
	}
	return names
}

// What a scan costs, and what follows an earlier deadline or a timer that finds
// nothing due.
var (
	costOfScan    = []string{"WorkflowTaskScheduled", "WorkflowTaskStarted", "WorkflowTaskCompleted", "WorkflowExecutionUpdateAccepted", "MarkerRecorded", "WorkflowExecutionUpdateCompleted"}
	costOfEarlier = append(slices.Clone(costOfScan), "TimerStarted")
	costOfStale   = []string{"TimerFired", "WorkflowTaskScheduled", "WorkflowTaskStarted", "WorkflowTaskCompleted"}
)

// A scan costs what the design says, on a real server: six events, one of
// them the marker of what was decided.
func TestEventsOfAScan(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	code := h.open("events")
	count := len(h.events(code))
	step := func(name string, c custody.Command) {
		t.Helper()
		h.do(c)
		events := h.events(code)
		if got := types(events[count:]); !slices.Equal(got, costOfScan) {
			t.Errorf("%s: %v, want %v", name, got, costOfScan)
		}
		count = len(events)
	}
	step("a later deadline", newCommand(custody.Scan, code, in("a-102"))) // SO: 4 h after R&I's 2 h
	sent := newCommand(custody.Scan, code, in("a-102"))
	sent.With = custody.Context{Onward: true}
	step("a transit of the same length", sent) // 2 h of transit, not before R&I's 2 h
	correct := newCommand(custody.Correct, code, "")
	correct.With, correct.Reason = custody.Correction{Desk: "fin-ds"}, "found on the wrong desk"
	step("a correction", correct)
	step("a scan elsewhere", newCommand(custody.Scan, code, in("a-103")))
	step("a soft tick", newCommand(custody.Scan, code, in("a-103")))
	verified(t, h.o)
}

// An earlier deadline starts a second timer and leaves the first: seven events. A wake
// that finds nothing due costs four, and no timer where one is armed.
func TestEventsOfTimers(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	o := demo.Sample(3600)
	o.Policy.Transit = 4 // its first rung after three seconds
	if err := h.o.Ledger.SetOffice(t.Context(), o, "test", "short transit"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.o.Ledger.SetOffice(context.Background(), demo.Sample(3600), "test", "as before"); err != nil {
			t.Error(err)
		}
	}()
	code := h.open("timers")
	before := len(h.events(code))
	sent := newCommand(custody.Scan, code, in("a-101"))
	sent.With = custody.Context{Onward: true}
	h.do(sent)
	if got := types(h.events(code)[before:]); !slices.Equal(got, costOfEarlier) {
		t.Errorf("an earlier deadline: %v, want %v", got, costOfEarlier)
	}
	h.do(newCommand(custody.Scan, code, in("a-102"))) // before the three seconds are over
	before = len(h.events(code))
	var wake []string
	h.met(func() bool {
		wake = types(h.events(code)[before:])
		return len(wake) > 0 && wake[len(wake)-1] == "WorkflowTaskCompleted"
	})
	if !slices.Equal(wake, costOfStale) {
		t.Errorf("a stale wake: %v, want %v", wake, costOfStale)
	}
}

// Ten thousand scans over a hundred files, told to hand over to another run every few
// commands: each applied once, in order.
func TestManyScansOverManyRuns(t *testing.T) {
	files, scans := 100, 10_000
	if testing.Short() || racing {
		files, scans = 20, 400
	}
	const perRun = 5
	h := hire(t, workflows.Files{Rules: custody.Today})
	codes := make([]label.Code, files)
	for i := range codes {
		codes[i] = h.open(fmt.Sprintf("many/%d", i))
	}
	stations := []custody.StationID{in("a-101"), in("a-102"), in("a-103"), in("a-104")}
	var all []custody.Command
	for i := range scans {
		c := newCommand(custody.Scan, codes[i%files], stations[i/files%len(stations)])
		all = append(all, c)
	}
	began := time.Now()
	for batch := range slices.Chunk(all, perRun*files) {
		if _, err := h.o.Ledger.Put(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if err := h.o.Engine.Temporal().SignalWorkflow(t.Context(), workflows.FileID(code), "", workflows.RolloverSignal, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	drained(t, h.o.Ledger)
	for _, code := range codes {
		if n := h.runs(code); n < 2 {
			t.Errorf("file %s: %d runs", code, n)
		}
	}
	t.Logf("%d scans in %v: %.0f/s", scans, time.Since(began), float64(scans)/time.Since(began).Seconds())
	applied(t, h.o.Ledger, codes, all)
	verified(t, h.o)
	h.close(codes...)
}

// close ends files that follow rules which later tests' workers do not know.
func (h *hired) close(codes ...label.Code) {
	h.t.Helper()
	for _, code := range codes {
		if out := h.do(newCommand(custody.Close, code, "")); out.Reason != custody.Closed {
			h.t.Errorf("closing file %s: %s", code, out.Reason)
		}
	}
}

// still is how long nothing may move in a queue that is not empty.
const still = 5 * time.Minute

// drained waits until nothing stored is undecided, and fails with what is known of a
// queue that stands.
func drained(t testing.TB, store *ledger.Store) {
	t.Helper()
	changed, stop := store.Watch()
	defer stop()
	stands := time.NewTimer(still)
	defer stands.Stop()
	for {
		n, oldest, err := store.Backlog(t.Context())
		if err == nil && n == 0 {
			return
		}
		select {
		case <-changed:
			stands.Reset(still)
		case <-stands.C:
			stuck, wrong := store.Quarantined(t.Context())
			t.Fatalf("%d commands wait since %v (%v), and nothing moves; quarantined: %+v, %v", n, oldest, err, stuck, wrong)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// applied checks that every command stands exactly once in its file's chain, in
// the order it was stored. Soft ticks leave no entry.
func applied(t testing.TB, store *ledger.Store, codes []label.Code, commands []custody.Command) {
	t.Helper()
	place := map[custody.CommandID]int{}
	for i, c := range commands {
		place[c.ID] = i
	}
	seen := map[custody.CommandID]int{}
	for _, code := range codes {
		stored, err := store.Entries(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		_, entries, err := custody.Chain(custody.Head{}, code, stored)
		if err != nil {
			t.Fatal(err)
		}
		last := -1
		for _, e := range entries {
			i, ours := place[e.Command]
			if !ours {
				continue
			}
			seen[e.Command]++
			if i <= last {
				t.Errorf("file %s: command %d stands after %d", code, i, last)
			}
			last = i
		}
	}
	for _, c := range commands {
		if seen[c.ID] == 1 {
			continue
		}
		out, err := store.Await(t.Context(), c.ID)
		if err != nil || seen[c.ID] > 1 || out.Verdict != custody.Ticked {
			t.Errorf("command %s of file %s: %d entries, %s %s, %v", c.ID, c.Code, seen[c.ID], out.Verdict, out.Reason, err)
		}
	}
}

// A rule changes under open runs: the next command is decided by the new one, and what was
// decided stands, also where every run is read again from its history.
func TestRulesChangeUnderOpenRuns(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	code := h.open("rules")
	h.do(newCommand(custody.Scan, code, in("a-101")))
	if out := h.do(newCommand(custody.Scan, code, in("a-101"))); out.Reason != custody.SeenAlready {
		t.Errorf("%s under the old rule", out.Reason)
	}
	newer := custody.Today
	newer.SeenAgain = -1 // every scan confirms
	h.worker.Stop()
	h.work(workflows.Files{Rules: newer})
	for range 2 {
		worker.PurgeStickyWorkflowCache()
		if out := h.do(newCommand(custody.Scan, code, in("a-101"))); out.Reason != custody.Confirmed {
			t.Errorf("%s under the new one", out.Reason)
		}
	}
	verified(t, h.o)
}

// Every run is evicted before every command and every wake: what it keeps it has from its
// history, and comes to what the ledger has.
func TestEvictedBeforeEveryCommand(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	codes := []label.Code{h.open("evicted/one"), h.open("evicted/two")}
	judge := &audit.Auditor{Ledger: h.o.Ledger, Workflows: audit.Temporal{Client: h.o.Engine.Temporal()}}
	for i := range 30 {
		for n, code := range codes {
			worker.PurgeStickyWorkflowCache()
			c := newCommand(custody.Scan, code, in([]string{"a-101", "a-102", "a-103"}[(i/2+n)%3]))
			if i%5 == 4 {
				c.Kind = custody.Undo
			}
			h.do(c)
			worker.PurgeStickyWorkflowCache()
			if f, err := judge.File(t.Context(), code); f != nil || err != nil {
				t.Fatal(f, err)
			}
		}
	}
	verified(t, h.o)
}

// The engine does not answer: scans are stored, and applied in order when it
// does.
func TestScansWaitForTheEngine(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	code := h.open("waiting")
	h.worker.Stop()
	var all []custody.Command
	for i := range 6 {
		all = append(all, newCommand(custody.Scan, code, []custody.StationID{in("a-102"), in("a-103")}[i%2]))
	}
	if _, err := h.o.Ledger.Put(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if n, _, err := h.o.Ledger.Backlog(t.Context()); n != len(all) || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
	h.work(workflows.Files{Rules: custody.Today})
	drained(t, h.o.Ledger)
	applied(t, h.o.Ledger, []label.Code{code}, all)
	verified(t, h.o)
}

// Closing, a scan of the closed file, reopening: each run starts from what the
// ledger kept of the one before.
func TestClosedFilesComeBack(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	code := h.open("closing")
	if out := h.do(newCommand(custody.Close, code, "")); out.Reason != custody.Closed || out.Position.Phase != custody.Ended {
		t.Fatalf("%+v", out)
	}
	if out := h.do(newCommand(custody.Scan, code, in("b-rec"))); out.Reason != custody.SeenClosed || out.Position.Room != "b-rec" {
		t.Errorf("%+v", out)
	}
	if out := h.do(newCommand(custody.Reopen, code, in("a-102"))); out.Reason != custody.Reopened || out.Position.Room != "a-102" {
		t.Errorf("%+v", out)
	}
	verified(t, h.o)
}

func TestUnknownCodesMoveNothing(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	foreign, err := label.Mint(label.File, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out := h.do(newCommand(custody.Scan, foreign, in("a-101"))); out.Reason != custody.NoSuchFile || out.Verdict != custody.Refused {
		t.Errorf("a foreign code: %s %s", out.Verdict, out.Reason)
	}
	printed, err := h.o.Ledger.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	if out := h.do(newCommand(custody.Scan, printed, in("a-101"))); out.Reason != custody.Unassigned {
		t.Errorf("an unassigned label: %s", out.Reason)
	}
	open := newCommand(custody.Open, printed, in("a-101"))
	open.With = custody.Opening{Number: "label", Department: "fin"}
	if out := h.do(open); out.Reason != custody.Opened {
		t.Errorf("opening it after a scan: %s", out.Reason)
	}
	if _, err := h.o.Engine.Temporal().DescribeWorkflowExecution(t.Context(), workflows.FileID(foreign), ""); err == nil {
		t.Error("a foreign code started a workflow")
	}
	verified(t, h.o)
}
