package custody

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

func TestLadder(t *testing.T) {
	k := newClerk()
	k.open() // 09:00, 2 h: rungs at 10:30, 11:00, 12:00
	if _, ok := k.wake(); ok {
		t.Fatal("a rung before any was due")
	}
	if want := epoch.Add(90 * time.Minute); !k.state.Wake.Equal(want) {
		t.Fatalf("wakes at %v, want %v", k.state.Wake, want)
	}
	k.wait(90 * time.Minute)
	e, ok := k.wake()
	if !ok || e.Rung != 75 || k.state.Position().Breached || len(k.notices) != 1 || e.Command == "" {
		t.Fatalf("first rung: %v %+v", ok, e)
	}
	if _, ok := k.wake(); ok {
		t.Fatal("the same rung twice")
	}
	k.wait(30 * time.Minute)
	if e, ok = k.wake(); !ok || !k.state.Position().Breached || !k.state.Position().Deadline.Equal(epoch.Add(2*time.Hour)) {
		t.Fatalf("breach: %v %+v", ok, e)
	}
	if want := []Person{{Post: "post-a", Officer: "off-a"}, {Post: "post-b", Officer: "off-b"}}; !reflect.DeepEqual(e.Told, want) {
		t.Errorf("told %v", e.Told)
	}
	k.wait(time.Hour)
	if e, ok = k.wake(); !ok || e.Rung != 150 {
		t.Fatalf("top: %v %+v", ok, e)
	}
	if !k.state.Wake.IsZero() {
		t.Errorf("wakes again at %v past the last rung", k.state.Wake)
	}
}

// After an outage only the current rung is told; the others are recorded as
// skipped (Camunda 9680, Alertmanager 3367).
func TestOutageSkipsRungs(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(72 * time.Hour)
	e, ok := k.wake()
	if !ok || len(k.entries) != 2 {
		t.Fatalf("%v %+v", ok, e)
	}
	if e.Rung != 150 || len(e.Skipped) != 2 || e.Skipped[0] != 75 || e.Skipped[1] != 100 {
		t.Errorf("rung %d, skipped %v", e.Rung, e.Skipped)
	}
	if _, ok := k.wake(); ok {
		t.Error("a burst")
	}
}

// Nobody is told at night: a rung that comes due outside working hours, or while
// everything was down, waits for the next opening, and says when it was due.
func TestRungsWaitForTheOpening(t *testing.T) {
	half := Ladder{ID: "half", Rungs: []Rung{{Percent: 50, To: []Receiver{{}}, Channel: Screen}}}
	for _, tt := range []struct {
		name string
		life func(k *clerk)
		now  time.Duration // of the wake, after Monday 09:00; work ends at 16:00 and begins at 08:00
		wake time.Duration // when the workflow should look next; 0: the rung is told now
	}{
		{"due in the morning, in time", func(k *clerk) { k.open() }, 90 * time.Minute, 0},
		{"due with the end of the day", func(k *clerk) { k.wait(5*time.Hour + 30*time.Minute).open() }, 7 * time.Hour, 23 * time.Hour},
		{"due before an outage that ends at night", func(k *clerk) { k.open() }, 15 * time.Hour, 23 * time.Hour},
		{"due before an outage that ends in the break", func(k *clerk) { k.open() }, 4*time.Hour + 40*time.Minute, 5 * time.Hour},
		{"due at once where it comes back at night", func(k *clerk) {
			k.open()
			k.wait(3 * time.Hour).scan("b")
			k.wait(12 * time.Hour)
			k.do(k.resolve(Command{Kind: Scan, Method: ByQR}, place("a").by(half), nil)) // an hour is left of two
		}, 15 * time.Hour, 23 * time.Hour},
		{"at the opening", func(k *clerk) { k.open() }, 23 * time.Hour, 0},
	} {
		k := newClerk()
		tt.life(k)
		k.now = epoch.Add(tt.now)
		_, told := k.wake()
		if told != (tt.wake == 0) {
			t.Errorf("%s: told %v", tt.name, told)
		}
		if told {
			continue
		}
		if !k.state.Wake.After(k.now) {
			t.Errorf("%s: wakes at %v, which a sweep would find again and again", tt.name, k.state.Wake)
		}
		at := k.state.Alarm
		if want := epoch.Add(tt.wake); at.Before(want) || at.After(want.Add(spread)) {
			t.Errorf("%s: looks again at %v, want %v", tt.name, at, want)
		}
		k.now = at
		if e, ok := k.wake(); !ok || e.At.After(k.now) || !cal.Hours().Open(k.now) {
			t.Errorf("%s: not told at %v", tt.name, k.now)
		}
	}
}

