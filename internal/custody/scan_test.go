package custody

import (
	"testing"
	"time"

	"harkara/internal/calendar"
)

// Each row of the table "What a scan means": how the file came to be where it
// is, the scan, and what must come of it.
func TestScanTable(t *testing.T) {
	for _, tt := range []struct {
		name    string
		life    func(k *clerk)
		act     func(k *clerk) Outcome
		verdict Verdict
		reason  Reason
		phase   Phase
		desk    DeskID
	}{
		{
			"a: in transit from here, within 2 min", func(k *clerk) { k.open(); k.wait(time.Hour).send("a", "b") },
			func(k *clerk) Outcome { return k.wait(2 * time.Minute).scan("a") }, Ticked, SentAlready, Transit, "a",
		},
		{
			"a: in transit from here, later", func(k *clerk) { k.open(); k.wait(time.Hour).send("a", "b") },
			func(k *clerk) Outcome { return k.wait(2*time.Minute + time.Second).scan("a") }, Ticked, SentAlready, Transit, "a",
		},
		{
			"a: in transit from here, the next day", func(k *clerk) { k.open(); k.wait(time.Hour).send("a", "b") },
			func(k *clerk) Outcome { return k.wait(24 * time.Hour).scan("a") }, Ticked, SentAlready, Transit, "a",
		},
		{
			"a: in transit from here, its desk card later", func(k *clerk) { k.open(); k.wait(time.Hour).send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Hour).send("a", "b") }, Ticked, SentAlready, Transit, "a",
		},
		{
			"a: in transit from here, a badge after another look", func(k *clerk) { k.open(); k.wait(time.Hour).send("a", "b"); k.wait(time.Hour).scan("a") },
			func(k *clerk) Outcome { return k.wait(time.Second).take("a") }, Accepted, Taken, Transit, "a",
		},
		{
			"b: in transit to here", func(k *clerk) { k.open(); k.wait(time.Hour).send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).scan("b") }, Accepted, Received, Held, "b",
		},
		{
			"c: held elsewhere, never dispatched", func(k *clerk) { k.open("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Hour).scan("b") }, Accepted, Inferred, Held, "b",
		},
		{
			"d: in transit to another room", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).scan("c") }, Accepted, OffRoute, Held, "c",
		},
		{
			"d: onward from off route goes where it was going", func(k *clerk) { k.open(); k.send("a", "b"); k.wait(time.Minute).scan("c") },
			func(k *clerk) Outcome { return k.wait(time.Minute).onward("c") }, Accepted, Sent, Transit, "c",
		},
		{"e: imported, never seen", func(k *clerk) {
			r := k.resolve(Command{Kind: Open, With: Opening{Department: "fin", Imported: true}}, nil, nil)
			k.do(r)
		}, func(k *clerk) Outcome { return k.wait(time.Hour).scan("b") }, Accepted, Adopted, Held, "b"},
		{
			"g: closed", func(k *clerk) { k.open(); k.plain(Close, nil) },
			func(k *clerk) Outcome { return k.wait(time.Hour).scan("b") }, Accepted, SeenClosed, Ended, "a",
		},
		{
			"g: closed, seen again at once", func(k *clerk) { k.open(); k.plain(Close, nil); k.wait(time.Hour).scan("b") },
			func(k *clerk) Outcome { return k.wait(time.Second).scan("b") }, Ticked, SeenAlready, Ended, "a",
		},
		{
			"g: closed, with a card", func(k *clerk) { k.open(); k.plain(Close, nil) },
			func(k *clerk) Outcome { return k.send("a", "b") }, Refused, IsClosed, Ended, "a",
		},
		{
			"h: here already, within 30 s", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.wait(30 * time.Second).scan("a") }, Ticked, SeenAlready, Held, "a",
		},
		{
			"h: here already, later", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.wait(31 * time.Second).scan("a") }, Accepted, Confirmed, Held, "a",
		},
		{
			"declared missing", func(k *clerk) { k.open(); k.plain(Missing, nil) },
			func(k *clerk) Outcome { return k.wait(time.Hour).scan("b") }, Accepted, Refound, Held, "b",
		},
		{
			"typed, expected here", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).typed("b") }, Accepted, Received, Held, "b",
		},
		{
			"typed, elsewhere", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.wait(time.Hour).typed("b") }, Ticked, Enquiry, Held, "a",
		},
		{
			"desk card", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.send("a", "b") }, Accepted, Sent, Transit, "a",
		},
		{
			"desk card of the same room", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.send("a", "a2") }, Accepted, Handed, Held, "a2",
		},
		{
			"desk card where the file was not known to be", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.wait(time.Hour).send("b", "c") }, Accepted, Sent, Transit, "b",
		},
		{
			"desk card again", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).send("a", "b") }, Ticked, SentAlready, Transit, "a",
		},
		{
			"another desk card", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).send("a", "c") }, Accepted, Redirected, Transit, "a",
		},
		{
			"onward", func(k *clerk) { k.open("a", "b", "c") },
			func(k *clerk) Outcome { return k.onward("a") }, Accepted, Sent, Transit, "a",
		},
		{
			"onward without a next stop", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.onward("a") }, Refused, NoNextStop, Held, "a",
		},
		{
			"onward without a next stop, on its way here", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).onward("b") }, Accepted, Received, Held, "b",
		},
		{
			"onward without a next stop, held elsewhere", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.wait(time.Minute).onward("c") }, Accepted, Inferred, Held, "c",
		},
		{
			"runner's badge", func(k *clerk) { k.open("a", "b") },
			func(k *clerk) Outcome { return k.take("a") }, Accepted, Taken, Transit, "a",
		},
		{
			"runner's badge after dispatch", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Second).take("a") }, Accepted, Taken, Transit, "a",
		},
		{
			"runner's badge without a next stop", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.take("a") }, Refused, NoNextStop, Held, "a",
		},
		{
			"runner's badge without a next stop, on its way here", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).take("b") }, Accepted, Received, Held, "b",
		},
		{
			"runner's badge without a next stop, held elsewhere", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.wait(time.Minute).take("c") }, Accepted, Inferred, Held, "c",
		},
		{
			"offline scan older than where it was seen since", func(k *clerk) {
				k.open()
				k.wait(20 * time.Minute).scan("b")
				k.wait(time.Hour).scan("b")
				k.wait(30 * time.Minute)
			},
			func(k *clerk) Outcome {
				return k.do(k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: k.now.Add(-time.Hour)}}, place("c"), nil))
			}, Accepted, Late, Held, "b",
		},
		{
			"offline scan of the room where it was seen since", func(k *clerk) {
				k.open()
				k.wait(20 * time.Minute).scan("b")
				k.wait(time.Hour).scan("b")
				k.wait(30 * time.Minute)
			},
			func(k *clerk) Outcome {
				return k.do(k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: k.now.Add(-time.Hour)}}, place("b"), nil))
			}, Ticked, SeenAlready, Held, "b",
		},
		{
			"undo of a dispatch", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Accepted, Undone, Held, "a",
		},
		{
			"undo by another station", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("b") }, Refused, OthersActed, Transit, "a",
		},
		{
			"undo after somebody else acted", func(k *clerk) { k.open(); k.send("a", "b"); k.wait(time.Minute).scan("b") },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Refused, OthersActed, Held, "b",
		},
		{
			"undo after an administrator marked the next stop", func(k *clerk) { k.open(); k.send("a", "b"); k.plain(Mark, place("c")) },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Refused, OthersActed, Transit, "a",
		},
		{
			"undo after an administrator set a route", func(k *clerk) {
				k.open("a", "b")
				k.send("a", "b")
				r := k.resolve(Command{Kind: Mark, With: Marking{Route: "r"}}, nil, nil)
				r.Route = route("r2", "c", "d")
				k.do(r)
			},
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Refused, OthersActed, Transit, "a",
		},
		{
			"undo after it was declared missing", func(k *clerk) { k.open(); k.send("a", "b"); k.plain(Missing, nil) },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Refused, OthersActed, Transit, "a",
		},
		{
			"undo after it was found", func(k *clerk) {
				k.open()
				k.plain(Missing, nil)
				k.wait(time.Hour).send("a", "b")
				k.plain(Missing, nil)
				k.plain(Found, nil)
			},
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Refused, OthersActed, Transit, "a",
		},
		{
			"undo after a correction", func(k *clerk) { k.open(); k.send("a", "b"); k.plain(Correct, place("a")) },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Refused, OthersActed, Held, "a",
		},
		{
			"undo after a new cover", func(k *clerk) { k.open(); k.send("a", "b"); k.reprint(second) },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Refused, OthersActed, Transit, "a",
		},
		{
			"undo after an old cover was registered", func(k *clerk) { k.open(); k.send("a", "b"); k.alias(oldCode) },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Refused, OthersActed, Transit, "a",
		},
		{
			"undo after another station saw it there", func(k *clerk) {
				k.open()
				k.send("a", "b")
				k.wait(time.Minute).scan("b")
				k.wait(time.Minute).do(k.resolve(Command{Kind: Scan, Method: ByQR, Station: "other"}, place("b"), nil))
			},
			func(k *clerk) Outcome { return k.undo("b") }, Refused, OthersActed, Held, "b",
		},
		{
			"undo after others were refused or told nothing new", func(k *clerk) {
				k.open()
				k.send("a", "b")
				k.do(k.resolve(Command{Kind: Reopen}, place("c"), nil))
				k.wait(time.Minute).typed("c")
			},
			func(k *clerk) Outcome { return k.undo("a") }, Accepted, Undone, Held, "a",
		},
		{
			"undo after the station saw it again", func(k *clerk) {
				k.open()
				k.send("a", "b")
				k.wait(time.Minute).scan("b")
				k.wait(time.Minute).scan("b")
			},
			func(k *clerk) Outcome { return k.undo("b") }, Accepted, Undone, Transit, "a",
		},
		{
			"undo of the station's own missing", func(k *clerk) {
				k.open()
				k.send("a", "b")
				k.do(k.resolve(Command{Kind: Missing}, place("a"), nil))
			},
			func(k *clerk) Outcome { return k.undo("a") }, Accepted, Undone, Transit, "a",
		},
		{
			"undo of an undo", func(k *clerk) { k.open(); k.send("a", "b"); k.undo("a") },
			func(k *clerk) Outcome { return k.undo("a") }, Refused, NothingToUndo, Held, "a",
		},
		{
			"undo too late", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.wait(10*time.Minute + time.Second).undo("a") }, Refused, TooLateToUndo, Transit, "a",
		},
		{
			"undo of nothing", func(k *clerk) { k.open() },
			func(k *clerk) Outcome { return k.undo("a") }, Refused, NothingToUndo, Held, "a",
		},
		{
			"correct", func(k *clerk) { k.open(); k.send("a", "b") },
			func(k *clerk) Outcome { return k.plain(Correct, place("c")) }, Accepted, Corrected, Held, "c",
		},
		{"open twice", func(k *clerk) { k.open() }, func(k *clerk) Outcome { return k.open() }, Refused, AlreadyOpen, Held, "a"},
		{
			"close twice", func(k *clerk) { k.open(); k.plain(Close, nil) },
			func(k *clerk) Outcome { return k.plain(Close, nil) }, Refused, IsClosed, Ended, "a",
		},
		{
			"reopen at a desk", func(k *clerk) { k.open(); k.plain(Close, nil) },
			func(k *clerk) Outcome { return k.plain(Reopen, place("b")) }, Accepted, Reopened, Held, "b",
		},
		{"reopen what is open", func(k *clerk) { k.open() }, func(k *clerk) Outcome { return k.plain(Reopen, nil) }, Refused, NotClosed, Held, "a"},
		{"missing", func(k *clerk) { k.open() }, func(k *clerk) Outcome { return k.plain(Missing, nil) }, Accepted, Lost, Held, "a"},
		{
			"found", func(k *clerk) { k.open(); k.plain(Missing, nil) },
			func(k *clerk) Outcome { return k.plain(Found, nil) }, Accepted, Refound, Held, "a",
		},
		{"found what is not missing", func(k *clerk) { k.open() }, func(k *clerk) Outcome { return k.plain(Found, nil) }, Refused, NotMissing, Held, "a"},
		{"unknown desk card", func(k *clerk) { k.open() }, func(k *clerk) Outcome {
			r := k.resolve(Command{Kind: Scan}, place("a"), nil)
			r.Unknown = "desk 2..."
			return k.do(r)
		}, Refused, NoSuchPlace, Held, "a"},
		{"scan of a file nobody opened", func(*clerk) {}, func(k *clerk) Outcome { return k.scan("a") }, Refused, NoSuchFile, "", ""},
		{"stuck command set aside", func(k *clerk) { k.open() }, func(k *clerk) Outcome {
			r := k.resolve(Command{Kind: Scan}, place("b"), nil)
			r.Void = true
			return k.do(r)
		}, Accepted, Voided, Held, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newClerk()
			tt.life(k)
			out := tt.act(k)
			p := out.Position
			if out.Verdict != tt.verdict || out.Reason != tt.reason || p.Phase != tt.phase || p.Desk != tt.desk {
				t.Errorf("%s %s, %s at %s; want %s %s, %s at %s", out.Verdict, out.Reason, p.Phase, p.Desk, tt.verdict, tt.reason, tt.phase, tt.desk)
			}
			if head, _, err := Chain(Head{}, file, k.stored); err != nil || head != k.state.Head {
				t.Errorf("chain: %v, head %v, state %v", err, head, k.state.Head)
			}
		})
	}
}

