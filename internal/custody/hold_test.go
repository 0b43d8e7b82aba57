package custody

import (
	"slices"
	"testing"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// finance keeps winter's hours, and is waited for five working days.
func finance(there bool) Awaited {
	hours := calendar.QuettaWinter("finance")
	return Awaited{ID: "fin", Days: 5, Hours: relied.Keep(hours.ID, hours), There: there}
}

// await has whom the file is to wait for come with the command.
func (r *Resolved) await(of Awaited) {
	awaited.note(look{out: r}, of)
	r.Relied = []Digest{of.Hours.Digest}
}

// hold has the file wait for somebody: by a card at a room's station, or on a page.
func (k *clerk) hold(room, who string, there bool, texts Texts) Outcome {
	r := k.resolve(Command{Kind: Hold, With: Holding{For: HoldCardID(who)}}, k.station(room), nil)
	of := finance(there)
	of.ID, r.Words = HoldCardID(who), Digests{}
	r.await(of)
	for field, text := range texts {
		if text != "" {
			r.Words[field] = Word{Text: text}.Digest(r.Command.ID, field)
		}
	}
	return k.do(r)
}

func (k *clerk) resume(room string) Outcome {
	return k.do(k.resolve(Command{Kind: Resume}, k.station(room), nil))
}

func (*clerk) station(room string) *Place {
	if room == "" {
		return nil
	}
	return place(room)
}

// until has the file wait for a day.
func (k *clerk) until(day string) Outcome {
	r := k.resolve(Command{Kind: Hold, With: Holding{For: "fin", Until: day}}, nil, nil)
	r.await(finance(false))
	return k.do(r)
}

// While a file waits its clock rests; then it goes on where it stood. The time is a leg of
// its own.
func TestHold(t *testing.T) {
	k := newClerk() // Monday 09:00
	k.open()
	out := k.wait(30*time.Minute).hold("a", "fin", false, nil)
	if p := out.Position; out.Reason != OnHold || p.Moved || p.Wait.For != "fin" || p.Wait.Charged || !p.Deadline.IsZero() || p.Desk != "a" {
		t.Fatalf("%s, %+v", out.Reason, p)
	}
	// Five working days after Monday end with the next Monday, for Finance; a works from 8:00.
	if want := epoch.Add(8*24*time.Hour - time.Hour); !out.Position.Wake.Equal(want) {
		t.Errorf("wakes at %v, want %v", out.Position.Wake, want)
	}
	if out := k.wait(24 * time.Hour).scan("a"); out.Reason != Confirmed || !out.Position.Waits() {
		t.Errorf("seen where it is: %s, %+v", out.Reason, out.Position.Wait)
	}
	if _, told := k.wait(time.Hour).wake(); told {
		t.Error("a rung is told while it waits")
	}
	out = k.wait(time.Hour).resume("a")
	if p := out.Position; out.Reason != Resumed || p.Waits() || p.Consumed != 1800 || !p.Deadline.Equal(k.now.Add(90*time.Minute)) {
		t.Fatalf("%s, %+v", out.Reason, p)
	}
	if out := k.resume("a"); out.Reason != NotWaiting || out.Verdict != Refused {
		t.Errorf("again: %s", out.Reason)
	}
	spans := Legs(k.entries, &Office{Calendars: []calendar.Calendar{cal}}, k.wait(10*time.Minute).now)
	var waits []bool
	for i, s := range spans {
		waits = append(waits, s.Waits())
		if i > 0 && !spans[i-1].End.Equal(s.Since) {
			t.Errorf("leg %d ends at %v, the next begins at %v", i-1, spans[i-1].End, s.Since)
		}
	}
	if !slices.Equal(waits, []bool{false, true, false}) {
		t.Fatalf("%v", waits)
	}
	if k.wait(time.Minute).scan("b"); !slices.Equal(k.state.Balances, []Balance{{0, "a", 41 * 60}}) {
		t.Errorf("of its budget a has used %v", k.state.Balances)
	}
}

// Its time is theirs who are waited for once the file was sent to them, or a letter; until
// then the holder's.
func TestHoldIsCharged(t *testing.T) {
	for _, tt := range []struct {
		name    string
		live    func(*clerk) Outcome
		reason  Reason
		charged bool
	}{
		{"nothing was sent", func(k *clerk) Outcome { return k.hold("a", "fin", false, nil) }, OnHold, false},
		{"a letter", func(k *clerk) Outcome { return k.hold("", "fin", false, Texts{LetterField: "7/2025"}) }, OnHold, true},
		{"the file", func(k *clerk) Outcome { k.send("a", "e"); return k.hold("a", "fin", true, nil) }, OnHold, true},
		{"a letter later", func(k *clerk) Outcome {
			k.hold("a", "fin", false, nil)
			return k.wait(time.Hour).hold("", "fin", false, Texts{LetterField: "7/2025"})
		}, HoldCharged, true},
	} {
		k := newClerk()
		k.open()
		k.wait(30 * time.Minute)
		out := tt.live(k)
		if out.Reason != tt.reason || out.Position.Wait.Charged != tt.charged || k.state.Leg.Holds != 1 {
			t.Errorf("%s: %s, %+v, %d holds", tt.name, out.Reason, out.Position.Wait, k.state.Leg.Holds)
		}
	}
}

// When its date has passed a hold ends by itself, when it passed, and its holder is told.
func TestHoldEnds(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(100*time.Minute).hold("a", "fin", false, nil) // after the first rung
	rung := k.state.Rung
	wake := k.state.Wake
	k.now = wake.Add(-time.Second)
	if k.wake(); !k.state.Leg.Waits() {
		t.Fatal("it ends before its date")
	}
	k.now = wake.Add(10 * time.Minute)
	out := k.do(k.waker())
	end := time.Date(2025, 6, 9, 19, 0, 0, 0, time.UTC) // the midnight that ends Monday
	if p := out.Position; out.Reason != HoldOver || p.Waits() || !p.Since.Equal(end) || p.Consumed != 6000 || k.state.Rung != rung {
		t.Fatalf("%s since %v, %d s used, rung %d", out.Reason, p.Since, p.Consumed, k.state.Rung)
	}
	e := out.Entries[len(out.Entries)-1]
	if want := []Person{{Post: "post-a", Officer: "off-a"}}; !slices.Equal(e.Told, want) || len(out.Notices) != 1 || out.Notices[0].Post != "post-a" {
		t.Errorf("told %v, %+v", e.Told, out.Notices)
	}
	if want := wake.Add(20 * time.Minute); !out.Position.Deadline.Equal(want) {
		t.Errorf("until %v, want %v", out.Position.Deadline, want)
	}
	// A station that was away saw it elsewhere before that: nothing known since says otherwise.
	r := k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: end.Add(-8 * time.Hour)}}, place("c"), nil)
	if out := k.do(r); out.Reason != Inferred || out.Position.Room != "c" {
		t.Errorf("%s at %s", out.Reason, out.Position.Room)
	}
}