// Timers of one instant are spread by the file's code, by less than half a minute and
// than a twentieth of the budget, within seconds as well, and never out of the working
// day. A rung's own time stays exact.
func TestTimersAreSpread(t *testing.T) {
	seconds, within := map[time.Duration]bool{}, map[time.Duration]bool{}
	for n := range 200 {
		for _, budget := range []Seconds{60, 7200} {
			exact := epoch.Add(budget.Duration() * 3 / 4)
			wake := func(since time.Time) Reckoning {
				a := &act{s: Begin(label.New(label.File, uint64(n))), contents: relied}
				a.s.Leg = Leg{Phase: Held, Since: since, Place: *place("a"), Budget: budget}
				a.reckon()
				return a.s.Reckoning
			}
			r := wake(epoch)
			later := r.Alarm.Sub(exact)
			if !r.Wake.Equal(exact) || later < 0 || later > min(spread, budget.Duration()/20) {
				t.Fatalf("file %d, budget %d s: wakes at %v, timer %v later", n, budget, r.Wake, later)
			}
			if budget == 7200 {
				seconds[later.Truncate(time.Second)] = true
				within[later%time.Second/(100*time.Millisecond)] = true
			}
			r = wake(epoch.Add(7*time.Hour - exact.Sub(epoch) - time.Second)) // a second before work ends at 16:00, with a break between
			if !cal.Hours().Open(r.Alarm) {
				t.Fatalf("timer at %v, when nobody works", r.Alarm)
			}
		}
	}
	if len(seconds) < 25 || len(within) < 10 {
		t.Errorf("%d different seconds of 30, %d different tenths of one", len(seconds), len(within))
	}
}

// Every wake of a file is another, and the same however often it is asked for.
func TestWakesDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		seen := map[CommandID]int64{}
		for range 20 {
			step(t, k)
			w := k.state.Position().Waker()
			if count, ok := seen[w.ID]; ok && count != k.state.Wakes {
				t.Fatalf("wake %s after %d wakes and after %d", w.ID, count, k.state.Wakes)
			}
			seen[w.ID] = k.state.Wakes
			read, err := ParseCommand(w.Bytes())
			if err != nil || !reflect.DeepEqual(read, w) {
				t.Fatalf("%+v, %v", read, err)
			}
			if w.Validate() == nil {
				t.Fatal("the door takes a wake")
			}
		}
	})
}

// Nobody can make a wake but by what it says, nor give its id to another command.
func TestForgedWakes(t *testing.T) {
	k := newClerk()
	k.open()
	w := k.state.Position().Waker()
	for name, forge := range map[string]func(*Command){
		"another leg":        func(c *Command) { c.With = Waking{Leg: 9} },
		"another id":         func(c *Command) { c.ID = "00000000-0000-8000-8000-000000000000" },
		"an ordinary id":     func(c *Command) { c.ID = "00000000-0000-4000-8000-000000000000" },
		"nothing":            func(c *Command) { c.With = nil },
		"another file":       func(c *Command) { c.Code = second },
		"a scan with its id": func(c *Command) { c.Kind, c.Station, c.With = Scan, "s", nil },
		"a scan that wakes":  func(c *Command) { c.ID, c.Kind, c.Station = "00000000-0000-4000-8000-000000000000", Scan, "s" },
	} {
		c := w
		forge(&c)
		if _, err := ParseCommand(c.Bytes()); err == nil {
			t.Errorf("%s: read", name)
		}
		if c.Validate() == nil {
			t.Errorf("%s: passes the door", name)
		}
	}
}

