package custody

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harkara/internal/label"
)

var (
	second = label.New(label.File, 2)
	third  = label.New(label.File, 3)
)

const oldCode = label.Code("FIN-2019/0123")

func TestCovers(t *testing.T) {
	move := func(k *clerk) { k.send("a", "b"); k.wait(time.Minute).scan("b") }
	for _, tt := range []struct {
		name    string
		life    func(k *clerk)
		act     func(k *clerk) Outcome
		verdict Verdict
		reason  Reason
		cover   label.Code
	}{
		{"reprint before it moved", nil, func(k *clerk) Outcome { return k.reprint(second) }, Accepted, Reprinted, ""},
		{
			"seen where it began is not moved", func(k *clerk) { k.wait(time.Hour).scan("a") },
			func(k *clerk) Outcome { return k.reprint(second) }, Accepted, Reprinted, "",
		},
		{"reprint after it moved", move, func(k *clerk) Outcome { return k.reprint(second) }, Accepted, Relabelled, second},
		{
			"undone is moved all the same", func(k *clerk) { k.send("a", "b"); k.wait(time.Second).undo("a") },
			func(k *clerk) Outcome { return k.reprint(second) }, Accepted, Relabelled, second,
		},
		{
			"again before it moved in it", func(k *clerk) { move(k); k.reprint(second) },
			func(k *clerk) Outcome { return k.reprint(third) }, Accepted, Reprinted, second,
		},
		{
			"twice", func(k *clerk) { move(k); k.reprint(second); k.wait(time.Hour).scanCode("c", second) },
			func(k *clerk) Outcome { return k.reprint(third) }, Accepted, Relabelled, third,
		},
		{
			"an older scan told late is not the new cover's", func(k *clerk) {
				move(k)
				k.wait(time.Hour).reprint(second)
				k.wait(time.Minute)
				k.do(k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: k.now.Add(-2 * time.Minute)}}, place("c"), nil))
			},
			func(k *clerk) Outcome { return k.reprint(third) }, Accepted, Reprinted, second,
		},
		{"closed", func(k *clerk) { k.plain(Close, nil) }, func(k *clerk) Outcome { return k.reprint(second) }, Accepted, Relabelled, second},
		{"a code that is another file's", move, func(k *clerk) Outcome {
			r := k.resolve(Command{Kind: Reprint, With: Printing{Cover: second}, Reason: "torn"}, nil, nil)
			r.Taken = true
			return k.do(r)
		}, Refused, CoverTaken, ""},

		{
			"scan of the new cover", func(k *clerk) { move(k); k.reprint(second); k.wait(time.Hour) },
			func(k *clerk) Outcome { return k.scanCode("c", second) }, Accepted, Inferred, second,
		},
		{
			"scan of the old cover", func(k *clerk) { move(k); k.reprint(second); k.wait(time.Hour) },
			func(k *clerk) Outcome { return k.scan("c") }, Refused, OldCover, second,
		},
		{
			"old cover with a card", func(k *clerk) { move(k); k.reprint(second); k.wait(time.Hour) },
			func(k *clerk) Outcome { return k.send("b", "c") }, Refused, OldCover, second,
		},
		{
			"old cover of a closed file", func(k *clerk) { move(k); k.reprint(second); k.plain(Close, nil); k.wait(time.Hour) },
			func(k *clerk) Outcome { return k.scan("c") }, Refused, OldCover, second,
		},
		{
			"scanned while it was new, told later", func(k *clerk) { move(k); k.wait(time.Hour).reprint(second); k.wait(time.Hour) },
			func(k *clerk) Outcome {
				return k.do(k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: k.now.Add(-90 * time.Minute)}}, place("c"), nil))
			}, Accepted, Inferred, second,
		},
		{
			"a code that was never printed", func(k *clerk) { k.reprint(second); k.wait(time.Hour) },
			func(k *clerk) Outcome { return k.scanCode("c", second) }, Refused, NotRegistered, "",
		},

		{"alias", nil, func(k *clerk) Outcome { return k.alias(oldCode) }, Accepted, Aliased, ""},
		{"alias again", func(k *clerk) { k.alias(oldCode) }, func(k *clerk) Outcome { return k.alias(oldCode) }, Ticked, Aliased, ""},
		{"alias of another file", nil, func(k *clerk) Outcome {
			r := k.resolve(Command{Kind: Alias, With: Aliasing{Cover: oldCode}}, nil, nil)
			r.Taken = true
			return k.do(r)
		}, Refused, CoverTaken, ""},
		{"one alias too many", func(k *clerk) {
			for i := range maxAliases {
				k.alias(oldCodes[i])
			}
		}, func(k *clerk) Outcome { return k.alias(oldCode) }, Refused, CoversFull, ""},
		{
			"scan of an old cover that is registered", func(k *clerk) { k.alias(oldCode); k.wait(time.Hour) },
			func(k *clerk) Outcome { return k.scanCode("b", oldCode) }, Accepted, Inferred, "",
		},
		{
			"retired with the cover", func(k *clerk) { k.alias(oldCode); move(k); k.reprint(second); k.wait(time.Hour) },
			func(k *clerk) Outcome { return k.scanCode("c", oldCode) }, Refused, OldCover, second,
		},
		{
			"scanned before it was retired, told later", func(k *clerk) { k.alias(oldCode); move(k); k.wait(time.Hour).reprint(second); k.wait(time.Hour) },
			func(k *clerk) Outcome {
				return k.do(k.resolve(Command{Kind: Scan, Method: ByQR, Code: oldCode, At: Stamp{Wall: k.now.Add(-90 * time.Minute)}}, place("c"), nil))
			}, Accepted, Inferred, second,
		},
		{
			"and not registered again", func(k *clerk) { k.alias(oldCode); move(k); k.reprint(second) },
			func(k *clerk) Outcome { return k.alias(oldCode) }, Refused, OldCover, second,
		},
		{
			"scan of what was refused", func(k *clerk) {
				for i := range maxAliases {
					k.alias(oldCodes[i])
				}
				k.alias(oldCode)
			},
			func(k *clerk) Outcome { return k.scanCode("b", oldCode) }, Refused, NotRegistered, "",
		},

		{"unalias", func(k *clerk) { k.alias(oldCode) }, func(k *clerk) Outcome { return k.unalias(oldCode) }, Accepted, Unaliased, ""},
		{"unalias what is not registered", nil, func(k *clerk) Outcome { return k.unalias(oldCode) }, Refused, NotRegistered, ""},
		{"twice unaliased", func(k *clerk) { k.alias(oldCode); k.unalias(oldCode) }, func(k *clerk) Outcome { return k.unalias(oldCode) }, Refused, NotRegistered, ""},
		{
			"unalias what is retired", func(k *clerk) { k.alias(oldCode); move(k); k.reprint(second) },
			func(k *clerk) Outcome { return k.unalias(oldCode) }, Accepted, Unaliased, second,
		},
		{
			"scan of what was unaliased", func(k *clerk) { k.alias(oldCode); k.unalias(oldCode) },
			func(k *clerk) Outcome { return k.scanCode("b", oldCode) }, Refused, NotRegistered, "",
		},
		{
			"and scanned before, told later", func(k *clerk) { k.alias(oldCode); move(k); k.wait(time.Hour).reprint(second); k.unalias(oldCode) },
			func(k *clerk) Outcome {
				return k.do(k.resolve(Command{Kind: Scan, Method: ByQR, Code: oldCode, At: Stamp{Wall: k.now.Add(-time.Minute)}}, place("c"), nil))
			}, Refused, NotRegistered, second,
		},
		{
			"unaliased and registered again", func(k *clerk) { k.alias(oldCode); k.unalias(oldCode); k.alias(oldCode) },
			func(k *clerk) Outcome { return k.scanCode("b", oldCode) }, Accepted, Inferred, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newClerk()
			k.open()
			if tt.life != nil {
				tt.life(k)
			}
			before := k.state.Leg
			out := tt.act(k)
			if out.Verdict != tt.verdict || out.Reason != tt.reason || out.Position.Cover != tt.cover {
				t.Errorf("%s %s, cover %q; want %s %s, %q", out.Verdict, out.Reason, out.Position.Cover, tt.verdict, tt.reason, tt.cover)
			}
			if moved := !slices.Contains([]Reason{Inferred}, out.Reason); moved && !sameLeg(before, k.state.Leg) {
				t.Errorf("%s moved the file to %s", out.Reason, k.state.Leg.Place.Desk)
			}
			if entry := k.entries[len(k.entries)-1]; (out.Reason == OldCover || out.Reason == NotRegistered) && entry.Seen != "" {
				t.Errorf("an old cover was taken for the paper: seen in %s", entry.Seen)
			}
			if head, _, err := Chain(Head{}, file, k.stored); err != nil || head != k.state.Head {
				t.Errorf("chain: %v", err)
			}
		})
	}
}

