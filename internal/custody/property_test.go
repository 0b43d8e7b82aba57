package custody

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

var desks = []string{"a", "a2", "b", "c", "d", "e"}

// step draws and plays one random act; rungs that fall due are recorded.
func step(t *rapid.T, k *clerk) {
	k.wait(time.Duration(rapid.Int64Range(0, 4*3600).Draw(t, "wait")) * time.Second)
	room := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "room")
	desk := rapid.SampledFrom(desks).Draw(t, "desk")
	switch rapid.IntRange(0, 23).Draw(t, "act") {
	case 0, 1:
		k.scan(room)
	case 2:
		k.send(room, desk)
	case 3:
		k.onward(room)
	case 4:
		k.take(room)
	case 5:
		k.undo(room)
	case 6:
		k.plain(rapid.SampledFrom([]CommandKind{Close, Reopen, Missing, Found}).Draw(t, "kind"), nil)
	case 7:
		k.plain(Correct, place(desk))
	case 8:
		k.plain(Mark, place(desk))
	case 9:
		k.typed(room)
	case 10:
		skew := time.Duration(rapid.Int64Range(-5*3600, 5*3600).Draw(t, "skew")) * time.Second
		k.do(k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: k.now.Add(skew)}}, place(room), nil))
	case 11:
		k.wake()
	case 12:
		k.reprint(label.New(label.File, rapid.Uint64Range(0, 3).Draw(t, "cover")))
	case 13:
		k.alias(rapid.SampledFrom(oldCodes).Draw(t, "alias"))
	case 14:
		code := rapid.SampledFrom(append([]label.Code{label.New(label.File, 0), label.New(label.File, 1), file}, oldCodes...)).Draw(t, "code")
		k.scanCode(room, code)
	case 15:
		k.unalias(rapid.SampledFrom(oldCodes).Draw(t, "unalias"))
	case 17:
		k.hold(rapid.SampledFrom([]string{"", room}).Draw(t, "station"), "fin", rapid.Bool().Draw(t, "there"), Texts{LetterField: rapid.SampledFrom([]string{"", "7"}).Draw(t, "letter"), OrderField: rapid.SampledFrom([]string{"", "ds"}).Draw(t, "order")})
	case 18:
		k.resume(rapid.SampledFrom([]string{"", room}).Draw(t, "station"))
	case 20:
		k.layBy(rapid.SampledFrom([]string{"", room}).Draw(t, "station"))
	case 19: // until the date of a hold, or longer
		k.wait(time.Duration(rapid.Int64Range(1, 6).Draw(t, "days")) * 24 * time.Hour)
		k.wake()
	case 16: // the server's clock is set, forward or back
		k.wait(time.Duration(rapid.Int64Range(-5*3600, 5*3600).Draw(t, "set")) * time.Second)
	case 21: // with the cover read before the card, or not
		if rapid.Bool().Draw(t, "cover first") {
			k.scan(room)
			k.wait(5 * time.Second)
		}
		k.shown(room)
	case 22:
		k.back(room)
	case 23:
		k.backHere(room)
	}
}

var oldCodes = []label.Code{"FIN-2019/1", "FIN-2019/2", "FIN-2019/3", "FIN-2019/4", "FIN-2019/5"}

func life(t *rapid.T) *clerk { return lived(t, newClerk()) }

func lived(t *rapid.T, k *clerk) *clerk {
	k.open(rapid.SliceOfN(rapid.SampledFrom(desks), 0, 6).Draw(t, "route")...)
	for range rapid.IntRange(0, 30).Draw(t, "steps") {
		step(t, k)
	}
	return k
}

// Desks keep different hours: those of c work day and night, b's and d's in winter's
// hours, those of e half a world away.
var hours = map[DeskID]calendar.Calendar{"a": cal, "a2": calendar.Always("always"), "b": calendar.QuettaWinter("winter"), "c": calendar.Always("always"), "d": calendar.QuettaWinter("winter"), "e": abroad}

var abroad = func() calendar.Calendar {
	c := calendar.QuettaWinter("abroad")
	c.Offset = -8 * 3600
	return c
}()

// worlds resolves as k does, each desk on its own calendar.
func (k *clerk) worlds() *clerk {
	k.hours = hours
	return k
}

