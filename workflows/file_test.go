package workflows

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

// late is how long after its own time a rung may be recorded: its timer is spread.
const late = 31 * time.Second

func TestDeadlinePasses(t *testing.T) {
	o := newOffice(t)
	o.open()
	s := o.end(3 * time.Hour)
	o.want(custody.Opened, custody.RungDue)
	if e := o.entries[1]; !e.At.Equal(epoch.Add(time.Hour)) || e.Recorded.Before(e.At) || e.Recorded.After(e.At.Add(late)) {
		t.Errorf("due %v, recorded %v", e.At, e.Recorded)
	}
	if s.Percent != 100 || s.Wakes != 1 || len(o.asked) != 1 {
		t.Errorf("percent %d after %d wakes, asked %d times", s.Percent, s.Wakes, len(o.asked))
	}
}

func TestScanJustBeforeTheDeadline(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.scan(time.Hour-time.Second, "b")
	s := o.end(time.Hour + 59*time.Minute)
	o.want(custody.Opened, custody.Inferred)
	if len(o.asked) != 0 {
		t.Error("the old deadline's timer stored a wake")
	}
	if !s.Wake.Equal(epoch.Add(2*time.Hour - time.Second)) {
		t.Errorf("wakes at %v", s.Wake)
	}
}

// A rung that comes due with the end of the day is recorded at the next opening, and
// so is one that was due while the engine slept through it.
func TestRungWaitsForTheOpening(t *testing.T) {
	summer := calendar.QuettaSummer("summer")
	open := func(o *office) {
		o.at(5*time.Hour+30*time.Minute, func() { // 14:30; work ends at 16:00
			r := o.command(custody.Command{Kind: custody.Open, With: custody.Opening{Department: "fin"}}, "a")
			r.To.Hours, r.To.Budget = contents.Keep(summer.ID, summer), 90*60
			o.send(r)
		})
	}
	o := newOffice(t)
	open(o)
	o.end(30 * time.Hour)
	o.want(custody.Opened, custody.RungDue)
	if e, opening := o.entries[1], epoch.Add(23*time.Hour); !e.At.Equal(epoch.Add(7*time.Hour)) || e.Recorded.Before(opening) || e.Recorded.After(opening.Add(late)) {
		t.Errorf("due %v, recorded %v", e.At, e.Recorded)
	}

	asleep := newOffice(t)
	open(asleep)
	s := asleep.end(6 * time.Hour)
	awake := newOffice(t)
	awake.seq, awake.entries = asleep.seq, asleep.entries
	awake.env.SetStartTime(epoch.Add(15 * time.Hour)) // midnight
	awake.at(12*time.Hour, func() { awake.env.SignalWorkflow(RolloverSignal, nil) })
	awake.run(s)
	awake.want(custody.Opened, custody.RungDue)
	if e, opening := awake.entries[1], epoch.Add(23*time.Hour); e.Recorded.Before(opening) || e.Recorded.After(opening.Add(late)) {
		t.Errorf("recorded %v", e.Recorded)
	}
}

func TestEarlierDeadlineIsKept(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.at(time.Minute, func() {
		r := o.command(custody.Command{Kind: custody.Scan, Station: "a", With: custody.Context{Desk: label.New(label.Desk, 1)}}, "a")
		r.To = place("b")
		o.send(r) // transit has ten minutes
	})
	o.end(20 * time.Minute)
	o.want(custody.Opened, custody.Sent, custody.RungDue)
	if e := o.entries[2]; !e.At.Equal(epoch.Add(11 * time.Minute)) {
		t.Errorf("rung at %v", e.At)
	}
}

// What is stored when a wake is comes before it: also a scan of before the deadline.
func TestStoredScansAreDecidedBeforeARung(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.at(time.Minute, func() {
		o.ahead = append(o.ahead, func() {
			r := o.command(custody.Command{Kind: custody.Scan, Station: "b"}, "b")
			r.Command.At.Wall = epoch.Add(30 * time.Minute) // when it happened
			o.send(r)
		})
	})
	s := o.end(time.Hour + 10*time.Minute)
	o.want(custody.Opened, custody.Inferred, custody.Overtaken)
	if len(o.asked) != 1 || o.answers[2].Reason != custody.Overtaken || s.Wakes != 1 {
		t.Errorf("asked %d times, %d wakes, %+v", len(o.asked), s.Wakes, o.answers[2:])
	}
}

