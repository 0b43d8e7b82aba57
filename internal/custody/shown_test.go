package custody

import (
	"testing"
	"time"

	"harkara/internal/label"
)

func (k *clerk) shown(room string) Outcome {
	return k.do(k.resolve(Command{Kind: Shown, Method: ByQR}, place(room), nil))
}

// Wherever a file is shown, and whether its cover is read before the card or after, whose
// it is and what its clock says stay as they were.
func TestShown(t *testing.T) {
	for _, tt := range []struct {
		name   string
		life   func(k *clerk)
		room   string
		shown  RoomID // as the position says it
		reason Reason
	}{
		{"held elsewhere", func(k *clerk) { k.open() }, "b", "b", SeenHere},
		{"held here", func(k *clerk) { k.open() }, "a", "", SeenHere},
		{"on its way from here", func(k *clerk) { k.open(); k.send("a", "b") }, "a", "", SeenHere},
		{"on its way through here", func(k *clerk) { k.open(); k.send("a", "b") }, "c", "c", SeenHere},
		{"with a runner whom nobody told whither", func(k *clerk) { k.open(); k.take("a") }, "c", "c", SeenHere},
		{"imported and never seen", func(k *clerk) {
			k.do(k.resolve(Command{Kind: Open, With: Opening{Department: "fin", Imported: true}}, nil, nil))
		}, "b", "b", SeenHere},
		{"closed", func(k *clerk) { k.open(); k.plain(Close, nil) }, "b", "b", SeenHere},
		{"missing", func(k *clerk) { k.open(); k.plain(Missing, nil) }, "b", "b", Refound},
		{"shown before, elsewhere", func(k *clerk) { k.open(); k.shown("c"); k.wait(time.Minute) }, "b", "b", SeenHere},
		{"undone before it was shown", func(k *clerk) { k.open(); k.send("a", "b"); k.undo("a") }, "b", "b", SeenHere},
		{"back here, with time used", func(k *clerk) {
			k.open("a", "b")
			k.wait(time.Hour).scan("b")
			k.wait(time.Hour).scan("a")
		}, "b", "b", SeenHere},
	} {
		for order, read := range map[string]func(k *clerk){
			"card first":  func(*clerk) {},
			"cover first": func(k *clerk) { k.scan(tt.room); k.wait(10 * time.Second) },
		} {
			t.Run(tt.name+", "+order, func(t *testing.T) {
				k := newClerk()
				tt.life(k)
				was := k.wait(time.Minute).state
				read(k)
				out := k.shown(tt.room)
				if p := out.Position; out.Verdict != Accepted || p.ShownIn != tt.shown || p.Missing {
					t.Errorf("%s %s, shown in %q, missing %t", out.Verdict, out.Reason, p.ShownIn, p.Missing)
				}
				if order == "card first" && out.Reason != tt.reason {
					t.Errorf("%s, want %s", out.Reason, tt.reason)
				}
				is := k.state
				if !is.Leg.Same(was.Leg) || is.Leg.Place != was.Leg.Place || !is.Leg.Since.Equal(was.Leg.Since) || is.Leg.Consumed != was.Leg.Consumed {
					t.Errorf("its leg was\n%+v, is\n%+v", was.Leg, is.Leg)
				}
				if !is.Deadline.Equal(was.Deadline) || !is.Wake.Equal(was.Wake) || is.Path != was.Path || len(is.Balances) != len(was.Balances) {
					t.Errorf("its clock was\n%+v %+v %v, is\n%+v %+v %v", was.Reckoning, was.Path, was.Balances, is.Reckoning, is.Path, is.Balances)
				}
				if e := k.entries[len(k.entries)-1]; e.Reason != SeenHere || e.Seen != RoomID(tt.room) {
					t.Errorf("its entry says %s in %s", e.Reason, e.Seen)
				}
				same(t, "entries and state", told(Replay(file, k.entries)), told(is))
			})
		}
	}
}