func sameLeg(a, b Leg) bool {
	return a.Since.Equal(b.Since) && a.Phase == b.Phase && a.Place == b.Place
}

// Entries tell which code was read, printed or registered, where it is not the
// file's first.
func TestEntriesNameCovers(t *testing.T) {
	k := newClerk()
	k.open()
	k.alias(oldCode)
	k.wait(time.Hour).scanCode("b", oldCode)
	k.reprint(second)
	k.wait(time.Hour).scanCode("c", second)
	k.wait(time.Hour).scan("d")
	var got []label.Code
	for _, e := range k.entries {
		got = append(got, e.Cover)
	}
	if want := []label.Code{"", oldCode, oldCode, second, second, ""}; !slices.Equal(got, want) {
		t.Errorf("covers %q, want %q", got, want)
	}
}

// Whatever happened: a code that is not the file's moves nothing.
func TestOnlyThePresentCoverMoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := life(t)
		if f := k.state.Former; f != nil && f.Until.After(k.now) { // reprinted by a clock that was set back
			k.now = f.Until
		}
		k.wait(time.Hour)
		before := k.state
		codes := append([]label.Code{file, label.New(label.File, 0), label.New(label.File, 1)}, oldCodes...)
		code := rapid.SampledFrom(codes).Draw(t, "code")
		out := k.scanCode("d", code)
		current := code == before.cover() || slices.Contains(before.Aliases, code)
		ever := code == file || Covers(k.entries)[code] > 0
		if (!current && ever) != (out.Reason == OldCover) || !ever != (out.Reason == NotRegistered) {
			t.Fatalf("%q is %v, was ever %v, and was answered %s", code, current, ever, out.Reason)
		}
		if !current && !sameLeg(before.Leg, k.state.Leg) {
			t.Fatalf("%q moved the file", code)
		}
	})
}

