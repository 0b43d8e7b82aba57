package custody

import (
	"errors"
	"testing"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

var whyCode = label.New(label.Card, 4711)

// chamber is an office of the desks that tests know: a and a2 in one room, their posts and
// that of b under c; e has nobody above.
func chamber() *Office {
	o := &Office{
		Calendars: []calendar.Calendar{cal}, Ladders: []Ladder{ladder},
		Reasons: []ReasonCard{{ID: "unsigned", Code: whyCode, Name: Name{En: "Not signed", Ur: "دستخط نہیں"}}},
	}
	above := map[string]PostID{"a": "post-b", "a2": "post-c", "b": "post-c", "c": "post-d", "d": "", "e": ""}
	for _, desk := range desks {
		p := place(desk)
		o.Desks = append(o.Desks, Desk{ID: p.Desk, Room: p.Room, Post: p.Post, Receiving: desk != "a2"})
		o.Posts = append(o.Posts, Post{ID: p.Post, Superior: above[desk], Budget: p.Budget, Calendar: cal.ID, Ladder: ladder.ID})
		o.Stations = append(o.Stations, Station{ID: StationID("at-" + p.Room), Room: p.Room})
	}
	o.Sort()
	return o
}

// sendBack has a file sent back as the office looks it up; from nowhere: on its page.
func (k *clerk) sendBack(room string, c Command) Outcome {
	c.Kind, c.Method = Back, ByHand
	var here *Place
	if room != "" {
		here, c.Method = place(room), ByQR
	}
	r := k.resolve(c, here, nil)
	if c.Reason != "" {
		r.Words = Digests{ReasonField: "a digest"}
	}
	pos := k.state.Position()
	looked := chamber().Resolve(r, &pos, relied, chamber())
	r.To, r.Found, r.Unknown = looked.To, looked.Found, looked.Unknown
	return k.do(r)
}

func (k *clerk) back(room string) Outcome {
	return k.sendBack(room, Command{With: Returning{Why: whyCode}})
}

func TestBack(t *testing.T) {
	sent := func(from, to string) func(*clerk) {
		return func(k *clerk) { k.open(); k.wait(time.Hour).send(from, to); k.wait(10 * time.Minute) }
	}
	received := func(k *clerk) { sent("a", "b")(k); k.scan("b"); k.wait(time.Hour) }
	page := func(c Command) func(*clerk) Outcome { return func(k *clerk) Outcome { return k.sendBack("", c) } }
	for _, tt := range []struct {
		name   string
		life   func(k *clerk)
		act    func(k *clerk) Outcome
		reason Reason
		phase  Phase
		desk   DeskID
		to     DeskID
	}{
		{"received here", received, func(k *clerk) Outcome { return k.back("b") }, SentBack, Transit, "b", "a"},
		{"not scanned here yet", sent("a", "b"), func(k *clerk) Outcome { return k.back("b") }, SentBack, Transit, "b", "a"},
		{"its dispatch not scanned", func(k *clerk) { k.open() }, func(k *clerk) Outcome { return k.wait(time.Hour).back("b") }, SentBack, Transit, "b", "a"},
		{"on its way elsewhere", sent("a", "b"), func(k *clerk) Outcome { return k.back("c") }, SentBack, Transit, "c", "a"},
		{
			"sent on from here, and still here", func(k *clerk) { received(k); k.send("b", "c"); k.wait(time.Hour) },
			func(k *clerk) Outcome { return k.back("b") }, SentBack, Transit, "b", "a",
		},
		{"within the room", func(k *clerk) { k.open(); k.send("a", "a2"); k.wait(time.Hour) }, func(k *clerk) Outcome { return k.back("a") }, SentBack, Held, "a", ""},
		{"on hold", func(k *clerk) { received(k); k.hold("b", "fin", false, nil); k.wait(time.Hour) }, func(k *clerk) Outcome { return k.back("b") }, SentBack, Transit, "b", "a"},
		{"laid by", func(k *clerk) { received(k); k.layBy("b"); k.wait(time.Hour) }, func(k *clerk) Outcome { return k.back("b") }, SentBack, Transit, "b", "a"},
		{"again at once", received, func(k *clerk) Outcome { k.back("b"); return k.wait(time.Minute).back("b") }, SentAlready, Transit, "b", "a"},
		{"nobody sent it", func(k *clerk) { k.open() }, func(k *clerk) Outcome { return k.back("a") }, NoSender, Held, "a", ""},
		{"no reason", received, func(k *clerk) Outcome { return k.sendBack("b", Command{}) }, NotWhy, Held, "b", ""},
		{"no reason of this office", received, func(k *clerk) Outcome {
			return k.sendBack("b", Command{With: Returning{Why: label.New(label.Card, 1)}})
		}, NoSuchPlace, Held, "b", ""},
		{"in words, at a station", received, func(k *clerk) Outcome { return k.sendBack("b", Command{Reason: "unsigned"}) }, SentBack, Transit, "b", "a"},
		{"on its page", received, page(Command{Reason: "unsigned"}), SentBack, Transit, "b", "a"},
		{"on its page, on its way", sent("a", "b"), page(Command{Reason: "unsigned"}), Elsewhere, Transit, "a", "b"},
		{
			"told late on its page, its cover replaced since", func(k *clerk) { received(k); k.reprint(second) },
			page(Command{Reason: "unsigned", At: Stamp{Wall: epoch}}), Late, Held, "b", "",
		},
		{"closed", func(k *clerk) { received(k); k.plain(Close, nil) }, func(k *clerk) Outcome { return k.back("b") }, IsClosed, Ended, "b", ""},
		{"missing", func(k *clerk) { received(k); k.plain(Missing, nil) }, func(k *clerk) Outcome { return k.back("b") }, Refound, Transit, "b", "a"},
		{"typed", received, func(k *clerk) Outcome {
			return k.do(k.resolve(Command{Kind: Back, Method: ByTyped, With: Returning{Why: whyCode}}, place("b"), place("a")))
		}, TypedCannot, Held, "b", ""},
		{"with a runner then", func(k *clerk) { received(k); k.back("b") }, func(k *clerk) Outcome { return k.take("b") }, Taken, Transit, "b", "a"},
		{"received by its sender", func(k *clerk) { received(k); k.back("b") }, func(k *clerk) Outcome { return k.wait(time.Minute).scan("a") }, Received, Held, "a", ""},
		{"undone", func(k *clerk) { received(k); k.back("b") }, func(k *clerk) Outcome { return k.wait(time.Minute).undo("b") }, Undone, Held, "b", ""},
		{"in the out-tray", func(k *clerk) { received(k); k.back("b") }, func(k *clerk) Outcome { return k.wait(time.Hour).back("b") }, SentAlready, Transit, "b", "a"},
		{"undelivered", func(k *clerk) { received(k); k.back("b") }, func(k *clerk) Outcome { return k.wait(time.Hour).backHere("b") }, Returned, Held, "b", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newClerk()
			tt.life(k)
			out := tt.act(k)
			if p := out.Position; out.Reason != tt.reason || p.Phase != tt.phase || p.Desk != tt.desk || p.To != tt.to {
				t.Errorf("%s %s, %s at %s to %q; want %s, %s at %s to %q", out.Verdict, out.Reason, p.Phase, p.Desk, p.To, tt.reason, tt.phase, tt.desk, tt.to)
			}
			if e := k.entries[len(k.entries)-1]; e.Reason == SentBack && k.last.Words == nil && e.Why != "unsigned" {
				t.Errorf("its entry does not say why: %s", e.Bytes())
			}
			same(t, "entries and state", told(Replay(file, k.entries)), told(k.state))
		})
	}
}