// However long nobody looked, and however often a rung repeats, an entry stays small.
func TestLongOutageOfAShortBudget(t *testing.T) {
	k := newClerk()
	l := Ladder{ID: "often", Rungs: ladder.Rungs, Repeat: 1}
	r := k.resolve(Command{Kind: Open, With: Opening{Department: "fin"}}, place("a").by(l), nil)
	r.Here.Budget = 60
	k.do(r)
	k.wait(70 * 24 * time.Hour)
	e, ok := k.wake()
	if !ok || e.Rung != 150 || !slices.Equal(e.Skipped, []int{75, 100, 150}) {
		t.Errorf("%v, rung %d, %d skipped in %d bytes", ok, e.Rung, len(e.Skipped), len(e.Bytes()))
	}
}

// A wake that waited long tells what was due when it was stored: what fell due since is
// judged behind the scans that were stored meanwhile.
func TestWakeThatWaited(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(90 * time.Minute)
	early := k.waker()
	r := k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: k.now.Add(15 * time.Minute)}}, place("b"), nil)
	r.Received = k.now.Add(15 * time.Minute) // before the breach
	k.wait(2 * time.Hour)
	if out := k.do(early); out.Reason != RungDue || out.Entries[0].Rung != 75 || len(out.Entries[0].Skipped) != 0 {
		t.Fatalf("%+v", out)
	}
	if out := k.do(r); out.Reason != Inferred {
		t.Fatalf("%+v", out)
	}
	for _, e := range k.entries {
		if e.Rung > 75 && e.Leg == nil {
			t.Errorf("rung %d of a file that had gone", e.Rung)
		}
	}
}

// The office's clock ran ahead to a Sunday, and was set back: no rung waits for the Monday
// after.
func TestClockThatRanAhead(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(13 * 24 * time.Hour) // Sunday
	if _, ok := k.wake(); ok || k.state.Quiet.IsZero() {
		t.Fatal("told on a Sunday")
	}
	k.now = epoch.Add(time.Hour)
	k.typed("c") // asks only
	k.wait(30 * time.Minute)
	if e, ok := k.wake(); !ok || e.Rung != 75 {
		t.Errorf("%v %+v, quiet until %v", ok, e, k.state.Quiet)
	}
}

// An undo lifts the silence that the leg it takes back was in.
func TestUndoOutOfAQuietLeg(t *testing.T) {
	k := newClerk().worlds()
	k.hours = map[DeskID]calendar.Calendar{"c": calendar.Always("always"), "b": cal}
	r := k.resolve(Command{Kind: Open, With: Opening{Department: "fin"}}, place("c"), nil)
	k.do(r)
	k.wait(12 * time.Hour)
	r = k.resolve(Command{Kind: Scan, Method: ByQR}, place("b"), nil)
	k.do(r)
	k.state.Quiet = k.now.Add(9 * time.Hour)
	k.undo("b")
	if !k.state.Quiet.IsZero() {
		t.Errorf("quiet until %v", k.state.Quiet)
	}
}

// A wake that was stored before its leg ended comes to nothing, and the next one is
// another: also when an undo brings the leg back.
func TestOvertakenWakeIsNotLost(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(90 * time.Minute)
	first := k.waker()
	k.seq--
	k.scan("b")
	k.seq++
	first.Seq = k.seq
	if out := k.do(first); out.Reason != Overtaken || out.Verdict != Ticked || len(out.Entries) != 1 || len(out.Notices) != 0 {
		t.Fatalf("%+v", out)
	}
	if out := k.undo("b"); out.Reason != Undone {
		t.Fatalf("a wake took the undo away: %s", out.Reason)
	}
	if w := k.state.Position().Waker(); w.ID == first.Command.ID || w.With.(Waking).Leg != first.Command.With.(Waking).Leg {
		t.Fatalf("%+v after %+v", w.With, first.Command.With)
	}
	if e, ok := k.wake(); !ok || e.Rung != 75 {
		t.Errorf("%v, rung %d", ok, e.Rung)
	}
}

// A leg that an undo brings back has the rungs that were told on it.
func TestUndoBackToALegWhoseRungWasTold(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(90 * time.Minute).wake()
	k.wait(5 * time.Minute).scan("b")
	k.wait(5 * time.Minute).undo("b")
	if e, ok := k.wake(); ok {
		t.Fatalf("rung %d a second time", e.Rung)
	}
	k.wait(20 * time.Minute)
	if e, ok := k.wake(); !ok || e.Rung != 100 || len(e.Skipped) != 0 {
		t.Errorf("%v %+v", ok, e)
	}
}