// The answer to a scan waits for no wake, also where that is overdue at once.
func TestScanOfBeforeAnotherDeadline(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.at(2*time.Hour, func() {
		r := o.command(custody.Command{Kind: custody.Scan, Station: "b"}, "b")
		r.Command.At.Wall = epoch.Add(30 * time.Minute)
		o.send(r)
	})
	o.end(3 * time.Hour)
	o.want(custody.Opened, custody.RungDue, custody.Inferred, custody.RungDue)
	if len(o.asked) != 2 || o.asked[1].Before(epoch.Add(2*time.Hour+soonest)) {
		t.Errorf("asked at %v", o.asked)
	}
}

// While its wake waits behind commands that nobody decides, a run asks nothing more.
func TestWakeWaitsInTheInbox(t *testing.T) {
	o := newOffice(t)
	o.lag = 72 * time.Hour
	o.open()
	o.end(80 * time.Hour)
	o.want(custody.Opened, custody.RungDue)
	if len(o.asked) != 1 {
		t.Errorf("asked at %v", o.asked)
	}
}

// While the inbox is away a run asks rarely, each time later, and the wake is there in
// the end, once: also where it was stored and the answer was lost.
func TestInboxAway(t *testing.T) {
	for _, forgetful := range []bool{false, true} {
		o := newOffice(t)
		o.away, o.forgetful, o.lag = !forgetful, forgetful, 90*time.Minute
		o.open()
		o.at(2*time.Hour, func() { o.away, o.forgetful = false, false })
		o.end(6 * time.Hour)
		o.want(custody.Opened, custody.RungDue)
		if n := len(o.asked); n < 5 || n > 8 || len(o.inbox) != 1 {
			t.Errorf("asked %d times in an hour, %d stored: %v", n, len(o.inbox), o.asked)
		}
	}
}

// A run that takes over stores the wake of the run before it again: it is the same.
func TestWakeOutlivesItsRun(t *testing.T) {
	o := newOffice(t)
	o.lag = 24 * time.Hour
	o.open()
	s := o.end(2 * time.Hour)
	next := newOffice(t)
	next.seq, next.entries = o.seq, o.entries
	next.at(time.Hour, func() { next.env.SignalWorkflow(RolloverSignal, nil) })
	next.env.SetStartTime(epoch.Add(2 * time.Hour))
	next.run(s)
	next.want(custody.Opened, custody.RungDue)
	for id := range o.inbox {
		if len(next.inbox) != 1 || !next.inbox[id] {
			t.Errorf("wakes %v, then %v", o.inbox, next.inbox)
		}
	}
}

func TestRepeatAndGap(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.scan(time.Minute, "b")
	o.at(2*time.Minute, func() { o.send(o.last) })
	o.at(3*time.Minute, func() {
		o.seq++
		o.send(o.command(custody.Command{Kind: custody.Close}, "a"))
	})
	o.at(4*time.Minute, func() {
		o.seq -= 2
		o.deliver(o.command(custody.Command{Kind: custody.Close}, "a"), custody.Head{Revision: o.head().Revision, Hash: "another past"})
	})
	o.end(5 * time.Minute)
	o.want(custody.Opened, custody.Inferred)
	if len(o.answers) != 3 || o.answers[2].Reason != custody.Inferred || o.answers[2].Seq != o.answers[1].Seq {
		t.Errorf("answers %+v", o.answers)
	}
	for i, want := range []string{ErrSequence, ErrDiverged} {
		var app *temporal.ApplicationError
		if len(o.refused) != 2 || !errors.As(o.refused[i], &app) || app.Type() != want {
			t.Fatalf("refused %v", o.refused)
		}
	}
}