// What comes back with a reason is a new task with a budget of its own; the same task
// resumes the old one, wherever it has been meanwhile.
func TestBackIsATaskOfItsOwn(t *testing.T) {
	k := newClerk()
	k.open() // desk a has 2 h
	used := func(what string, out Outcome, want Seconds) {
		t.Helper()
		if got := out.Position.Consumed; got != want || out.Position.Phase != Held {
			t.Errorf("%s: %s at %s with %d s used, want %d", what, out.Reason, out.Position.Desk, got, want)
		}
	}
	pass := func(from, to string, stay time.Duration) Outcome {
		k.wait(stay).send(from, to)
		return k.scan(to)
	}
	used("first at b", pass("a", "b", 30*time.Minute), 0)
	k.wait(20 * time.Minute).back("b")
	used("back at a", k.scan("a"), 0)
	if p := k.state.Position(); p.Next != "b" {
		t.Errorf("it goes on to %q, want b who sent it back", p.Next)
	}
	used("the same task at b", pass("a", "b", 40*time.Minute), 20*60)
	used("at a by no return", pass("b", "a", 10*time.Minute), 40*60)
	used("at b once more", pass("a", "b", 5*time.Minute), 30*60)
}

// The second time between two desks it goes to the nearest post above both, whichever of
// them sends it; an undone return was none.
func TestSecondReturnGoesUp(t *testing.T) {
	for _, tt := range []struct {
		name string
		from string // who sends it to b first
		life func(k *clerk)
		room string
		to   DeskID
		want Reason
	}{
		{"the same again", "a", func(k *clerk) { k.back("b"); k.scan("a"); k.send("a", "b"); k.scan("b") }, "b", "c", SentUp},
		{"the other way round", "a", func(k *clerk) { k.back("b"); k.scan("a") }, "a", "c", SentUp},
		{"between others", "a", func(k *clerk) { k.back("b"); k.scan("a"); k.send("a", "d"); k.scan("d") }, "d", "a", SentBack},
		{"undone", "a", func(k *clerk) { k.back("b"); k.undo("b") }, "b", "a", SentBack},
		{"nobody above both", "e", func(k *clerk) { k.back("b"); k.scan("e"); k.send("e", "b"); k.scan("b") }, "b", "e", SentBack},
		{"on another route since", "a", func(k *clerk) {
			k.back("b")
			k.scan("a")
			r := k.resolve(Command{Kind: Mark, With: Marking{Route: "r"}}, nil, nil)
			r.Route = route("r2", "a", "b", "d")
			k.do(r)
		}, "a", "c", SentUp},
	} {
		k := newClerk()
		k.open()
		if tt.from != "a" {
			k.send("a", tt.from)
			k.scan(tt.from)
		}
		k.send(tt.from, "b")
		k.scan("b")
		k.wait(time.Hour)
		tt.life(k)
		out := k.wait(time.Hour).back(tt.room)
		if out.Reason != tt.want || out.Position.To != tt.to {
			t.Errorf("%s: %s to %q, want %s to %s", tt.name, out.Reason, out.Position.To, tt.want, tt.to)
		}
	}
}

