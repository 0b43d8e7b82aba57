package custody

import (
	"slices"
	"testing"
	"time"
)

// Desk a2 of room a has ended. What was sent from it and comes back is with the desk that
// receives in its room, and says so.
func TestWhatComesBackToADeskThatEndedIsWithTheRoom(t *testing.T) {
	sent := func(k *clerk) {
		k.open()
		k.wait(time.Hour).send("a", "a2")
		k.wait(time.Hour).send("a", "b")
		k.wait(time.Hour)
	}
	for _, tt := range []struct {
		name   string
		life   func(k *clerk)
		act    func(k *clerk) Outcome
		reason Reason
		phase  Phase
		desk   DeskID
		marked bool
	}{
		{"brought back", sent, func(k *clerk) Outcome { return k.backHere("a") }, Returned, Held, "a", true},
		{"sent on from there", sent, func(k *clerk) Outcome { return k.send("a", "a") }, Returned, Held, "a", true},
		{"to another desk than first said", sent, func(k *clerk) Outcome { return k.send("a", "c") }, Redirected, Transit, "a", true},
		{"with a runner", sent, func(k *clerk) Outcome { return k.take("a") }, Taken, Transit, "a", true},
		{"looked at", sent, func(k *clerk) Outcome { return k.scan("a") }, SentAlready, Transit, "a2", false},
		{"arrived", sent, func(k *clerk) Outcome { return k.scan("b") }, Received, Held, "b", false},
		{"its receipt undone", func(k *clerk) { sent(k); k.abolished = ""; k.scan("b"); k.abolished = "a2" }, func(k *clerk) Outcome { return k.wait(time.Minute).undo("b") }, Undone, Held, "b", true},
		{
			"taken from it by another room, and that undone", func(k *clerk) { k.open(); k.send("a", "a2"); k.wait(time.Hour).scan("c") },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("c") }, Undone, Held, "c", true,
		},
		{
			"sent on by another room, and that undone", func(k *clerk) { k.open(); k.send("a", "a2"); k.wait(time.Hour).send("c", "d") },
			func(k *clerk) Outcome { return k.wait(time.Minute).undo("c") }, Undone, Held, "c", true,
		},
		{
			"taken by another room, where it was only shown", func(k *clerk) { k.open(); k.send("a", "a2"); k.wait(time.Hour).scan("c") },
			func(k *clerk) Outcome { return k.wait(time.Second).shown("c") }, SeenHere, Held, "c", false,
		},
		{"held at it", func(k *clerk) { k.open(); k.send("a", "a2"); k.wait(time.Hour) }, func(k *clerk) Outcome { return k.scan("a") }, Received, Held, "a", true},
		{"sent from it", func(k *clerk) { k.open(); k.send("a", "a2"); k.wait(time.Hour) }, func(k *clerk) Outcome { return k.send("a", "d") }, Sent, Transit, "a", true},
	} {
		k := newClerk()
		tt.life(k)
		k.abolished = "a2"
		out := tt.act(k)
		leg := k.state.Leg
		marked := len(out.Entries) > 0 && slices.Contains(out.Entries[0].Marks, MarkMoved)
		if out.Verdict == Refused || out.Reason != tt.reason || leg.Phase != tt.phase || leg.Place.Desk != tt.desk || marked != tt.marked {
			t.Errorf("%s: %s %s, %s at %s, marked %v", tt.name, out.Verdict, out.Reason, leg.Phase, leg.Place.Desk, marked)
		}
		if spans := Legs(k.entries, &Office{}, k.now); !spans[len(spans)-1].Same(leg) {
			t.Errorf("%s: its legs end with %+v", tt.name, spans[len(spans)-1])
		}
		if got := Replay(file, k.entries).Position(); got != k.state.Position() {
			t.Errorf("%s: its entries come to %+v, it is %+v", tt.name, got, k.state.Position())
		}
	}
}