func TestContinuesAsNewAndAnswersTheLastCommandAgain(t *testing.T) {
	o := newOffice(t)
	o.open()
	for i := range programs[Program].commands - 1 {
		o.scan(time.Duration(i+1)*time.Minute, []string{"b", "c"}[i%2])
	}
	s := o.run(custody.Begin(code))
	if len(o.entries) != programs[Program].commands || s.Seq != int64(programs[Program].commands) {
		t.Fatalf("%d entries, seq %d", len(o.entries), s.Seq)
	}
	next := newOffice(t)
	next.seq, next.entries = o.seq, o.entries
	next.at(0, func() { next.send(o.last) })
	next.scan(time.Minute, "d")
	next.at(2*time.Minute, func() { next.env.SignalWorkflow(RolloverSignal, nil) })
	next.run(s)
	if len(next.answers) != 2 || next.answers[0].Reason != o.answers[programs[Program].commands-1].Reason || len(next.entries) != programs[Program].commands+1 {
		t.Errorf("%d answers, %d entries", len(next.answers), len(next.entries))
	}
}

// What a file's cover is goes with it into the next run.
func TestCoversOutliveARun(t *testing.T) {
	fresh, old := label.New(label.File, 2), label.Code("FIN-2019/0123")
	o := newOffice(t)
	o.open()
	o.at(time.Minute, func() {
		r := o.command(custody.Command{Kind: custody.Alias, With: custody.Aliasing{Cover: old}}, "a")
		r.Stray = true // no file has it
		o.send(r)
	})
	o.scan(2*time.Minute, "b")
	o.at(3*time.Minute, func() {
		o.send(o.command(custody.Command{Kind: custody.Reprint, With: custody.Printing{Cover: fresh}, Reason: "torn"}, "a"))
	})
	s := o.end(4 * time.Minute)
	if s.Cover != fresh || s.Moved || s.Former == nil || s.Former.Code != code || len(s.Former.Aliases) != 1 {
		t.Errorf("%+v", s)
	}
	next := newOffice(t)
	next.seq, next.entries = o.seq, o.entries
	read := func(after time.Duration, text label.Code) {
		next.at(after, func() {
			r := next.command(custody.Command{Kind: custody.Scan, Station: "c", Method: custody.ByQR}, "c")
			r.Command.Code, r.File = text, code
			next.send(r)
		})
	}
	read(time.Hour, old)
	read(time.Hour+time.Second, code)
	read(time.Hour+2*time.Second, fresh)
	next.at(time.Hour+3*time.Second, func() { next.env.SignalWorkflow(RolloverSignal, nil) })
	if s := next.run(s); !s.Moved {
		t.Errorf("%+v", s)
	}
	next.want(custody.Opened, custody.Aliased, custody.Inferred, custody.Relabelled, custody.OldCover, custody.OldCover, custody.Inferred)
}

// A worker asks once for what commands rely on, and remembers it.
func TestContentsComeOnce(t *testing.T) {
	o := newOffice(t)
	o.bare = true
	o.open()
	o.at(time.Second, func() {
		o.bare = false
		o.send(o.last)
		o.bare = true
	})
	o.scan(time.Minute, "b")
	o.end(2 * time.Minute)
	o.want(custody.Opened, custody.Inferred)
	var asks *temporal.ApplicationError
	if len(o.refused) != 1 || !errors.As(o.refused[0], &asks) || asks.Type() != ErrContents {
		t.Errorf("refused: %v", o.refused)
	}
}

// A closed file's run ends when a wake has told it that the ledger has everything.
func TestClosingEndsTheRunOnceTheLedgerHasIt(t *testing.T) {
	o := newOffice(t)
	o.away = true
	o.open()
	o.plain(time.Minute, custody.Close)
	o.at(3*time.Minute, func() { o.away = false })
	o.run(custody.Begin(code))
	o.want(custody.Opened, custody.Closed)
	if !o.env.Now().After(epoch.Add(3 * time.Minute)) {
		t.Error("the run ended before the ledger had its end")
	}
	final := o.answers[2].Final
	if final == nil || !final.Over() {
		t.Fatalf("no snapshot to start from again: %+v", final)
	}

	seen := newOffice(t) // a scan of the closed file
	seen.seq, seen.entries = o.seq, o.entries
	seen.scan(0, "b")
	seen.run(*final)
	seen.want(custody.Opened, custody.Closed, custody.SeenClosed)

	again := newOffice(t)
	again.seq, again.entries = seen.seq, seen.entries
	again.plain(0, custody.Reopen)
	again.at(2*time.Hour+30*time.Minute, func() { again.env.SignalWorkflow(RolloverSignal, nil) })
	again.run(*seen.answers[1].Final)
	again.want(custody.Opened, custody.Closed, custody.SeenClosed, custody.Reopened, custody.RungDue)
}

