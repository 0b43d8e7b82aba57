package workflows

import (
	"errors"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"harkara/activities"
	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

func TestDeadlinePasses(t *testing.T) {
	o := newOffice(t)
	o.open()
	s := o.end(3 * time.Hour)
	o.want(custody.Opened, custody.RungDue)
	if e := o.entries[1]; !e.At.Equal(epoch.Add(time.Hour)) || !e.Recorded.Equal(epoch.Add(time.Hour)) {
		t.Errorf("due %v, recorded %v", e.At, e.Recorded)
	}
	if s.Percent != 100 || o.records != 1 {
		t.Errorf("percent %d after %d records", s.Percent, o.records)
	}
}

func TestScanJustBeforeTheDeadline(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.scan(time.Hour-time.Second, "b")
	s := o.end(time.Hour + 59*time.Minute)
	o.want(custody.Opened, custody.Inferred)
	if o.asked != 0 {
		t.Error("the old deadline's timer asked for a rung")
	}
	if !s.Wake().Equal(epoch.Add(2*time.Hour - time.Second)) {
		t.Errorf("wakes at %v", s.Wake())
	}
}

// A rung that comes due with the end of the day is recorded at the next opening, and
// so is one that was due while the engine slept through it.
func TestRungWaitsForTheOpening(t *testing.T) {
	summer := calendar.QuettaSummer("summer")
	open := func(o *office) {
		o.at(5*time.Hour+30*time.Minute, func() { // 14:30; work ends at 16:00
			d := o.delivery(custody.Command{Kind: custody.Open, Opening: &custody.Opening{Number: "1", Department: "fin"}}, "a")
			d.Command.To.Calendar, d.Command.To.Budget, d.Command.Calendars = summer.ID, 90*60, []calendar.Calendar{summer}
			o.send(d)
		})
	}
	o := newOffice(t)
	open(o)
	o.end(30 * time.Hour)
	o.want(custody.Opened, custody.RungDue)
	if e := o.entries[1]; !e.At.Equal(epoch.Add(7*time.Hour)) || !e.Recorded.Equal(epoch.Add(23*time.Hour)) {
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
	if e := awake.entries[1]; !e.Recorded.Equal(epoch.Add(23 * time.Hour)) {
		t.Errorf("recorded %v", e.Recorded)
	}
}

func TestEarlierDeadlineIsKept(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.at(time.Minute, func() {
		d := o.delivery(custody.Command{Kind: custody.Scan, Station: "a", Context: custody.Context{Desk: label.New(label.Desk, 1)}}, "a")
		d.Command.To = place("b")
		o.send(d) // transit has ten minutes
	})
	o.end(20 * time.Minute)
	o.want(custody.Opened, custody.Sent, custody.RungDue)
	if e := o.entries[2]; !e.At.Equal(epoch.Add(11 * time.Minute)) {
		t.Errorf("rung at %v", e.At)
	}
}

func TestStoredScansAreDecidedBeforeARung(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.at(time.Minute, func() { o.undecided = 1 })
	o.at(time.Hour+3*time.Second, func() {
		d := o.delivery(custody.Command{Kind: custody.Scan, Station: "b"}, "b")
		d.Command.Command.At.Wall = epoch.Add(30 * time.Minute) // when it happened
		o.send(d)
		o.undecided = 0
	})
	o.end(time.Hour + 10*time.Minute)
	o.want(custody.Opened, custody.Inferred)
	if o.asked == 0 {
		t.Error("the deadline did not pass")
	}
}

// A rung waits for exactly the commands that were stored before it.
func TestRungFollowsTheLastStoredCommand(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.at(time.Minute, func() { o.undecided = 2 })
	for i := range 2 {
		o.at(time.Hour+time.Duration(1+i)*time.Second, func() {
			d := o.delivery(custody.Command{Kind: custody.Mark}, "b")
			d.Command.Here = nil
			o.send(d)
			o.undecided--
		})
	}
	o.end(time.Hour + 10*time.Minute)
	o.want(custody.Opened, custody.Marked, custody.Marked, custody.RungDue)
	if at := o.entries[3].Recorded; !at.Equal(epoch.Add(time.Hour + 2*time.Second)) {
		t.Errorf("recorded at %v", at)
	}
}

// While nobody decides what is stored, a rung asks more and more rarely, and its
// run still hands over before the history grows long.
func TestRungOutlastsAnOutage(t *testing.T) {
	o := newOffice(t)
	o.undecided = 1
	o.open()
	o.at(7*time.Hour, func() { o.env.SetCurrentHistoryLength(custody.Book.Current().Run.Events) })
	s := o.run(custody.Book.Begin(code))
	o.want(custody.Opened)
	if hours := 6; o.asked == 0 || o.asked > 8+12*hours {
		t.Errorf("asked %d times in %d hours", o.asked, hours)
	}
	next := newOffice(t)
	next.seq, next.entries = o.seq, o.entries
	next.at(time.Minute, func() { next.env.SignalWorkflow(RolloverSignal, nil) })
	next.env.SetStartTime(epoch.Add(8 * time.Hour))
	next.run(s)
	next.want(custody.Opened, custody.RungDue)
}

// A ledger with another past, or one that cannot hold the next entry, stops the
// file, not its run: it can be looked at, takes nothing more, and goes on when it is
// rolled over.
func TestDivergedFileStandsStill(t *testing.T) {
	for _, cause := range []error{custody.ErrDiverged, custody.ErrGap, custody.ErrUnfit} {
		t.Run(cause.Error(), func(t *testing.T) { standsStill(t, cause) })
	}
}

func standsStill(t *testing.T, cause error) {
	o := newOffice(t)
	o.hopeless = cause
	o.open()
	o.scan(2*time.Hour, "b")
	o.at(3*time.Hour, func() {
		var s custody.State
		v, err := o.env.QueryWorkflow(SnapshotQuery)
		if err == nil {
			err = v.Get(&s)
		}
		if err != nil || s.Seq != 1 {
			t.Errorf("seq %d, %v", s.Seq, err)
		}
	})
	s := o.end(4 * time.Hour)
	o.want(custody.Opened)
	var app *temporal.ApplicationError
	if len(o.refused) != 1 || !errors.As(o.refused[0], &app) || app.Type() != ErrDiverged || o.records != 1 {
		t.Errorf("refused %v, recorded %d times", o.refused, o.records)
	}
	mended := newOffice(t)
	mended.seq, mended.entries = 1, o.entries
	mended.env.SetStartTime(epoch.Add(5 * time.Hour))
	mended.scan(time.Minute, "b")
	mended.at(2*time.Minute, func() { mended.env.SignalWorkflow(RolloverSignal, nil) })
	mended.run(s)
	mended.want(custody.Opened, custody.RungDue, custody.Inferred)
}

func TestRecordFailsWhileScansArrive(t *testing.T) {
	for _, kept := range []bool{false, true} {
		o := newOffice(t)
		o.failing, o.forgetful = !kept, kept
		o.open()
		for i := range 5 {
			o.scan(time.Hour+time.Duration(10+10*i)*time.Second, []string{"b", "c"}[i%2])
		}
		o.at(time.Hour+time.Minute, func() { o.failing, o.forgetful = false, false })
		o.end(time.Hour + 10*time.Minute)
		o.want(custody.Opened, custody.RungDue, custody.Inferred, custody.Inferred, custody.Inferred, custody.Inferred, custody.Inferred)
		if o.records < 2 {
			t.Errorf("recorded at the first of %d tries", o.records)
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
		o.send(o.delivery(custody.Command{Kind: custody.Close}, "a"))
	})
	o.at(4*time.Minute, func() {
		o.seq -= 2
		d := o.delivery(custody.Command{Kind: custody.Close}, "a")
		d.Head.Hash = "another past"
		o.send(d)
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
	for i := range custody.Book.Current().Run.Commands - 1 {
		o.scan(time.Duration(i+1)*time.Minute, []string{"b", "c"}[i%2])
	}
	s := o.run(custody.Book.Begin(code))
	if len(o.entries) != custody.Book.Current().Run.Commands || s.Seq != int64(custody.Book.Current().Run.Commands) {
		t.Fatalf("%d entries, seq %d", len(o.entries), s.Seq)
	}
	next := newOffice(t)
	next.seq, next.entries = o.seq, o.entries
	next.at(0, func() { next.send(o.last) })
	next.scan(time.Minute, "d")
	next.at(2*time.Minute, func() { next.env.SignalWorkflow(RolloverSignal, nil) })
	next.run(s)
	if len(next.answers) != 2 || next.answers[0].Reason != o.answers[custody.Book.Current().Run.Commands-1].Reason || len(next.entries) != custody.Book.Current().Run.Commands+1 {
		t.Errorf("%d answers, %d entries", len(next.answers), len(next.entries))
	}
}

// What a file's cover is goes with it into the next run.
func TestCoversOutliveARun(t *testing.T) {
	fresh, old := label.New(label.File, 2), label.Code("FIN-2019/0123")
	o := newOffice(t)
	o.open()
	o.at(time.Minute, func() {
		d := o.delivery(custody.Command{Kind: custody.Alias, Cover: old}, "a")
		d.Command.Stray = true // no file has it
		o.send(d)
	})
	o.scan(2*time.Minute, "b")
	o.at(3*time.Minute, func() { o.send(o.delivery(custody.Command{Kind: custody.Reprint, Cover: fresh, Reason: "torn"}, "a")) })
	s := o.end(4 * time.Minute)
	if s.Cover != fresh || s.Moved || s.Former == nil || s.Former.Code != code || len(s.Former.Aliases) != 1 {
		t.Errorf("%+v", s)
	}
	next := newOffice(t)
	next.seq, next.entries = o.seq, o.entries
	read := func(after time.Duration, text label.Code) {
		next.at(after, func() {
			d := next.delivery(custody.Command{Kind: custody.Scan, Station: "c", Method: custody.ByQR}, "c")
			d.Command.Command.Code, d.Command.File = text, code
			next.send(d)
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

func TestClosingEndsTheRunOnceTheLedgerHasIt(t *testing.T) {
	o := newOffice(t)
	o.failing = true
	o.open()
	o.plain(time.Minute, custody.Close)
	o.at(3*time.Minute, func() { o.failing = false })
	o.run(custody.Book.Begin(code))
	o.want(custody.Opened, custody.Closed)
	if !o.env.Now().After(epoch.Add(3 * time.Minute)) {
		t.Error("the run ended before the ledger had its end")
	}
	final := o.answers[1].Final
	if final == nil {
		t.Fatal("no snapshot to start from again")
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
	again.run(*seen.answers[0].Final)
	again.want(custody.Opened, custody.Closed, custody.SeenClosed, custody.Reopened, custody.RungDue)
}

func TestRulesChangeAtRollover(t *testing.T) {
	newer := append(slices.Clone(custody.Book), custody.Book.Current())
	newer[1].Version, newer[1].SeenAgain = 2, time.Hour
	life := func(book custody.Rulebook, from custody.State, o *office) custody.State {
		var suite testsuite.WorkflowTestSuite
		o.env = suite.NewTestWorkflowEnvironment()
		o.env.SetStartTime(epoch)
		Register(o.env, Files{Book: book}, &activities.Activities{Office: o, Ledger: o, Channel: o, Now: o.env.Now})
		if from.Opened.IsZero() {
			o.open()
		}
		o.scan(10*time.Minute, "a") // 10 min after the last: a tick only under rules 2
		o.at(20*time.Minute, func() { o.env.SignalWorkflow(RolloverSignal, nil) })
		return o.run(from)
	}
	o := &office{t: t}
	s := life(newer, custody.Book.Begin(code), o) // a run under rules 1 on a newer worker
	if got := o.answers[1].Reason; got != custody.Confirmed || s.Rules != 2 {
		t.Errorf("%s under rules 1; next run follows rules %d", got, s.Rules)
	}
	o.answers = nil
	life(newer, s, o)
	if got := o.answers[0].Reason; got != custody.SeenAlready {
		t.Errorf("%s under rules 2", got)
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