// The office was down while a hold ended, and the holder's hours changed meanwhile: what
// the hold took is counted by those of then, up to its end, and no second twice.
func TestHoldEndsUnderAnotherCalendar(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(30*time.Minute).hold("a", "fin", false, nil)
	since, end := k.now, k.state.Leg.Wait.Until
	shorter := calendar.QuettaWinter(cal.ID)
	shorter.Revision = cal.Revision + 1
	shorter.Was = []calendar.Era{{Until: end.Add(time.Hour), Week: cal.Week}}
	k.hours = map[DeskID]calendar.Calendar{"a": shorter}
	k.now = end.Add(2*24*time.Hour + 14*time.Hour)
	out := k.do(k.waker())
	if e := out.Entries[0]; out.Reason != HoldOver || e.Closes != SecondsOf(cal.Hours().Working(since, end)) {
		t.Errorf("%s: the hold took %d s of work, want %v", out.Reason, e.Closes, cal.Hours().Working(since, end))
	}
	k.wait(time.Hour).scan("b")
	if e := k.entries[len(k.entries)-1]; e.Closes != SecondsOf(shorter.Hours().Working(end, k.now)) {
		t.Errorf("then it was held for %d s of work, want %v", e.Closes, shorter.Hours().Working(end, k.now))
	}
}

// The second hold on one stay needs the superior: a station cannot give it, a page only by
// his order.
func TestSecondHold(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(30*time.Minute).hold("a", "fin", false, nil)
	if out := k.wait(time.Second).hold("a", "fin", false, nil); out.Reason != OnHold || out.Verdict != Ticked {
		t.Errorf("the card again: %s", out.Reason)
	}
	k.wait(time.Hour).resume("a")
	for _, room := range []string{"a", ""} {
		if out := k.wait(time.Hour).hold(room, "law", false, nil); out.Reason != NeedsSuperior || out.Verdict != Refused || out.Position.Waits() {
			t.Errorf("again, at %q: %s", room, out.Reason)
		}
	}
	if out := k.wait(time.Minute).hold("", "law", false, Texts{OrderField: "DS"}); out.Reason != OnHold || out.Position.Wait.For != "law" {
		t.Errorf("by order: %s", out.Reason)
	}
	k.wait(time.Hour).scan("b")
	if out := k.wait(time.Hour).hold("b", "fin", false, nil); out.Reason != OnHold {
		t.Errorf("on another's stay: %s", out.Reason)
	}
}

