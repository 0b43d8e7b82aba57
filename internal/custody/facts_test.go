package custody

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// told is a state as far as entries say it: what leaves none is the inbox's.
func told(s State) State {
	s.Seq, s.Last, s.Unconfirmed, s.Untold = 0, nil, nil, nil
	return s
}

// same compares states as they are stored: what is empty and what is absent is one.
func same(t interface{ Fatalf(string, ...any) }, what string, a, b State) {
	if x, y := string(storedJSON(a)), string(storedJSON(b)); x != y {
		t.Fatalf("%s:\n%s\n%s", what, x, y)
	}
}

// Whatever happens to a file, and however the rules change meanwhile, its entries by
// themselves come to the state that its workflow is in.
func TestEntriesAreTheState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := newClerk()
		if rapid.Bool().Draw(t, "hours") {
			k.worlds()
		}
		k.open(rapid.SliceOfN(rapid.SampledFrom(desks), 0, 6).Draw(t, "route")...)
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			k.rules.SeenAgain = time.Duration(rapid.IntRange(0, 60).Draw(t, "seen again")) * time.Minute
			k.abolished = rapid.SampledFrom([]DeskID{"", "", "a", "b", "c"}).Draw(t, "abolished")
			if rapid.Bool().Draw(t, "another route") {
				k.route = route("r", rapid.SliceOfN(rapid.SampledFrom(desks), 0, 6).Draw(t, "stops")...)
			}
			k.rules.ReturnFloor = Seconds(rapid.IntRange(0, 7200).Draw(t, "floor"))
			step(t, k)
			same(t, "entries and state", told(Replay(file, k.entries)), told(k.state))
		}
		_, stored, err := Chain(Head{}, file, k.stored)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "stored entries and state", told(Replay(file, stored)), told(k.state))
	})
}

// A decision changes nothing, and what it says is all that changes.
func TestDecideChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		k.wait(time.Minute)
		r := k.resolve(Command{Kind: Scan, Method: ByQR}, place(rapid.SampledFrom(desks).Draw(t, "desk")), nil)
		k.look(&r)
		s := k.state.Confirm(k.head)
		before := string(storedJSON(s))
		d := k.rules.Decide(s, r, relied, k.now)
		if after := string(storedJSON(s)); after != before {
			t.Fatalf("deciding changed the state:\n%s\n%s", before, after)
		}
		once, again := s.Take(d, r.Seq), s.Take(d, r.Seq)
		same(t, "taken twice", once, again)
	})
}

// What a card sends onward goes where the file goes once the room has it.
func TestOnwardIsTheNextStop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		k.wait(time.Hour)
		arrived := *k
		room := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "room")
		p := k.state.Position()
		if p.Phase == Ended || p.Phase == Transit && p.Room == room1(room) && p.ToRoom != room1(room) {
			return
		}
		out := k.onward(room)
		if p.Phase != Held || p.Room != room1(room) {
			arrived.scan(room)
		}
		want := arrived.state.Path.Next.Desk
		got := out.Position.Desk
		if out.Position.Phase == Transit {
			got = out.Position.To
		}
		switch {
		case out.Reason == OldCover || out.Reason == NotRegistered || out.Reason == Late:
		case want == "" && got != arrived.state.Leg.Place.Desk:
			t.Fatalf("no next stop, but %s to %s", out.Reason, got)
		case want != "" && got != want:
			t.Fatalf("%s to %s, the next stop is %s", out.Reason, got, want)
		}
	})
}

func room1(room string) RoomID { return RoomID(room) }

// A route that was changed is followed as it is: the file finds its place on it by the
// desk, and what desks have used counts for their stops there.
func TestChangedRoute(t *testing.T) {
	k := newClerk()
	k.open("a", "b", "c")
	k.wait(30 * time.Minute).scan("b")
	k.wait(40*time.Minute).send("b", "a")
	k.route = route("r", "e", "a", "d", "b", "c", "a")
	if out := k.wait(time.Minute).scan("a"); out.Position.Consumed != 1800 || out.Position.Next != "c" {
		t.Errorf("back at a: %d s used, next %s", out.Position.Consumed, out.Position.Next)
	}
	if out := k.wait(time.Minute).scan("b"); out.Position.Consumed != 2400 || out.Position.Next != "c" {
		t.Errorf("back at b: %d s used, next %s", out.Position.Consumed, out.Position.Next)
	}
	if out := k.wait(time.Minute).onward("b"); out.Position.To != "c" {
		t.Errorf("onward to %s", out.Position.To)
	}
}