func TestLegsTileTheLife(t *testing.T) {
	all := &Office{Calendars: []calendar.Calendar{abroad, calendar.Always("always"), cal, calendar.QuettaWinter("winter")}}
	rapid.Check(t, func(t *rapid.T) {
		k := lived(t, newClerk().worlds())
		if last := k.state.Leg.Since; last.After(k.now) { // by a clock that was set back
			k.now = last
		}
		spans := Legs(k.entries, all, k.now)
		if !spans[0].Since.Equal(epoch) {
			t.Fatalf("life begins at %v, first leg at %v", epoch, spans[0].Since)
		}
		var wall Seconds
		for i, s := range spans {
			end := s.End
			if i == len(spans)-1 {
				if !end.IsZero() || !s.Same(k.state.Leg) {
					t.Fatalf("last leg %+v, state has %+v", s, k.state.Leg)
				}
				end = k.now
			} else if !end.Equal(spans[i+1].Since) {
				t.Fatalf("leg %d ends at %v, the next begins at %v", i, end, spans[i+1].Since)
			}
			wall += SecondsOf(end.Sub(s.Since))
			want := SecondsOf(hours[s.Place.Desk].Hours().Working(s.Since, end))
			if s.Phase == Ended {
				want = 0
			}
			if s.Worked != want {
				t.Fatalf("leg %d, %s at %s, worked %d s; its calendar has %d", i, s.Phase, s.Place.Desk, s.Worked, want)
			}
			if s.Place.Hours.ID != hours[s.Place.Desk].ID {
				t.Fatalf("leg %d at %s runs on %s", i, s.Place.Desk, s.Place.Hours.ID)
			}
		}
		if want := SecondsOf(k.now.Sub(epoch)); wall != want {
			t.Fatalf("legs sum to %d s, life is %d s", wall, want)
		}
	})
}

func TestAnySequenceLeavesAValidChain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		head, entries, err := Chain(Head{}, file, k.stored)
		if err != nil || head != k.state.Head {
			t.Fatalf("%v; head %v, state %v", err, head, k.state.Head)
		}
		if len(entries) < 2 {
			return
		}
		// Whatever is done to it afterwards is named.
		i := rapid.IntRange(0, len(entries)-1).Draw(t, "at")
		edited := slices.Clone(k.stored)
		e := entries[i]
		e.Station, e.stored = e.Station+"x", nil
		edited[i] = e.Bytes()
		if _, _, err := Chain(Head{}, file, edited); !errors.Is(err, ErrChain) {
			t.Fatalf("an edit at %d passes", i)
		}
		if i < len(entries)-1 {
			if _, _, err := Chain(Head{}, file, slices.Delete(slices.Clone(k.stored), i, i+1)); !errors.Is(err, ErrChain) {
				t.Fatalf("a deletion at %d passes", i)
			}
			swapped := slices.Clone(k.stored)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			if _, _, err := Chain(Head{}, file, swapped); !errors.Is(err, ErrChain) {
				t.Fatalf("a swap at %d passes", i)
			}
		}
		// Case 15: the last entries deleted leave a valid chain with another head.
		if head, _, err := Chain(Head{}, file, k.stored[:len(k.stored)-1]); err != nil || head == k.state.Head {
			t.Fatalf("a cut tail: %v, %v", head, err)
		}
	})
}

// What moved a file is never refused: whoever has the paper would believe that nothing was
// done.
func TestNothingThatMovesIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := newClerk()
		k.open(rapid.SliceOfN(rapid.SampledFrom(desks), 0, 6).Draw(t, "route")...)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			before, n := k.state.Leg, len(k.entries)
			step(t, k)
			if out := k.state.Last; out.Verdict == Refused && len(k.entries) > n && k.entries[n].Command == out.Command && !before.Same(k.state.Leg) {
				t.Fatalf("%s: it was with %s, and is with %s", out.Reason, before.Place.Desk, k.state.Leg.Place.Desk)
			}
		}
	})
}

func TestSameCommandTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		before := k.state
		out := k.wait(time.Hour).do(k.last)
		after := k.state
		if !reflect.DeepEqual(after, before.Confirm(k.head)) {
			t.Fatalf("state changed:\n%+v\n%+v", before, after)
		}
		if out.Command != k.last.Command.ID || out.Verdict != before.Last.Verdict || out.Reason != before.Last.Reason || len(out.Entries) != 0 {
			t.Fatalf("answered %s %s, first %s %s", out.Verdict, out.Reason, before.Last.Verdict, before.Last.Reason)
		}
	})
}