// A file that was sent here is here: that its paper was shown as well takes nothing back.
// Nor does it undo what else the station did.
func TestShownTakesBackNothingElse(t *testing.T) {
	for _, tt := range []struct {
		name string
		life func(k *clerk)
		room string
	}{
		{"received as it was sent", func(k *clerk) { k.open(); k.send("a", "b"); k.wait(time.Minute).scan("b") }, "b"},
		{"just sent", func(k *clerk) { k.open(); k.scan("b"); k.send("b", "c") }, "b"},
		{"just handed over", func(k *clerk) { k.open(); k.send("a", "a2") }, "a"},
		{"taken over a while ago", func(k *clerk) { k.open(); k.wait(time.Hour).scan("b"); k.wait(time.Minute) }, "b"},
		{"taken over by another station", func(k *clerk) {
			k.open()
			k.do(k.resolve(Command{Kind: Scan, Method: ByQR, Station: "other"}, place("b"), nil))
		}, "b"},
	} {
		k := newClerk()
		tt.life(k)
		was := k.state.Leg
		if out := k.wait(10 * time.Second).shown(tt.room); out.Reason != SeenHere || !k.state.Leg.Same(was) {
			t.Errorf("%s: %s\n%+v\n%+v", tt.name, out.Reason, was, k.state.Leg)
		}
	}
}

// What is read of a cover is held to the same as a scan of it.
func TestShownReads(t *testing.T) {
	for _, tt := range []struct {
		name    string
		act     func(k *clerk) Outcome
		verdict Verdict
		reason  Reason
	}{
		{"again at once", func(k *clerk) Outcome { k.shown("b"); return k.wait(20 * time.Second).shown("b") }, Ticked, SeenAlready},
		{"again later", func(k *clerk) Outcome { k.shown("b"); return k.wait(time.Minute).shown("b") }, Accepted, SeenHere},
		{"then received after all", func(k *clerk) Outcome { k.shown("b"); return k.wait(20 * time.Second).scan("b") }, Accepted, Inferred},
		{"typed", func(k *clerk) Outcome {
			return k.do(k.resolve(Command{Kind: Shown, Method: ByTyped}, place("b"), nil))
		}, Refused, TypedCannot},
		{"by a registered old cover", func(k *clerk) Outcome {
			k.alias(oldCode)
			return k.do(k.resolve(Command{Kind: Shown, Method: ByQR, Code: oldCode}, place("b"), nil))
		}, Accepted, SeenHere},
		{"by a cover that was replaced", func(k *clerk) Outcome {
			k.send("a", "c")
			k.reprint(second)
			return k.wait(time.Hour).shown("b")
		}, Refused, OldCover},
		{"by a code that is no cover of it", func(k *clerk) Outcome {
			return k.do(k.resolve(Command{Kind: Shown, Method: ByQR, Code: label.New(label.File, 9)}, place("b"), nil))
		}, Refused, NotRegistered},
		{"told late", func(k *clerk) Outcome {
			k.wait(time.Hour).scan("c")
			return k.do(k.resolve(Command{Kind: Shown, Method: ByQR, At: Stamp{Wall: k.now.Add(-30 * time.Minute)}}, place("b"), nil))
		}, Accepted, Late},
		{"undone", func(k *clerk) Outcome { k.shown("b"); return k.wait(time.Minute).undo("b") }, Accepted, Undone},
		{"the sender's undo afterwards", func(k *clerk) Outcome {
			k.send("a", "c")
			k.shown("b")
			return k.wait(time.Minute).undo("a")
		}, Refused, OthersActed},
	} {
		k := newClerk()
		k.open()
		k.wait(time.Minute)
		out := tt.act(k)
		if out.Verdict != tt.verdict || out.Reason != tt.reason {
			t.Errorf("%s: %s %s", tt.name, out.Verdict, out.Reason)
		}
		if out.Reason == Undone && out.Position.ShownIn != "" {
			t.Errorf("%s: it still says %s", tt.name, out.Position.ShownIn)
		}
	}
}

// Undone, a showing that gave a file back is as though the card had not been read: the
// room has what its scan had taken.
func TestUndoOfShownAfterTheCover(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Hour).scan("b")
	took := k.state.Leg
	k.wait(10 * time.Second).shown("b")
	if out := k.wait(time.Minute).undo("b"); out.Reason != Undone || !k.state.Leg.Same(took) {
		t.Errorf("%s, at %s", out.Reason, out.Position.Desk)
	}
	if legs := Legs(k.entries, &Office{}, k.now); len(legs) != 2 || legs[0].Worked != 3600 || k.state.used(0, "a") != 3600 {
		t.Errorf("the holder's hour is not his any more: %+v, used %d s", legs, k.state.used(0, "a"))
	}
}

// A new leg's position says nothing of where the paper was shown in the one before.
func TestShownEndsWithTheLeg(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Hour).shown("b")
	if out := k.wait(time.Hour).plain(Correct, place("c")); out.Position.ShownIn != "" {
		t.Errorf("at %s, shown in %s", out.Position.Desk, out.Position.ShownIn)
	}
}