func TestReturningFileResumesItsBudget(t *testing.T) {
	k := newClerk()
	k.open() // desk a has 2 h
	k.wait(45*time.Minute).send("a", "b")
	k.wait(time.Minute).scan("b")
	k.wait(time.Minute).send("b", "a")
	out := k.wait(time.Minute).scan("a")
	if got := out.Position.Consumed; got != 45*60 {
		t.Errorf("back with %d s consumed, want 2700", got)
	}
	k.wait(110*time.Minute).send("a", "b")
	k.wait(time.Minute).scan("b")
	k.wait(time.Minute).send("b", "a")
	if got := k.wait(time.Minute).scan("a").Position.Consumed; got != 3600 {
		t.Errorf("back after a breach with %d s consumed, want 3600: one hour is left", got)
	}
}

// A scan beside the card of the desk that holds the file has seen the paper too.
func TestCardOfTheHoldersDeskConfirms(t *testing.T) {
	k := newClerk()
	k.do(k.resolve(Command{Kind: Open, With: Opening{Department: "fin"}}, nil, place("a")))
	if out := k.wait(time.Hour).send("a", "a"); out.Reason != Confirmed || out.Position.Known != ByScan {
		t.Errorf("%s, known by %s", out.Reason, out.Position.Known)
	}
}