// A hold, and its end, are taken back by the station that gave them.
func TestUndoOfHolds(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(30 * time.Minute)
	held := k.state
	k.hold("a", "fin", false, nil)
	waits := k.state
	if out := k.wait(time.Minute).undo("a"); out.Reason != Undone || k.state.Leg != held.Leg || !k.state.Deadline.Equal(held.Deadline) || len(k.state.Balances) != 0 {
		t.Errorf("%s: %+v, %v", out.Reason, k.state.Leg, k.state.Balances)
	}
	k.hold("a", "fin", false, nil)
	waits = k.state
	k.wait(time.Minute).resume("a")
	if out := k.wait(time.Minute).undo("a"); out.Reason != Undone || k.state.Leg.Wait != waits.Leg.Wait || !k.state.Wake.Equal(waits.Wake) {
		t.Errorf("%s: %+v", out.Reason, k.state.Leg)
	}
}

// What no file can wait for, and what waits is moved.
func TestHoldIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		live func(*clerk) Outcome
		want Reason
	}{
		{"closed", func(k *clerk) Outcome { k.open(); k.plain(Close, nil); return k.hold("a", "fin", false, nil) }, IsClosed},
		{"elsewhere", func(k *clerk) Outcome { k.open(); return k.hold("b", "fin", false, nil) }, NotHere},
		{"today", func(k *clerk) Outcome { k.open(); return k.until("2025-06-02") }, NoSuchDay},
		{"tomorrow", func(k *clerk) Outcome { k.open(); return k.until("2025-06-03") }, OnHold},
		{"in two years", func(k *clerk) Outcome { k.open(); return k.until("2027-06-02") }, NoSuchDay},
		{"an old cover", func(k *clerk) Outcome {
			k.open()
			k.wait(time.Hour).scan("b")
			k.reprint(second)
			return k.wait(time.Minute).hold("b", "fin", false, nil)
		}, OldCover},
		{"told late", func(k *clerk) Outcome {
			k.open()
			k.wait(time.Hour).scan("b")
			k.wait(time.Hour).scan("a")
			r := k.wait(time.Hour).resolve(Command{Kind: Hold, With: Holding{For: "fin"}, At: Stamp{Wall: epoch.Add(10 * time.Minute)}}, place("a"), nil)
			r.await(finance(false))
			return k.do(r)
		}, Late},
		{"sent on", func(k *clerk) Outcome {
			k.open()
			k.hold("a", "fin", false, nil)
			return k.wait(time.Hour).send("a", "c")
		}, Sent},
		{"seen elsewhere", func(k *clerk) Outcome { k.open(); k.hold("a", "fin", false, nil); return k.wait(time.Hour).scan("c") }, Inferred},
	} {
		k := newClerk()
		out := tt.live(k)
		if out.Reason != tt.want || out.Position.Waits() != (tt.want == OnHold) {
			t.Errorf("%s: %s, %+v", tt.name, out.Reason, out.Position.Wait)
		}
	}
}