// A leg's rung is never taken for that of another which began in the same second.
func TestLegsOfOneSecond(t *testing.T) {
	k := newClerk()
	k.open()
	k.scan("b")
	k.send("b", "c")
	legs := map[int64]bool{}
	for _, e := range k.entries {
		if e.Leg != nil {
			legs[e.Leg.ID] = true
		}
	}
	if len(legs) != 3 || k.state.Leg.ID != 3 {
		t.Fatalf("%v, now %d", legs, k.state.Leg.ID)
	}
	k.wait(30 * time.Minute)
	if e, ok := k.wake(); !ok || len(e.Told) != 2 || e.Told[0].Post != "post-c" || e.Told[1].Post != "post-b" {
		t.Errorf("%v %+v", ok, e.Told)
	}
}

// A wake that a person set aside loses no rung, and is not asked for again at once.
func TestVoidedWake(t *testing.T) {
	for _, unread := range []bool{false, true} {
		k := newClerk()
		k.open()
		k.wait(90 * time.Minute)
		r := k.waker()
		r.Void = true
		if id := r.Command.ID; unread { // by a program that knows no more than its id
			r.Command, r.File = Command{ID: id}, file
		}
		if out := k.do(r); out.Reason != Voided || len(out.Notices) != 0 {
			t.Fatalf("%+v", out)
		}
		if e, ok := k.wake(); ok {
			t.Fatalf("rung %d at once", e.Rung)
		}
		if want := epoch.Add(150 * time.Minute); !k.state.Wake.Equal(want) {
			t.Fatalf("wakes at %v, want %v", k.state.Wake, want)
		}
		k.wait(time.Hour)
		if e, ok := k.wake(); !ok || e.Rung != 100 || len(e.Skipped) != 1 {
			t.Errorf("%v %+v", ok, e)
		}
	}
}

// A new calendar that puts a told rung into the future again does not have it told twice.
func TestToldRungThatIsDueAgain(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(90 * time.Minute)
	if e, ok := k.wake(); !ok || e.Rung != 75 {
		t.Fatalf("%v %+v", ok, e)
	}
	shorter := cal
	shorter.Revision++
	for day := range shorter.Week { // nobody works in the morning any more
		shorter.Week[day] = []calendar.Span{{14 * 3600, 16 * 3600}}
	}
	r := k.resolve(Command{Kind: Mark}, nil, place("c"))
	r.Holder = place("a").on(shorter)
	k.do(r)
	told := []int{75}
	for range 4 * 24 * 6 {
		k.wait(10 * time.Minute)
		if e, ok := k.wake(); ok {
			told = append(told, e.Rung)
		}
	}
	if !reflect.DeepEqual(told, []int{75, 100, 150}) {
		t.Errorf("told %v", told)
	}
}

// An undo that leaves the file in the same leg does not untell its rungs.
func TestUndoWithinALegKeepsItsRungs(t *testing.T) {
	k := newClerk()
	k.open()
	k.plain(Missing, nil)
	k.wait(119 * time.Minute).scan("a")
	k.wait(time.Minute)
	if e, ok := k.wake(); !ok || e.Rung != 100 {
		t.Fatalf("%v %+v", ok, e)
	}
	out := k.wait(time.Minute).undo("a")
	if out.Reason != Undone || !out.Position.Missing || out.Position.Rung != 100 {
		t.Errorf("%s, missing %v, rung %d", out.Reason, out.Position.Missing, out.Position.Rung)
	}
	if e, ok := k.wake(); ok {
		t.Errorf("rung %d a second time", e.Rung)
	}
}