// The desk that holds the file is no next stop: marked, it is reached already.
func TestMarkingTheHoldersDesk(t *testing.T) {
	k := newClerk()
	k.open("a", "b")
	k.plain(Mark, place("c"))
	if out := k.plain(Mark, place("a")); out.Position.Next != "b" || k.entries[len(k.entries)-1].Then.Path.Next.Desk != "b" {
		t.Errorf("%s, next %q", out.Reason, out.Position.Next)
	}
	if out := k.wait(time.Hour).onward("a"); out.Reason != Sent || out.Position.To != "b" {
		t.Errorf("%s to %q", out.Reason, out.Position.To)
	}
}

// Work done before a calendar changes stays done; what follows is counted anew.
func TestNewCalendarKeepsConsumedTime(t *testing.T) {
	k := newClerk()
	k.open() // Monday 09:00
	longer := calendar.Always(cal.ID)
	longer.Revision = cal.Revision + 1
	longer.Was = []calendar.Era{{Until: epoch.Add(24 * time.Hour), Week: cal.Week}}
	k.wait(24 * time.Hour) // worked 7 h less the break's 30 min, and one hour of today
	r := k.resolve(Command{Kind: Mark}, nil, place("b"))
	r.Holder = place("a").on(longer)
	k.do(r)
	k.wait(24 * time.Hour).scan("b")
	worked := SecondsOf(cal.Hours().Working(epoch, epoch.Add(24*time.Hour))) + 24*3600
	if e := k.entries[len(k.entries)-1]; e.Closes != worked {
		t.Errorf("a worked %d s, want %d", e.Closes, worked)
	}
	if spans := Legs(k.entries, &Office{Calendars: []calendar.Calendar{longer}}, k.now); spans[0].Worked != worked {
		t.Errorf("folded %d s, want %d", spans[0].Worked, worked)
	}
}

