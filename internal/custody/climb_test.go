package custody

import (
	"testing"
	"time"
)

var someone = Evidence{People: []Person{{Post: "post-a", Officer: "off-a"}}}

func TestLadder(t *testing.T) {
	k := newClerk()
	k.open() // 09:00, 2 h: rungs at 10:30, 11:00, 12:00
	if _, ok := k.climb(someone); ok {
		t.Fatal("a rung before any was due")
	}
	if want := epoch.Add(90 * time.Minute); !k.state.Wake().Equal(want) {
		t.Fatalf("wakes at %v, want %v", k.state.Wake(), want)
	}
	k.wait(90 * time.Minute)
	if _, ok := k.climb(Evidence{Undecided: 1}); ok {
		t.Fatal("a rung was recorded before a stored scan was decided")
	}
	out, ok := k.climb(someone)
	if !ok || out.Entries[0].Rung != 75 || out.Position.Breached || len(out.Notices) != 1 {
		t.Fatalf("first rung: %v %+v", ok, out)
	}
	if _, ok := k.climb(someone); ok {
		t.Fatal("the same rung twice")
	}
	k.wait(30 * time.Minute)
	if out, ok = k.climb(someone); !ok || !out.Position.Breached || !out.Position.Deadline.Equal(epoch.Add(2*time.Hour)) {
		t.Fatalf("breach: %v %+v", ok, out.Position)
	}
	k.wait(time.Hour)
	if out, ok = k.climb(someone); !ok || out.Entries[0].Rung != 150 {
		t.Fatalf("top: %v %+v", ok, out)
	}
	if !k.state.Wake().IsZero() {
		t.Errorf("wakes again at %v past the last rung", k.state.Wake())
	}
}

// After an outage only the current rung is told; the others are recorded as
// skipped (Camunda 9680, Alertmanager 3367).
func TestOutageSkipsRungs(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(72 * time.Hour)
	out, ok := k.climb(someone)
	if !ok || len(out.Entries) != 1 {
		t.Fatalf("%v %+v", ok, out)
	}
	if e := out.Entries[0]; e.Rung != 150 || len(e.Skipped) != 2 || e.Skipped[0] != 75 || e.Skipped[1] != 100 {
		t.Errorf("rung %d, skipped %v", e.Rung, e.Skipped)
	}
	if _, ok := k.climb(someone); ok {
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
		now  time.Duration // of the climb, after Monday 09:00; work ends at 16:00 and begins at 08:00
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
			r := k.resolve(Command{Kind: Scan, Method: ByQR}, place("a"), nil)
			r.Ladder = &half // an hour is left of two
			k.do(r)
		}, 15 * time.Hour, 23 * time.Hour},
		{"at the opening", func(k *clerk) { k.open() }, 23 * time.Hour, 0},
	} {
		k := newClerk()
		tt.life(k)
		k.now = epoch.Add(tt.now)
		_, told := k.climb(someone)
		if told != (tt.wake == 0) {
			t.Errorf("%s: told %v", tt.name, told)
		}
		if want := epoch.Add(tt.wake); !told && !k.state.Waking(k.now).Equal(want) {
			t.Errorf("%s: looks again at %v, want %v", tt.name, k.state.Waking(k.now), want)
		}
		if told {
			continue
		}
		k.now = k.state.Waking(k.now)
		if out, ok := k.climb(someone); !ok || out.Entries[0].At.After(k.now) || !cal.Open(k.now) {
			t.Errorf("%s: not told at %v", tt.name, k.now)
		}
	}
}

func TestRungDiesWithItsLeg(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(3 * time.Hour)
	q, ok := k.book.Ask(k.state, k.now)
	if !ok {
		t.Fatal("nothing due")
	}
	k.scan("b")
	if _, _, ok := k.book.Climb(k.state, q, someone, k.now); ok {
		t.Error("a rung was recorded against a leg that had ended")
	}
}

// An undo that leaves the file in the same leg does not untell its rungs.
func TestUndoWithinALegKeepsItsRungs(t *testing.T) {
	k := newClerk()
	k.open()
	k.plain(Missing, nil)
	k.wait(119 * time.Minute).scan("a")
	k.wait(time.Minute)
	if out, ok := k.climb(someone); !ok || out.Entries[0].Rung != 100 {
		t.Fatalf("%v %+v", ok, out)
	}
	out := k.wait(time.Minute).undo("a")
	if out.Reason != Undone || !out.Position.Missing || out.Position.Rung != 100 {
		t.Errorf("%s, missing %v, rung %d", out.Reason, out.Position.Missing, out.Position.Rung)
	}
	if again, ok := k.climb(someone); ok {
		t.Errorf("rung %d a second time", again.Entries[0].Rung)
	}
}

func TestLateTransitAsksBothEnds(t *testing.T) {
	k := newClerk()
	k.open()
	k.send("a", "b")
	k.wait(time.Hour)
	q, ok := k.book.Ask(k.state, k.now)
	if !ok || q.To[0].Post != "post-b" || q.Post != "post-a" {
		t.Errorf("%v %+v", ok, q)
	}
}

func TestRepeats(t *testing.T) {
	k := newClerk()
	r := k.resolve(Command{Kind: Open, Opening: &Opening{Number: "1", Department: "fin"}}, place("a"), nil)
	r.Ladder = &Ladder{ID: "daily", Rungs: []Rung{{Percent: 100, Channel: Screen}}, Repeat: 3600}
	k.do(r)
	rungs := 0
	for range 8 * 6 { // to 17:00: work ends at 16:00 with a break at 13:30
		k.wait(10 * time.Minute)
		if _, ok := k.climb(someone); ok {
			rungs++
		}
	}
	if rungs != 5 { // 11:00, 12:00, 13:00, 14:30, 15:30
		t.Errorf("%d rungs, want 5", rungs)
	}
}

func TestReceivers(t *testing.T) {
	o := Office{
		Posts:    []Post{{ID: "as", Superior: "sec"}, {ID: "ds", Superior: "as"}, {ID: "sec"}, {ID: "so", Superior: "ds"}},
		Officers: []Officer{{ID: "gul", Post: "so"}, {ID: "noor", Post: "as"}},
	}
	o.Sort()
	for _, tt := range []struct {
		name string
		to   []Receiver
		want []Person
	}{
		{"holder", []Receiver{{}}, []Person{{"so", "gul"}}},
		{"a vacant superior's goes one up", []Receiver{{Superior: 1}}, []Person{{"as", "noor"}}},
		{"nobody twice", []Receiver{{Superior: 1}, {Superior: 2}}, []Person{{"as", "noor"}, {"sec", ""}}},
		{"above the top", []Receiver{{Superior: 9}}, []Person{{"sec", ""}}},
		{"a named post", []Receiver{{Post: "as"}}, []Person{{"as", "noor"}}},
	} {
		got := o.Receivers("so", tt.to)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
	}
}