// A station that scans twice and then undoes names its second scan, which was a tick: it
// means the act that the tick repeated.
func TestUndoNamesATick(t *testing.T) {
	k := newClerk()
	k.open()
	first := k.wait(time.Hour).scan("b")
	again := k.wait(5 * time.Second).scan("b")
	if again.Verdict != Ticked {
		t.Fatal(again.Reason)
	}
	r := k.wait(time.Second).resolve(Command{Kind: Undo, With: Undoes{Act: again.Command}}, place("b"), nil)
	r.Act = first.Command
	if out := k.do(r); out.Reason != Undone || out.Position.Desk != "a" {
		t.Errorf("%s, at %s", out.Reason, out.Position.Desk)
	}
}

// A file that was closed at a desk which is no more is reopened at one that is: nobody
// would be charged, and no clock would run, at the old one.
func TestReopenWhereTheDeskIsNoMore(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(time.Hour).plain(Close, nil)
	k.abolished = "a"
	out := k.wait(time.Hour).plain(Reopen, nil)
	if out.Reason != NoSuchPlace || k.state.Leg.Phase != Ended || out.Entries[0].Unknown != "desk a" {
		t.Fatalf("%s, %s until %v, wakes at %v", out.Reason, k.state.Leg.Phase, k.state.Deadline, k.state.Wake)
	}
	if out := k.plain(Reopen, place("b")); out.Reason != Reopened || out.Position.Desk != "b" || out.Position.Wake.IsZero() {
		t.Errorf("%s at %s, wakes at %v", out.Reason, out.Position.Desk, out.Position.Wake)
	}
}

// An undo after the route was changed counts what its desk has used once.
func TestUndoOnAChangedRoute(t *testing.T) {
	k := newClerk()
	k.open("a", "c")
	k.wait(20 * time.Minute).scan("b")
	k.wait(20 * time.Minute).scan("a") // resumes
	k.wait(20*time.Minute).send("a", "c")
	k.route = route("r", "e", "a", "c")
	if out := k.wait(time.Minute).undo("a"); out.Reason != Undone || out.Position.Next != "c" || k.state.Leg.Stop != 2 {
		t.Fatalf("%s, at stop %d, next %s", out.Reason, k.state.Leg.Stop, out.Position.Next)
	}
	k.wait(time.Minute).scan("b")
	if got, want := k.state.Balances, []Balance{{0, "b", 1200}, {2, "a", 42 * 60}}; !slices.Equal(got, want) {
		t.Errorf("used %v, want %v", got, want)
	}
}

// What a newer program has added to an entry is carried by one that does not know it.
func TestEntriesAreCarriedAsTheyAre(t *testing.T) {
	k := newClerk()
	k.open()
	e := k.entries[0]
	open := strings.Replace(string(e.stored), `"v":1,`, `"v":1,"weather":"snow & <wind>",`, 1)
	open = strings.TrimSuffix(open, string(hashKey(e.Hash))+"}") + "}"
	var compact json.RawMessage
	if err := json.Unmarshal([]byte(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(open, "&", `\u0026`), "<", `\u003c`), ">", `\u003e`)), &compact); err != nil {
		t.Fatal(err)
	}
	stored := strings.TrimSuffix(string(compact), "}") + string(hashKey(hashOf(compact))) + "}"
	head, entries, err := Chain(Head{}, file, [][]byte{[]byte(stored)})
	if err != nil || head.Revision != 1 {
		t.Fatal(err)
	}
	carried, err := json.Marshal(map[string]any{"entries": entries})
	if err != nil || !strings.Contains(string(carried), stored) {
		t.Errorf("%v\n%s\n%s", err, stored, carried)
	}
	if _, _, err := Chain(Head{}, file, [][]byte{[]byte(strings.Replace(stored, "snow", "rain", 1))}); !errors.Is(err, ErrChain) {
		t.Error("an edit of what this program does not know passes")
	}
}