// A run that a newer program began is left to it, also where this one cannot read what it
// began with: the task fails, the run goes on.
func TestRunOfANewerProgram(t *testing.T) {
	for name, start := range map[string]string{
		"program":                      `{"program":99,"state":{"v":1}}`,
		"state":                        `{"program":1,"state":{"v":99}}`,
		"state that cannot be read":    `{"program":1,"state":{"v":99,"balances":"none"}}`,
		"start that is something else": `{"program":[99]}`,
		"entry not yet in the ledger":  `{"program":1,"state":{"v":1,"unconfirmed":[{"v":99}]}}`,
	} {
		o := newOffice(t)
		o.env.ExecuteWorkflow(FileType, json.RawMessage(start))
		if err := o.env.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "newer program") {
			t.Errorf("%s: the run ended: %v", name, err)
		}
	}
}

// A workflow of another incarnation than its asker's decides nothing, and what it asks of
// the ledger is refused; the next run is of the same one.
func TestAnotherIncarnationIsRefused(t *testing.T) {
	o := newOffice(t)
	o.incarnation = 3
	o.open()
	o.at(time.Minute, func() { // the office is rebuilt
		o.incarnation = 4
		o.send(o.command(custody.Command{Kind: custody.Scan, Station: "b", Method: custody.ByQR}, "b"))
	})
	o.at(3*time.Hour, func() { o.env.SignalWorkflow(RolloverSignal, nil) })
	o.env.ExecuteWorkflow(FileType, From(custody.Begin(code), 3))
	o.want(custody.Opened)
	var app *temporal.ApplicationError
	if len(o.refused) != 1 || !errors.As(o.refused[0], &app) || app.Type() != ErrRebuilt {
		t.Errorf("refused %v", o.refused)
	}
	if len(o.inbox) != 0 || len(o.asked) < 2 {
		t.Errorf("%d wakes stored, asked %d times", len(o.inbox), len(o.asked))
	}
	if len(o.answers) != 1 || o.answers[0].Incarnation != 3 {
		t.Errorf("answers %+v", o.answers)
	}
	var next *workflow.ContinueAsNewError
	var start Start
	if err := o.env.GetWorkflowError(); !errors.As(err, &next) {
		t.Fatal(err)
	}
	if err := json.Unmarshal(next.Input.Payloads[0].Data, &start); err != nil || start.Incarnation != 3 {
		t.Errorf("incarnation %d, %v", start.Incarnation, err)
	}
	if s := snapshot(t, o); s.Incarnation != 3 || s.State.Head.Revision != 1 {
		t.Errorf("%+v", s)
	}
}

func snapshot(t *testing.T, o *office) (s Snapshot) {
	t.Helper()
	v, err := o.env.QueryWorkflow(SnapshotQuery)
	if err == nil {
		err = v.Get(&s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A delivery of before the office was rebuilt is not begun, nor tried again.
func TestNoticeOfAnotherIncarnation(t *testing.T) {
	o := newOffice(t)
	o.env.ExecuteWorkflow(NoticeType, Errand{Notice: custody.Notice{Key: "k"}, Incarnation: 1})
	var app *temporal.ApplicationError
	if err := o.env.GetWorkflowError(); !errors.As(err, &app) || app.Type() != activities.Rebuilt || len(o.delivered) != 0 {
		t.Errorf("%v after %d tries", err, len(o.delivered))
	}
}

func TestNoticeIsDeliveredInTheEnd(t *testing.T) {
	o := newOffice(t)
	o.env.ExecuteWorkflow(NoticeType, custody.Notice{Key: "k"})
	if err := o.env.GetWorkflowError(); err != nil || len(o.delivered) != 3 {
		t.Errorf("%v after %d tries", err, len(o.delivered))
	}
}

func TestFileID(t *testing.T) {
	if got, ok := CodeOf(FileID(code)); !ok || got != code {
		t.Errorf("%s, %v", got, ok)
	}
	for _, id := range []string{"", "file-", "file-1", NoticeID("k"), string(code)} {
		if got, ok := CodeOf(id); ok {
			t.Errorf("%q is file %s", id, got)
		}
	}
}