// A desk that stands for another has what files had to do with that, and nothing else:
// what is on its way stays so, what waits waits on, what nobody saw is not held.
func TestADeskStandsForAnother(t *testing.T) {
	open := func(k *clerk) { k.open(); k.wait(time.Hour) }
	at := func(k *clerk) { k.open(); k.send("a", "a2"); k.wait(time.Hour) }
	from := func(k *clerk) { at(k); k.send("a", "b"); k.wait(10 * time.Minute) }
	to := func(k *clerk) { k.open(); k.wait(time.Hour).send("c", "a2"); k.wait(10 * time.Minute) }
	imported := func(k *clerk) {
		k.do(k.resolve(Command{Kind: Open, With: Opening{Department: "fin", Imported: true, Desk: "a2"}}, nil, place("a2")))
	}
	moved := place("a2")
	moved.Room, moved.Post = "c", "post-new"
	for _, tt := range []struct {
		name  string
		life  func(k *clerk)
		to    *Place
		moves bool
		want  func(was, is State) bool
	}{
		{"at it", at, place("d"), true, func(was, is State) bool {
			return is.Leg.Phase == Held && is.Leg.Place.Desk == "d" && is.Leg.Known == ByPaper && is.Leg.From == "a" && is.Leg.Consumed == 0 && !is.Deadline.Equal(was.Deadline)
		}},
		{"from it", from, place("d"), true, func(was, is State) bool {
			return is.Leg.Phase == Transit && is.Leg.Place.Desk == "d" && is.Leg.To.Desk == "b" && is.Leg.From == "a" && is.Deadline.Equal(was.Deadline)
		}},
		{"from it, with a runner", func(k *clerk) { from(k); k.take("a") }, place("d"), true, func(was, is State) bool {
			return is.Leg.Phase == Transit && is.Leg.Place.Desk == "d" && is.Leg.Runner == runner && is.Leg.To.Desk == "b" && is.Deadline.Equal(was.Deadline)
		}},
		{"to it", to, place("d"), true, func(was, is State) bool {
			return is.Leg.Phase == Transit && is.Leg.Place.Desk == "c" && is.Leg.To.Desk == "d" && is.Deadline.Equal(was.Deadline)
		}},
		{"on hold at it", func(k *clerk) { at(k); k.hold("a", "fin", false, nil); k.wait(time.Hour) }, place("d"), true, func(was, is State) bool {
			return is.Leg.Wait == was.Leg.Wait && is.Leg.Waits() && is.Leg.Place.Desk == "d" && is.Leg.Holds == 1
		}},
		{"laid by at it", func(k *clerk) { at(k); k.layBy("a"); k.wait(time.Hour) }, place("d"), true, func(_, is State) bool {
			return is.Leg.Wait.Laid && is.Leg.Place.Desk == "a"
		}},
		{"never seen", imported, place("d"), true, func(_, is State) bool {
			return is.Leg.Phase == Unseen && is.Leg.Place.Desk == "d" && is.Deadline.IsZero()
		}},
		{"missing", func(k *clerk) { at(k); k.plain(Missing, nil) }, place("d"), true, func(_, is State) bool { return is.Missing && is.Leg.Place.Desk == "d" }},
		{"next, by hand", func(k *clerk) { at(k); k.plain(Mark, place("a2")); k.send("a", "b"); k.plain(Mark, place("a2")) }, place("d"), true, func(_, is State) bool {
			return is.Path.Next.Desk == "d" && is.Leg.Place.Desk == "d"
		}},
		{"the same, in another room", func(k *clerk) { at(k) }, moved, true, func(was, is State) bool {
			return is.Leg.Phase == Held && is.Leg.Place.Room == "c" && is.Leg.Place.Post == "post-new" && is.Deadline.Equal(was.Deadline) && is.Leg.From == was.Leg.From
		}},
		{"the same as it was", at, place("a2"), false, func(was, is State) bool { return is.Leg == was.Leg }},
		{"elsewhere", open, place("d"), false, func(was, is State) bool { return is.Leg == was.Leg }},
		{"closed", func(k *clerk) { at(k); k.plain(Close, nil) }, place("d"), false, func(was, is State) bool { return is.Leg == was.Leg }},
	} {
		k := newClerk()
		tt.life(k)
		if tt.name == "laid by at it" { // a station lays by what it receives
			tt.to = place("a")
			k.do(k.resolve(Command{Kind: Correct, Reason: "x", With: Correction{Desk: "a2"}}, nil, place("a2")))
			k.layBy("")
		}
		was := k.state
		out := k.do(k.resolve(Command{Kind: Correct, Reason: "order 5", With: Correction{Desk: tt.to.Desk, For: "a2"}}, nil, tt.to))
		if out.Verdict == Refused || out.Reason != Corrected || (len(out.Entries) > 0) != tt.moves || !tt.want(was, k.state) {
			t.Errorf("%s: %s %s, %d entries\n%+v\n%+v", tt.name, out.Verdict, out.Reason, len(out.Entries), was.Leg, k.state.Leg)
		}
	}
}

