package custody

import (
	"testing"
	"time"
)

// undelivered is what a room's station says of a file that has come back to it, as the
// office looks it up.
func (k *clerk) undelivered(here *Place) Resolved {
	r := k.resolve(Command{Kind: BackHere, Method: ByQR, With: Undelivered{Why: whyCode}}, here, nil)
	pos := k.state.Position()
	looked := chamber().Resolve(r, &pos, relied, chamber())
	r.Found, r.Unknown = looked.Found, looked.Unknown
	return r
}

func (k *clerk) backHere(room string) Outcome { return k.do(k.undelivered(place(room))) }

func TestBackHere(t *testing.T) {
	sent := func(k *clerk) { k.open(); k.wait(time.Hour).send("a", "b"); k.wait(10 * time.Minute) }
	for _, tt := range []struct {
		name   string
		life   func(k *clerk)
		act    func(k *clerk) Outcome
		reason Reason
		phase  Phase
		desk   DeskID
	}{
		{"sent from here", sent, func(k *clerk) Outcome { return k.backHere("a") }, Returned, Held, "a"},
		{"sent from here a moment ago", func(k *clerk) { k.open(); k.send("a", "b") }, func(k *clerk) Outcome { return k.wait(time.Second).backHere("a") }, Returned, Held, "a"},
		{"seen here since", func(k *clerk) { sent(k); k.scan("a") }, func(k *clerk) Outcome { return k.wait(time.Second).backHere("a") }, Returned, Held, "a"},
		{"with a runner", func(k *clerk) { sent(k); k.take("a") }, func(k *clerk) Outcome { return k.wait(time.Hour).backHere("a") }, Returned, Held, "a"},
		{"read twice", func(k *clerk) { sent(k); k.backHere("a") }, func(k *clerk) Outcome { return k.wait(time.Second).backHere("a") }, SeenAlready, Held, "a"},
		{"on its way to here", sent, func(k *clerk) Outcome { return k.backHere("b") }, Received, Held, "b"},
		{"on its way elsewhere", sent, func(k *clerk) Outcome { return k.backHere("c") }, OffRoute, Held, "c"},
		{"held elsewhere", func(k *clerk) { k.open() }, func(k *clerk) Outcome { return k.backHere("c") }, Inferred, Held, "c"},
		{"held here", func(k *clerk) { k.open() }, func(k *clerk) Outcome { return k.wait(time.Hour).backHere("a") }, Confirmed, Held, "a"},
		{"missing", func(k *clerk) { sent(k); k.plain(Missing, nil) }, func(k *clerk) Outcome { return k.backHere("a") }, Refound, Held, "a"},
		{"closed", func(k *clerk) { k.open(); k.plain(Close, nil) }, func(k *clerk) Outcome { return k.backHere("a") }, IsClosed, Ended, "a"},
		{"nobody says why", sent, func(k *clerk) Outcome {
			return k.do(k.resolve(Command{Kind: BackHere, Method: ByQR}, place("a"), nil))
		}, NotWhy, Transit, "a"},
		{"typed", sent, func(k *clerk) Outcome {
			r := k.undelivered(place("a"))
			r.Command.Method = ByTyped
			return k.do(r)
		}, TypedCannot, Transit, "a"},
		{"undone", func(k *clerk) { sent(k); k.backHere("a") }, func(k *clerk) Outcome { return k.wait(time.Minute).undo("a") }, Undone, Transit, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newClerk()
			tt.life(k)
			out := tt.act(k)
			if p := out.Position; out.Reason != tt.reason || p.Phase != tt.phase || p.Desk != tt.desk {
				t.Errorf("%s %s, %s at %s; want %s, %s at %s", out.Verdict, out.Reason, p.Phase, p.Desk, tt.reason, tt.phase, tt.desk)
			}
			if e := k.entries[len(k.entries)-1]; e.Reason == Returned && e.Why != "unsigned" {
				t.Errorf("its entry does not say why: %s", e.Bytes())
			}
			same(t, "entries and state", told(Replay(file, k.entries)), told(k.state))
		})
	}
}

// What a room had used of its budget stays used when its file comes back to it.
func TestBackHereKeepsWhatWasUsed(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(30*time.Minute).send("a", "b")
	if out := k.wait(time.Hour).backHere("a"); out.Position.Consumed != 30*60 {
		t.Errorf("%s with %d s used, want half an hour", out.Reason, out.Position.Consumed)
	}
}

// A second look in an out-tray is recorded as one, moves nothing, and takes no undo away.
func TestOutTray(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Hour).send("a", "b")
	sent, entries := k.state, len(k.entries)
	for range 2 { // the second at once: nothing new
		k.wait(5 * time.Minute)
		k.scan("a")
		out := k.wait(time.Second).scan("a")
		if p := out.Position; out.Reason != SentAlready || p.To != "b" || p.Known != ByScan || !p.Seen.Equal(k.now.Add(-time.Second)) {
			t.Errorf("%s, %+v", out.Reason, p)
		}
	}
	if n := len(k.entries) - entries; n != 2 {
		t.Errorf("%d entries of two looks", n)
	}
	if k.state.Leg.Since != sent.Leg.Since || !k.state.Deadline.Equal(sent.Deadline) {
		t.Errorf("%+v became %+v", sent.Leg, k.state.Leg)
	}
	k.now = k.now.Add(-2 * time.Minute)
	if out := k.undo("a"); out.Reason != Undone || out.Position.Phase != Held {
		t.Errorf("undo: %s", out.Reason)
	}
}