func TestValidateCovers(t *testing.T) {
	good := Command{ID: "00000000-0000-0000-0000-000000000001", Kind: Scan, Code: file, Station: "s"}
	for _, tt := range []struct {
		name string
		with func(c *Command)
		ok   bool
	}{
		{"scan of ours", func(*Command) {}, true},
		{"scan of a foreign code", func(c *Command) { c.Code = oldCode }, true},
		{"foreign, not in its form", func(c *Command) { c.Code = "fin-2019/0123" }, false},
		{"a desk card is no cover", func(c *Command) { c.Code = label.New(label.Desk, 1) }, false},
		{"undo by a foreign code", func(c *Command) { c.Kind, c.Code = Undo, oldCode }, true},
		{"close by a foreign code", func(c *Command) { c.Kind, c.Code = Close, oldCode }, false},
		{"reprint", func(c *Command) { c.Kind, c.With, c.Reason = Reprint, Printing{second}, "torn" }, true},
		{"reprint without a reason", func(c *Command) { c.Kind, c.With = Reprint, Printing{second} }, false},
		{"reprint with its own code", func(c *Command) { c.Kind, c.With, c.Reason = Reprint, Printing{file}, "torn" }, false},
		{"reprint with a badge's code", func(c *Command) { c.Kind, c.With, c.Reason = Reprint, Printing{label.New(label.Badge, 1)}, "torn" }, false},
		{"reprint with a foreign code", func(c *Command) { c.Kind, c.With, c.Reason = Reprint, Printing{oldCode}, "torn" }, false},
		{"alias", func(c *Command) { c.Kind, c.With = Alias, Aliasing{oldCode} }, true},
		{"unalias", func(c *Command) { c.Kind, c.With, c.Reason = Unalias, Unaliasing{oldCode}, "wrong" }, true},
		{"unalias without a reason", func(c *Command) { c.Kind, c.With = Unalias, Unaliasing{oldCode} }, false},
		{"unalias of a code of ours", func(c *Command) { c.Kind, c.With, c.Reason = Unalias, Unaliasing{second}, "wrong" }, false},
		{"alias that is a code of ours", func(c *Command) { c.Kind, c.With = Alias, Aliasing{second} }, false},
		{"alias not in its form", func(c *Command) { c.Kind, c.With = Alias, Aliasing{"fin 1"} }, false},
		{"alias as long as a page", func(c *Command) { c.Kind, c.With = Alias, Aliasing{label.Code(strings.Repeat("A", 4000))} }, false},
	} {
		c := good
		tt.with(&c)
		if err := c.Validate(); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