// after is the office of chamber without desk a2, whose room goes on; its files go to a desk.
func after(to DeskID) *Office {
	o := chamber()
	o.Revision = 2
	o.Former = &Office{Desks: slices.DeleteFunc(slices.Clone(o.Desks), func(d Desk) bool { return d.ID != "a2" }), Posts: []Post{{ID: "post-a2", Superior: "post-c"}}}
	o.Desks = slices.DeleteFunc(o.Desks, func(d Desk) bool { return d.ID == "a2" })
	o.Posts = slices.DeleteFunc(o.Posts, func(p Post) bool { return p.ID == "post-a2" })
	if to != "" {
		o.Heirs = []Heir{{"a2", to}}
	}
	return o
}

func TestRefuge(t *testing.T) {
	alone := after("")
	alone.Desks = slices.DeleteFunc(alone.Desks, func(d Desk) bool { return d.Room == "a" })
	other := after("")
	other.Desks = append(other.Desks, Desk{ID: "a3", Room: "d", Post: "post-a2"})
	other.Posts = append(other.Posts, Post{ID: "post-a2"})
	chain := after("gone too")
	chain.Heirs = append(chain.Heirs, Heir{"gone too", "e"})
	ring := after("ring")
	ring.Heirs = append(ring.Heirs, Heir{"ring", "a2"})
	none := after("")
	none.Posts, none.Former.Posts, none.Desks = nil, nil, []Desk{{ID: "z", Room: "z", Post: "z"}}
	for _, tt := range []struct {
		name   string
		office *Office
		desk   DeskID
		want   DeskID
	}{
		{"as ordered", after("d"), "a2", "d"},
		{"there", after("d"), "b", "b"},
		{"who receives in its room", after(""), "a2", "a"},
		{"whom its post moved to", other, "a2", "a3"},
		{"above it", alone, "a2", "c"},
		{"ordered on", chain, "a2", "e"},
		{"ordered in a ring", ring, "a2", "a"},
		{"anywhere", none, "a2", "z"},
		{"nowhere", &Office{}, "a2", ""},
	} {
		tt.office.Sort()
		if got := tt.office.Refuge(tt.desk); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What names a desk that was there when it happened, and is not now, names the one that
// stands for it; what happened before a desk began, by clocks that were set back, names it.
func TestWhatNamesADeskThatEndedNamesAnother(t *testing.T) {
	then := chamber()
	then.Revision = 1
	moved := chamber()
	moved.Revision = 2
	for i := range moved.Desks {
		if moved.Desks[i].ID == "a2" {
			moved.Desks[i].Room = "d"
		}
	}
	held := Position{Phase: Held, Desk: "a2", Room: "a", Post: "post-a2", From: "a2"}
	coming := Position{Phase: Transit, Desk: "b", Room: "b", Post: "post-b", To: "a2", ToRoom: "a"}
	station := func(with Payload, kind CommandKind) Command {
		return Command{Kind: kind, Code: file, Station: "at-b", With: with}
	}
	for _, tt := range []struct {
		name      string
		then, now *Office
		c         Command
		at        *Position
		to        DeskID
		room      RoomID
		moved     bool
		unknown   string
	}{
		{"then and now", then, then, Command{Kind: Correct, With: Correction{Desk: "a2"}}, nil, "a2", "a", false, ""},
		{"ended since", then, after("d"), Command{Kind: Correct, With: Correction{Desk: "a2"}}, nil, "d", "d", true, ""},
		{"ended since, nobody ordered", then, after(""), Command{Kind: Correct, With: Correction{Desk: "a2"}}, nil, "a", "a", true, ""},
		{"in another room since", then, moved, Command{Kind: Correct, With: Correction{Desk: "a2"}}, nil, "a2", "d", true, ""},
		{"ended before", after("d"), after("d"), Command{Kind: Correct, With: Correction{Desk: "a2"}}, nil, "", "", false, "desk a2"},
		{"begun since", after("d"), then, Command{Kind: Correct, With: Correction{Desk: "a2"}}, nil, "a2", "a", false, ""},
		{"onward to it", then, after("d"), station(Context{Onward: true}, Scan), &coming, "d", "d", true, ""},
		{"onward to it, ended before", after("d"), after("d"), station(Context{Onward: true}, Scan), &coming, "d", "d", true, ""},
		{"back to it, ended before", after("d"), after("d"), station(Returning{}, Back), &Position{Phase: Held, Desk: "b", Room: "b", From: "a2"}, "d", "d", true, ""},
		{"who holds it", then, after("d"), station(Context{}, Scan), &held, "", "", false, ""},
	} {
		r := tt.then.Resolve(Resolved{Command: tt.c}, tt.at, relied, tt.now)
		var to DeskID
		var room RoomID
		if r.To != nil {
			to, room = r.To.Desk, r.To.Room
		}
		if to != tt.to || room != tt.room || r.Moved != tt.moved || r.Unknown != tt.unknown {
			t.Errorf("%s: to %q in %q, moved %v, unknown %q", tt.name, to, room, r.Moved, r.Unknown)
		}
		if tt.at != nil && (r.Holder == nil) != (tt.now.Revision == 2 && tt.at.Desk == "a2") {
			t.Errorf("%s: held by %+v", tt.name, r.Holder)
		}
	}
}

// Nobody stands for a desk that was the next stop: it is said, and the file stays.
func TestANextStopThatEndedIsSaid(t *testing.T) {
	o := after("")
	o.Former.Desks[0].Room, o.Former.Desks[0].Post = "gone", "gone"
	r := o.Resolve(Resolved{Command: Command{Kind: Scan, Code: file, Station: "at-b", With: Context{Onward: true}}}, &Position{Phase: Held, Desk: "b", Room: "b", Path: Path{Next: Dest{Desk: "a2", Room: "a"}, ByHand: true}}, relied, o)
	if desk, ok := lapsed.of(r); !ok || desk != "a2" || r.To != nil {
		t.Fatalf("%+v", r)
	}
	k := newClerk()
	k.open()
	next := k.resolve(Command{Kind: Scan, Method: ByQR, With: Context{Onward: true}}, place("b"), nil)
	next.Found = r.Found
	out := k.wait(time.Hour).do(next)
	last := out.Entries[len(out.Entries)-1]
	if out.Verdict != Accepted || out.Reason != Inferred || out.Besides != NoNextStop || last.Reason != NoNextStop || last.Unknown != "desk a2" {
		t.Errorf("%+v", out)
	}
}

// What is found again by a card that else does nothing is answered so: the chain says it.
func TestFoundByACardThatDoesNothing(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Hour).send("a", "b")
	k.plain(Missing, nil)
	out := k.wait(time.Second).layBy("a")
	if out.Verdict != Accepted || out.Reason != Refound || len(out.Entries) != 1 || out.Entries[0].Reason != Refound {
		t.Errorf("%s %s, %d entries", out.Verdict, out.Reason, len(out.Entries))
	}
}

// A file that is first seen by its being sent back is answered with both.
func TestFirstSeenAndSentBack(t *testing.T) {
	for _, tt := range []struct {
		name, desk string
		reason     Reason
		besides    Reason
	}{
		{"nobody sent it", "", Adopted, NoSender},
		{"a register has it elsewhere", "b", SentBack, Adopted},
		{"a register has it here", "c", Adopted, NoSender},
	} {
		k := newClerk()
		open := k.resolve(Command{Kind: Open, With: Opening{Department: "fin", Imported: true, Desk: DeskID(tt.desk)}}, nil, nil)
		if tt.desk != "" {
			open.To = place(tt.desk)
		}
		k.do(open)
		out := k.wait(time.Hour).back("c")
		if out.Verdict != Accepted || out.Reason != tt.reason || out.Besides != tt.besides {
			t.Errorf("%s: %s %s, besides %q", tt.name, out.Verdict, out.Reason, out.Besides)
		}
		if again := k.do(k.last); again.Besides != tt.besides {
			t.Errorf("%s: again: %+v", tt.name, again)
		}
	}
}