// Sent and taken in one second, and the taking undone: the dispatch stands again.
func TestLegsWithinOneSecond(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Hour).send("a", "b")
	k.take("a")
	k.wait(time.Second).undo("a")
	spans := Legs(k.entries, &Office{Calendars: []calendar.Calendar{cal}}, k.now)
	if last := spans[len(spans)-1]; last.Runner != k.state.Leg.Runner || last.Phase != Transit || len(spans) != 2 {
		t.Errorf("%+v, the state has %+v", last.Leg, k.state.Leg)
	}
}

// A holiday that is declared late was one all the same, also for a leg that nobody asked
// about until after it.
func TestHolidayOfYesterday(t *testing.T) {
	k := newClerk()
	k.open() // Monday 09:00
	eid := cal
	eid.Revision, eid.Off = cal.Revision+1, []calendar.Days{calendar.On(calendar.Date{Year: 2025, Month: 6, Day: 3})}
	k.wait(48 * time.Hour)
	r := k.resolve(Command{Kind: Scan, Method: ByQR}, place("b"), nil)
	r.Holder = place("a").on(eid)
	k.do(r)
	monday := SecondsOf(cal.Hours().Working(epoch, epoch.Add(24*time.Hour))) - 3600
	if e := k.entries[len(k.entries)-1]; e.Closes != monday+3600 {
		t.Errorf("a worked %d s, want Monday's %d and an hour of Wednesday", e.Closes, monday)
	}
}