func TestLateTransitTellsBothEndsAndTheRunner(t *testing.T) {
	k := newClerk()
	k.open()
	k.send("a", "d") // a vacant post
	k.wait(30 * time.Minute)
	if e, ok := k.wake(); !ok || !reflect.DeepEqual(e.Told, []Person{{Post: "post-c", Officer: "off-c"}, {Post: "post-a", Officer: "off-a"}, {Post: "post-b", Officer: "off-b"}}) {
		t.Errorf("%v %+v", ok, e.Told)
	}
	k.take("a")
	k.wait(time.Hour)
	if e, ok := k.wake(); !ok || e.Told[0] != (Person{Officer: runner}) || e.Told[1] != (Person{Post: "post-a", Officer: "off-a"}) {
		t.Errorf("%v %+v", ok, e.Told)
	}
	keys := map[string]bool{}
	for _, n := range k.notices {
		if n.Post == "" && n.Officer == "" || keys[n.Key] {
			t.Errorf("notice %+v", n)
		}
		keys[n.Key] = true
	}
}

// Repeats have a floor: one working hour, or a tenth of a budget that is shorter.
func TestRepeats(t *testing.T) {
	for _, tt := range []struct {
		budget, repeat Seconds
		every, during  time.Duration
		told           int
	}{
		{7200, 3600, 10 * time.Minute, 8 * time.Hour, 5}, // 11:00, 12:00, 13:00, 14:30, 15:30: work ends at 16:00 with a break at 13:30
		{7200, 1, 10 * time.Minute, 8 * time.Hour, 5},
		{7200, 0, 10 * time.Minute, 8 * time.Hour, 1},
		{600, 1, 10 * time.Second, time.Hour, 51}, // from ten minutes on, each minute
		{600, 120, 10 * time.Second, time.Hour, 26},
	} {
		k := newClerk()
		r := k.resolve(Command{Kind: Open, With: Opening{Department: "fin"}}, place("a"), nil)
		r.Here.by(Ladder{ID: "daily", Rungs: []Rung{{Percent: 100, Channel: Screen}}, Repeat: tt.repeat})
		r.Here.Budget = tt.budget
		k.do(r)
		rungs := 0
		for range tt.during / tt.every {
			k.wait(tt.every)
			if _, ok := k.wake(); ok {
				rungs++
			}
		}
		if rungs != tt.told {
			t.Errorf("budget %d, repeat %d: %d rungs, want %d", tt.budget, tt.repeat, rungs, tt.told)
		}
	}
}

func TestRanks(t *testing.T) {
	o := Office{
		Posts:    []Post{{ID: "as", Superior: "sec"}, {ID: "ds", Superior: "as"}, {ID: "sec"}, {ID: "so", Superior: "ds"}, {ID: "cs"}},
		Officers: []Officer{{ID: "gul", Post: "so"}, {ID: "noor", Post: "as"}, {ID: "jan", Post: "cs"}},
	}
	o.Sort()
	then := o
	then.Posts = append(then.Posts[:len(then.Posts):len(then.Posts)], Post{ID: "old", Superior: "older"}, Post{ID: "older", Superior: "as"}, Post{ID: "alone"})
	then.Sort()
	for _, tt := range []struct {
		name   string
		holder PostID
		to     []Receiver
		want   []Person
	}{
		{"holder", "so", []Receiver{{}}, []Person{{"so", "gul"}}},
		{"a vacant superior's goes one up", "so", []Receiver{{Superior: 1}}, []Person{{"as", "noor"}}},
		{"nobody twice", "so", []Receiver{{Superior: 1}, {Superior: 2}}, []Person{{"as", "noor"}, {"sec", ""}}},
		{"above the top", "so", []Receiver{{Superior: 9}}, []Person{{"sec", ""}}},
		{"a named post", "so", []Receiver{{Post: "as"}}, []Person{{"as", "noor"}}},
		{"an abolished post", "old", []Receiver{{}}, []Person{{"as", "noor"}}},
		{"above an abolished post", "old", []Receiver{{Superior: 1}}, []Person{{"as", "noor"}}},
		{"an abolished top", "alone", []Receiver{{}}, []Person{{"cs", "jan"}}},
		{"a post that never was", "ghost", []Receiver{{}}, []Person{{"cs", "jan"}}},
	} {
		ranks := o.Ranks(&then, tt.holder, "as")
		if got := ranks.Receivers(tt.holder, tt.to); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		raw, err := json.Marshal(ranks)
		if err != nil || len(raw) > 1024 {
			t.Errorf("%s: %d bytes, %v", tt.name, len(raw), err)
		}
	}
}
