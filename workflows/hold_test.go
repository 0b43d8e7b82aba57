package workflows

import (
	"encoding/json"
	"testing"
	"time"

	"harkara/internal/custody"
)

// A file on hold sleeps past what was its deadline. It wakes when the last day is over, and
// then its clock goes on: the next wake is its deadline's.
func TestHoldEndsByItself(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.at(30*time.Minute, func() {
		r := o.command(custody.Command{Kind: custody.Hold, With: custody.Holding{For: "fin"}}, "a")
		r.Found = map[string]json.RawMessage{"awaited": json.RawMessage(`{"id":"fin","days":2}`)}
		o.send(r)
	})
	o.end(4 * 24 * time.Hour)
	o.want(custody.Opened, custody.OnHold, custody.HoldOver, custody.RungDue)
	until := o.entries[1].Leg.Wait.Until
	if e := o.entries[2]; !e.At.Equal(until) || e.Recorded.Before(until) || e.Recorded.After(until.Add(late)) {
		t.Errorf("the last day is over at %v; at %v, recorded %v", until, e.At, e.Recorded)
	}
	if e := o.entries[3]; !e.At.Equal(until.Add(30 * time.Minute)) {
		t.Errorf("its deadline was at %v, half an hour after %v", e.At, until)
	}
}

// What is laid by sleeps until somebody moves it.
func TestLaidBySleeps(t *testing.T) {
	o := newOffice(t)
	o.open()
	o.at(30*time.Minute, func() { o.send(o.command(custody.Command{Kind: custody.LayBy}, "a")) })
	o.scan(100*24*time.Hour, "b")
	s := o.end(100*24*time.Hour + time.Minute)
	o.want(custody.Opened, custody.LaidBy, custody.Inferred)
	if len(o.asked) != 0 || s.Deadline.IsZero() {
		t.Errorf("woken at %v, due at %v", o.asked, s.Deadline)
	}
}