// A form that a newer program stored is given back, and not misread.
func TestNewerForms(t *testing.T) {
	k := newClerk()
	k.open()
	d := k.rules.Decide(k.state, k.resolve(Command{Kind: Scan}, place("a"), nil), relied, k.now)
	newer := func(form any) []byte { return []byte(strings.Replace(string(storedJSON(form)), `"v":1`, `"v":99`, 1)) }
	if _, err := ReadResolved(newer(k.last)); !errors.Is(err, ErrNewer) {
		t.Errorf("resolved command: %v", err)
	}
	unheard := Resolved{Version: ResolvedVersion, Command: Command{ID: k.last.Command.ID, Kind: "levitate"}}
	if _, err := ReadResolved(unheard.Bytes()); !errors.Is(err, ErrNewer) {
		t.Errorf("resolved command of a kind that is new: %v", err)
	}
	unheard.Void, unheard.Command.Kind = true, "" // all that voiding such a one knows
	if _, err := ReadResolved(unheard.Bytes()); err != nil {
		t.Errorf("voided command of a kind that is new: %v", err)
	}
	if err := json.Unmarshal(newer(d), new(Decision)); !errors.Is(err, ErrNewer) {
		t.Errorf("decision: %v", err)
	}
	for form, raw := range map[string]string{"calendar": `{"v":99,"id":"summer"}`, "route": `{"v":99,"stops":[]}`} {
		k.seq = k.state.Seq
		r := k.resolve(Command{Kind: Scan}, place("a"), nil)
		contents := maps.Clone(relied)
		ref := Ref{ID: "newer", Digest: DigestOf([]byte(raw))}
		contents[ref.Digest] = NewContent([]byte(raw))
		if form == "route" {
			r.Route = ref
		} else {
			r.Here.Hours = ref
		}
		if err := k.state.Check(r, contents, k.head); !errors.Is(err, ErrNewer) {
			t.Errorf("%s that a command relies on: %v", form, err)
		}
	}
	inside := strings.Replace(string(storedJSON(Decision{Version: 1, Entries: k.entries})), `[{"v":1`, `[{"v":99`, 1)
	if err := json.Unmarshal([]byte(inside), new(Decision)); !errors.Is(err, ErrNewer) {
		t.Errorf("entry of a decision: %v", err)
	}
}

// What people typed leaves a command as it goes, and comes back with it.
func TestSplit(t *testing.T) {
	c := Command{Kind: Open, Who: "gul", Reason: "because", With: Opening{Number: "SO(B) 1/2025", Subject: "a road", Department: "fin"}}
	bare, texts := c.Split()
	for _, text := range []string{"gul", "because", "SO(B)", "road"} {
		if strings.Contains(string(storedJSON(bare)), text) {
			t.Errorf("%q stays in the command", text)
		}
	}
	if len(texts) != 4 || !reflect.DeepEqual(bare.Join(texts), c) {
		t.Errorf("%+v\n%+v", bare.Join(texts), c)
	}
	w := Word{Salt: strings.Repeat("0", 32), Text: "gul"}
	one := w.Digest("00000000-0000-0000-0000-000000000001", WhoField)
	for what, other := range map[string]Digest{
		"command": w.Digest("00000000-0000-0000-0000-000000000002", WhoField),
		"field":   w.Digest("00000000-0000-0000-0000-000000000001", ReasonField),
		"salt":    Word{Salt: strings.Repeat("1", 32), Text: "gul"}.Digest("00000000-0000-0000-0000-000000000001", WhoField),
		"text":    Word{Salt: w.Salt, Text: "Gul"}.Digest("00000000-0000-0000-0000-000000000001", WhoField),
	} {
		if other == one {
			t.Errorf("another %s, the same digest", what)
		}
	}
}
