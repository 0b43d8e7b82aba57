package custody

import (
	"slices"
	"testing"
	"time"

	"harkara/internal/calendar"
)

// Who is charged with a hold may contest that: its time is the holder's from then on, and
// only a superior's order charges them again. The hold itself goes on.
func TestContest(t *testing.T) {
	k := newClerk()
	k.open()
	if out := k.plain(Contest, nil); out.Reason != NotCharged || out.Verdict != Refused {
		t.Errorf("on nothing: %s", out.Reason)
	}
	letter := Texts{LetterField: "7/2025"}
	k.wait(30*time.Minute).hold("", "fin", false, letter)
	until := k.state.Leg.Wait.Until
	out := k.wait(time.Hour).plain(Contest, nil)
	if w := out.Position.Wait; out.Reason != Contested || w.Charged || !w.Contested || !w.Until.Equal(until) || w.Phrase().Key != "wait.contested" {
		t.Fatalf("%s, %+v", out.Reason, w)
	}
	if out := k.plain(Contest, nil); out.Reason != NotCharged {
		t.Errorf("a second time: %s", out.Reason)
	}
	if out := k.wait(time.Hour).hold("", "fin", false, letter); out.Reason != NotTheirs || out.Verdict != Refused || out.Position.Wait.Charged {
		t.Errorf("charged again: %s", out.Reason)
	}
	letter[OrderField] = "DS (Budget)"
	if out := k.wait(time.Hour).hold("", "fin", false, letter); out.Reason != HoldCharged || !out.Position.Wait.Charged || out.Position.Wait.Contested || k.state.Leg.Holds != 1 {
		t.Errorf("by order: %s, %+v", out.Reason, out.Position.Wait)
	}
	var charged []bool
	for _, s := range Legs(k.entries, &Office{Calendars: []calendar.Calendar{cal}}, k.now) {
		charged = append(charged, s.Wait.Charged)
	}
	if !slices.Equal(charged, []bool{false, true, false, true}) {
		t.Errorf("whose its legs are: %v", charged)
	}
}

// rested has the office's calendar of whom the file waits for come with the command.
func (r Resolved) rested(hours calendar.Calendar) Resolved {
	ref := relied.Keep(hours.ID, hours)
	resting.note(look{out: &r}, ref)
	r.Relied = append(r.Relied, ref.Digest)
	return r
}

// A holiday that is declared after a hold was given moves its end, where that was counted
// in days: with the next command, and at the latest when it would have ended. A day that
// was named stays.
func TestHoldMovesWithAHoliday(t *testing.T) {
	given := func() *clerk {
		k := newClerk() // Monday; five days of Finance's end with the next Monday
		k.open()
		k.wait(30*time.Minute).hold("a", "fin", false, nil)
		return k
	}
	closed := calendar.QuettaWinter("finance") // on Mondays from now on
	closed.Revision, closed.Week[time.Monday] = 1, nil
	k := given()
	end := k.state.Leg.Wait.Until
	k.now = k.state.Wake.Add(10 * time.Minute)
	out := k.do(k.waker().rested(closed))
	if p := out.Position; out.Reason != Overtaken && out.Reason != Deferred || !p.Waits() || !p.Wait.Until.Equal(end.Add(24*time.Hour)) || !p.Wake.After(k.now) {
		t.Fatalf("when it would have ended: %s, %+v, wakes at %v", out.Reason, p.Wait, p.Wake)
	}
	same(t, "entries and state", told(Replay(file, k.entries)), told(k.state))
	k.now = k.state.Wake.Add(10 * time.Minute)
	if out := k.do(k.waker().rested(closed)); out.Reason != HoldOver || !out.Position.Since.Equal(end.Add(24*time.Hour)) {
		t.Errorf("its end: %s since %v, want %v", out.Reason, out.Position.Since, end.Add(24*time.Hour))
	}
	k = given()
	r := k.wait(time.Hour).resolve(Command{Kind: Scan, Method: ByQR}, place("a"), nil)
	if p := k.do(r.rested(closed)).Position; !p.Wait.Until.Equal(end.Add(24 * time.Hour)) {
		t.Errorf("with the next command: until %v", p.Wait.Until)
	}
	older := calendar.QuettaWinter("finance")
	r = k.wait(time.Hour).resolve(Command{Kind: Scan, Method: ByQR}, place("a"), nil)
	if p := k.do(r.rested(older)).Position; !p.Wait.Until.Equal(end.Add(24 * time.Hour)) {
		t.Errorf("looked up before the holiday was declared: until %v", p.Wait.Until)
	}
	shorter := calendar.QuettaWinter("finance") // taken back, and Saturdays are worked
	shorter.Revision, shorter.Week[time.Saturday] = 2, shorter.Week[time.Monday]
	k.now = end.Add(-2 * 24 * time.Hour).Add(12 * time.Hour)
	r = k.resolve(Command{Kind: Scan, Method: ByQR}, place("a"), nil)
	if p := k.do(r.rested(shorter)).Position; !p.Wait.Until.Before(end) {
		t.Errorf("an earlier end: until %v", p.Wait.Until)
	}
	k = newClerk()
	k.open()
	k.until("2025-06-09")
	named := k.state.Leg.Wait.Until
	r = k.wait(time.Hour).resolve(Command{Kind: Scan, Method: ByQR}, place("a"), nil)
	if p := k.do(r.rested(closed)).Position; !p.Wait.Until.Equal(named) {
		t.Errorf("a day that was named: until %v, was %v", p.Wait.Until, named)
	}
}