// A dispatcher that lost the form it had sent may resolve the command to another:
// the first one has decided it.
func TestAnotherFormOfADecidedCommandChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		again := k.last
		again.Here, again.To, again.Holder, again.Found, again.Route = place("d"), place("e"), place("b"), nil, route("other", "b")
		carrier.note(look{out: &again}, "other")
		again.Transit, again.Taken, again.Unknown, again.Void = 1, !again.Taken, "desk x", true
		before := k.state.Confirm(k.head)
		out := k.wait(time.Hour).do(again)
		after := k.state
		if !reflect.DeepEqual(after, before) || out.Verdict != before.Last.Verdict || out.Reason != before.Last.Reason || len(out.Entries) != 0 {
			t.Fatalf("answered %s %s, first %s %s", out.Verdict, out.Reason, before.Last.Verdict, before.Last.Reason)
		}
	})
}

func TestUndoAfterScanRestores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		k.wait(time.Hour)
		before := k.state
		room := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "room")
		var out Outcome
		if rapid.Bool().Draw(t, "card") {
			out = k.send(room, rapid.SampledFrom(desks).Draw(t, "desk"))
		} else {
			out = k.scan(room)
		}
		moved := !reflect.DeepEqual(before.Leg.Since, k.state.Leg.Since)
		if !moved {
			return
		}
		k.wait(time.Minute)
		if undo := k.undo(room); undo.Verdict != Accepted {
			t.Fatalf("undo of %s: %s", out.Reason, undo.Reason)
		}
		if !reflect.DeepEqual(k.state.Leg, before.Leg) || !k.state.Deadline.Equal(before.Deadline) || k.state.Missing != before.Missing ||
			!reflect.DeepEqual(used(k.state), used(before)) || k.state.Path != before.Path {
			t.Fatalf("after undo of %s:\n%+v\n%+v", out.Reason, before, k.state)
		}
	})
}

func used(s State) map[DeskID]Seconds {
	m := map[DeskID]Seconds{}
	for _, b := range s.Balances {
		m[b.Desk] = b.Consumed
	}
	return m
}

func TestSnapshotIsSmallAndWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		b, err := json.Marshal(k.state.Confirm(k.head))
		if err != nil || len(b) > MaxState {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		var back State
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		again, _ := json.Marshal(back)
		if string(again) != string(b) {
			t.Fatalf("does not survive JSON:\n%s\n%s", b, again)
		}
	})
}

func TestCheck(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Hour).scan("a")
	next := k.resolve(Command{Kind: Scan}, place("a"), nil)
	for _, tt := range []struct {
		name  string
		state func(State) State
		c     func(Resolved) Resolved
		head  Head
		want  error
	}{
		{"next", nil, nil, k.head, nil},
		{"behind by the last command", nil, nil, Head{Revision: 1, Hash: k.entries[0].Hash}, nil},
		{"without what it relies on", nil, func(r Resolved) Resolved { here := *r.Here; here.Hours.Digest = "00"; r.Here = &here; return r }, k.head, ErrContents},
		{"gap before it is opened", func(s State) State { return Begin(s.File) }, func(r Resolved) Resolved { r.Seq += 9; return r }, Head{}, nil},
		{"gap", nil, func(r Resolved) Resolved { r.Seq++; return r }, k.head, ErrSequence},
		{"older", nil, func(r Resolved) Resolved { r.Seq -= 2; return r }, k.head, ErrSequence},
		{"another command with the last seq", nil, func(r Resolved) Resolved { r.Seq--; return r }, k.head, ErrSequence},
		{"another file", nil, func(r Resolved) Resolved { r.Command.Code = label.New(label.File, 7); return r }, k.head, ErrSequence},
		{"ledger rewritten", nil, nil, Head{Revision: k.head.Revision, Hash: "00"}, ErrDiverged},
		{"ledger ahead", nil, nil, Head{Revision: k.head.Revision + 1, Hash: k.head.Hash}, ErrDiverged},
		{"ledger emptied", nil, nil, Head{}, ErrDiverged},
	} {
		s, c := k.state, next
		if tt.state != nil {
			s = tt.state(s)
		}
		if tt.c != nil {
			c = tt.c(c)
		}
		if err := s.Check(c, relied, tt.head); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}
