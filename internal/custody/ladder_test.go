package custody

import (
	"testing"
	"time"
)

func TestTransitIsTheSendersUntilARunnerTakesIt(t *testing.T) {
	k := newClerk()
	k.open()
	out := k.send("a", "b")
	if out.Position.Post != "post-a" || out.Position.Runner != "" || out.Position.Known != ByCard {
		t.Errorf("in transit with %s/%s known by %s", out.Position.Post, out.Position.Runner, out.Position.Known)
	}
	if out = k.wait(time.Second).take("a"); out.Position.Runner != runner || out.Position.To != "b" {
		t.Errorf("taken by %q to %q", out.Position.Runner, out.Position.To)
	}
}

// A leg climbs the ladder of the post that holds it, and an undo the one before.
func TestLadderIsTheHolders(t *testing.T) {
	k := newClerk()
	k.open()
	other := Ladder{ID: "other", Rungs: []Rung{{Percent: 50, To: []Receiver{{}}, Channel: Screen}, {Percent: 100, To: []Receiver{{}}, Channel: Screen}}}
	k.wait(time.Hour)
	k.do(k.resolve(Command{Kind: Scan, Method: ByQR}, place("b").by(other), nil))
	if want := k.now.Add(time.Hour); !k.state.Wake.Equal(want) {
		t.Errorf("wakes at %v, want half of b's budget at %v", k.state.Wake, want)
	}
	k.wait(time.Minute).undo("b")
	if want := epoch.Add(90 * time.Minute); !k.state.Wake.Equal(want) {
		t.Errorf("wakes at %v, want three quarters of a's budget at %v", k.state.Wake, want)
	}
}

// Back undelivered at a desk that is not its room's receiving one: the sender's
// ladder stands, whatever the station's desk climbs.
func TestReturnedFileKeepsItsSendersLadder(t *testing.T) {
	other := Ladder{ID: "other", Rungs: []Rung{{Percent: 100, To: []Receiver{{}}, Channel: Screen}}}
	k := newClerk()
	k.open()
	k.wait(time.Minute).send("a", "a2")
	k.wait(time.Minute).send("a", "b")
	r := k.wait(time.Hour).undelivered(place("a").by(other))
	if out := k.do(r); out.Reason != Returned || out.Position.Desk != "a2" || k.state.Leg.Place.Ladder.ID != string(ladder.ID) {
		t.Errorf("%s to %s on ladder %s", out.Reason, out.Position.Desk, k.state.Leg.Place.Ladder.ID)
	}
}
