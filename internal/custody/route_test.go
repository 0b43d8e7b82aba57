package custody

import (
	"testing"
	"time"
)

// A route may visit a desk twice: each stop has its own budget, and a file that is
// sent back to the earlier one has not come to the later.
func TestRouteVisitsADeskTwice(t *testing.T) {
	k := newClerk()
	r := k.resolve(Command{Kind: Open, With: Opening{Department: "fin"}}, place("a"), nil)
	var stops []Planned
	for i, desk := range []string{"a", "b", "c", "d", "b"} {
		stops = append(stops, Planned{place(desk).dest(), Seconds(3600 * (2 + i)), 0})
	}
	r.Route = relied.Keep("twice", stops)
	k.do(r)
	want := func(what string, out Outcome, budget, consumed Seconds, next DeskID) {
		t.Helper()
		if p := out.Position; p.Budget != budget || p.Consumed != consumed || p.Next != next {
			t.Errorf("%s: %d of %d s, next %q; want %d of %d, next %q", what, p.Consumed, p.Budget, p.Next, consumed, budget, next)
		}
	}
	want("first stop", k.wait(time.Minute).scan("b"), 3*3600, 0, "c")
	want("second", k.wait(30*time.Minute).scan("c"), 4*3600, 0, "d")
	want("sent back with a query", k.wait(time.Minute).scan("b"), 3*3600, 1800, "d")
	want("and on again", k.wait(time.Minute).onward("b"), 1800, 0, "d")
	k.wait(time.Minute).scan("d")
	want("the last stop", k.wait(time.Minute).scan("b"), 6*3600, 0, "")
	if out := k.wait(time.Minute).onward("b"); out.Reason != NoNextStop {
		t.Errorf("past the end: %s", out.Reason)
	}
}

// A new route buys no time at the desks that it visits again.
func TestNewRouteKeepsWhatWasUsed(t *testing.T) {
	k := newClerk()
	k.open("a", "b")
	k.wait(30*time.Minute).send("a", "b")
	k.wait(time.Minute).scan("b")
	r := k.resolve(Command{Kind: Mark, With: Marking{Route: "r"}}, nil, nil)
	r.Route = route("r2", "c", "a", "b")
	k.wait(20 * time.Minute).do(r)
	if got := k.wait(time.Minute).scan("a").Position.Consumed; got != 1800 {
		t.Errorf("a: %d s", got)
	}
	if got := k.wait(time.Minute).scan("b").Position.Consumed; got != 21*60 {
		t.Errorf("b: %d s", got)
	}
}

// A stay off route runs on the transit budget, and leaves the desk's alone.
func TestStayOffRouteIsNotTheDesks(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Minute).scan("c")
	k.wait(50*time.Minute).send("c", "b")
	k.wait(time.Minute).scan("b")
	k.send("b", "d")
	if out := k.wait(time.Minute).scan("c"); out.Reason != OffRoute {
		t.Fatal(out.Reason)
	}
	k.wait(time.Minute).onward("c")
	k.wait(time.Minute).scan("d")
	if got := k.wait(time.Minute).scan("c").Position.Consumed; got != 50*60 {
		t.Errorf("%d s used at c, want 3000", got)
	}
}