func TestReturnsAreBounded(t *testing.T) {
	var r Returns
	for _, d := range []DeskID{"b", "c", "d", "e", "b"} {
		r = r.with("a", d)
	}
	if len(r) != maxPairs*pairDigits || !r.has("e", "a") || r.has("a", "f") {
		t.Errorf("%q", r)
	}
	if r = r.with("a", "f"); len(r) != maxPairs*pairDigits || !r.has("f", "a") || r.has("a", "b") || !r.has("a", "c") {
		t.Errorf("%q: the oldest goes first", r)
	}
}

// A person who gives no reason is told so at once; a station in words, when its turn comes.
func TestBackNeedsAReason(t *testing.T) {
	c := Command{ID: "00000000-0000-0000-0000-000000000001", Kind: Back, Code: file, Who: "gul"}
	if err := c.Validate(); !errors.Is(err, NoReason) {
		t.Error(err)
	}
	c.Reason = "unsigned"
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	c.Reason, c.Station = "", "at-b"
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if c.With = (Returning{Why: label.New(label.Desk, 1)}); c.Validate() == nil {
		t.Error("a desk's card is no reason")
	}
}

// What a task of its own has used is counted across its holds.
func TestBackThatWaited(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Hour).send("a", "b")
	k.scan("b")
	k.wait(10 * time.Minute).back("b")
	k.scan("a")
	k.wait(20*time.Minute).hold("a", "fin", true, nil)
	k.wait(time.Hour).resume("a")
	k.wait(10*time.Minute).send("a", "b")
	if used := k.state.used(0, "a"); used != 30*60 {
		t.Errorf("used %d s: %+v", used, k.state.Balances)
	}
}