// What is laid by has no clock and no end, until it is moved or goes on; a station that has
// the paper before it has received it.
func TestLayBy(t *testing.T) {
	imported := func(k *clerk) {
		k.do(k.resolve(Command{Kind: Open, With: Opening{Department: "fin", Imported: true}}, nil, nil))
	}
	for _, tt := range []struct {
		name string
		live func(*clerk)
		room string // of the station; empty: on a page
		want Reason
		desk DeskID
	}{
		{"held here", func(k *clerk) { k.open() }, "a", LaidBy, "a"},
		{"on a page", func(k *clerk) { k.open() }, "", LaidBy, "a"},
		{"put there by an order", func(k *clerk) { k.open(); k.plain(Correct, place("a")) }, "a", LaidBy, "a"},
		{"sent here", func(k *clerk) { k.open(); k.send("a", "b") }, "b", LaidBy, "b"},
		{"held elsewhere", func(k *clerk) { k.open() }, "b", LaidBy, "b"},
		{"imported", imported, "b", LaidBy, "b"},
		{"imported, on a page", imported, "", NotSeenYet, ""},
		{"missing", func(k *clerk) { k.open(); k.plain(Missing, nil) }, "a", LaidBy, "a"},
		{"missing, on a page", func(k *clerk) { k.open(); k.plain(Missing, nil) }, "", Lost, "a"},
		{"on the way, on a page", func(k *clerk) { k.open(); k.send("a", "b") }, "", OnTheWay, "a"},
		{"sent to another room", func(k *clerk) { k.open(); k.send("a", "b") }, "c", OffRoute, "c"},
		{"on hold", func(k *clerk) { k.open(); k.hold("a", "fin", false, nil) }, "a", LaidBy, "a"},
		{"laid by", func(k *clerk) { k.open(); k.layBy("a") }, "a", LaidBy, "a"},
		{"closed", func(k *clerk) { k.open(); k.plain(Close, nil) }, "a", IsClosed, "a"},
	} {
		k := newClerk()
		tt.live(k)
		out := k.wait(time.Hour).layBy(tt.room)
		if p := out.Position; out.Reason != tt.want || p.Wait.Laid != (tt.want == LaidBy) || p.Desk != tt.desk {
			t.Errorf("%s: %s at %s, %+v", tt.name, out.Reason, p.Desk, p.Wait)
		}
		if p := out.Position; p.Wait.Laid && tt.room != "" && p.Known != ByScan {
			t.Errorf("%s: known by %s", tt.name, p.Known)
		}
		if p := out.Position; p.Wait.Laid && (!p.Deadline.IsZero() || !p.Wake.IsZero()) {
			t.Errorf("%s: due at %v, wakes at %v", tt.name, p.Deadline, p.Wake)
		}
	}
	for name, end := range map[string]func(*clerk) Outcome{
		"it goes on":     func(k *clerk) Outcome { return k.resume("a") },
		"it is sent":     func(k *clerk) Outcome { return k.send("a", "b") },
		"it is received": func(k *clerk) Outcome { return k.scan("b") },
		"taken back":     func(k *clerk) Outcome { k.now = k.now.Add(-1000*time.Hour + time.Minute); return k.undo("a") },
	} {
		k := newClerk()
		k.open()
		k.wait(time.Hour).layBy("a")
		if out := end(k.wait(1000 * time.Hour)); out.Verdict != Accepted || out.Position.Waits() || out.Position.Deadline.IsZero() {
			t.Errorf("%s: %s, %+v", name, out.Reason, out.Position)
		}
	}
}

func (k *clerk) layBy(room string) Outcome {
	return k.do(k.resolve(Command{Kind: LayBy}, k.station(room), nil))
}

// Whom a file is to wait for is found by card and by name, with the hours on which they
// work; they have it where it was sent to their department.
func TestWhoIsAwaited(t *testing.T) {
	code := label.New(label.Hold, 5)
	o := chamber()
	o.Departments = []Department{{ID: "fin"}}
	o.Holds = []HoldCard{{ID: "advice", Code: code, Days: 3, Department: "fin"}, {ID: "court", Days: 9, Calendar: cal.ID}}
	o.Rooms = []Room{{ID: "b", Department: "fin"}, {ID: "c", Department: "law"}}
	hours := relied.Keep(cal.ID, cal)
	sent := func(room RoomID) *Position { return &Position{Phase: Transit, Desk: "a", ToRoom: room} }
	for name, tt := range map[string]struct {
		with    Holding
		at      *Position
		want    Awaited
		unknown string
	}{
		"by card":                {Holding{Card: code}, nil, Awaited{ID: "advice", Days: 3}, ""},
		"by name":                {Holding{For: "advice"}, sent("c"), Awaited{ID: "advice", Days: 3}, ""},
		"it was sent to them":    {Holding{For: "advice"}, sent("b"), Awaited{ID: "advice", Days: 3, There: true}, ""},
		"they keep hours":        {Holding{For: "court"}, sent("b"), Awaited{ID: "court", Days: 9, Hours: hours}, ""},
		"an unknown card":        {Holding{Card: label.New(label.Hold, 6)}, nil, Awaited{}, "hold " + string(label.New(label.Hold, 6))},
		"a name that is no more": {Holding{For: "rain"}, nil, Awaited{}, "hold rain"},
	} {
		r := o.Resolve(Resolved{Command: Command{Kind: Hold, With: tt.with}}, tt.at, relied)
		of, found := awaited.of(r)
		if of != tt.want || found != (tt.unknown == "") || r.Unknown != tt.unknown || slices.Contains(r.Relied, hours.Digest) != (of.Hours == hours) {
			t.Errorf("%s: %+v, unknown %q, relies on %v", name, of, r.Unknown, r.Relied)
		}
	}
}
