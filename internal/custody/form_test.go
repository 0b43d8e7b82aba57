package custody

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"harkara/internal/label"
)

var update = flag.Bool("update", false, "write the golden files of the forms as this program stores them")

// everything is a life in which something of every kind happens, with the commands of it.
func everything() (k *clerk, commands []Resolved, decisions []Decision) {
	k = newClerk()
	do := func(r Resolved) {
		k.look(&r)
		k.state = k.state.Confirm(k.head)
		commands = append(commands, r)
		decisions = append(decisions, k.rules.Decide(k.state, r, relied, k.now))
		k.do(r)
		k.wait(7 * time.Minute)
	}
	words := func(c Command, texts Texts) Resolved {
		r := k.resolve(c, nil, nil)
		r.Words = Digests{}
		for field, text := range texts {
			r.Words[field] = Word{Salt: "000102030405060708090a0b0c0d0e0f", Text: text}.Digest(r.Command.ID, field)
		}
		return r
	}
	open := words(Command{Kind: Open, With: Opening{Department: "fin", Route: "r"}}, Texts{NumberField: "SO(B) 1/2025", SubjectField: "سڑک"})
	open.Command.Station, open.Here, open.Route, open.Office = "at-a", place("a"), route("r", "a", "b", "c"), 17
	do(open)
	scan := func(room string, c Context) Resolved {
		r := k.resolve(Command{Kind: Scan, Method: ByQR, With: c}, place(room), nil)
		r.Office = 17
		return r
	}
	do(scan("b", Context{}))
	do(scan("b", Context{Onward: true}))
	do(k.resolve(Command{Kind: Undo}, place("b"), nil))
	sent := scan("b", Context{Desk: label.New(label.Desk, 1)})
	sent.To = place("d")
	do(sent)
	taken := scan("b", Context{Runner: label.New(label.Badge, 1)})
	carrier.note(look{out: &taken}, runner)
	do(taken)
	do(scan("c", Context{}))
	do(words(Command{Kind: Missing}, Texts{ReasonField: "not in the almirah"}))
	do(scan("c", Context{}))
	do(k.resolve(Command{Kind: Mark, With: Marking{Desk: "e"}}, nil, place("e")))
	k.wait(3 * time.Hour)
	do(k.waker())
	waits := words(Command{Kind: Hold, With: Holding{For: "fin"}}, Texts{LetterField: "7/2025", ReasonField: "their advice"})
	waits.await(finance(false))
	do(waits)
	k.wait(7 * 24 * time.Hour)
	do(k.waker())
	again := words(Command{Kind: Hold, With: Holding{For: "fin", Until: "2025-06-20"}}, Texts{OrderField: "DS"})
	again.await(finance(true))
	do(again)
	do(k.resolve(Command{Kind: LayBy, Method: ByQR}, place("c"), nil))
	do(k.resolve(Command{Kind: Resume}, nil, nil))
	do(words(Command{Kind: Classify, With: Classification{Class: Secret.Name()}}, Texts{WhoField: "gul", ReasonField: "an order"}))
	do(words(Command{Kind: Amend, With: Naming{}}, Texts{NumberField: "SO(B) 2/2025", ReasonField: "a slip"}))
	do(k.resolve(Command{Kind: Alias, With: Aliasing{Cover: oldCodes[0]}}, nil, nil))
	do(k.resolve(Command{Kind: Reprint, With: Printing{Cover: label.New(label.File, 7)}}, nil, nil))
	correct := words(Command{Kind: Correct, With: Correction{Desk: "d"}}, Texts{ReasonField: "seen there"})
	correct.To = place("d")
	do(correct)
	typed := k.resolve(Command{Kind: Scan, Method: ByTyped, Code: label.New(label.File, 7)}, place("a"), nil)
	do(typed)
	void := words(Command{Kind: Scan}, Texts{VoidReasonField: "poison"})
	void.By = Actor{Person: "gul", Proof: ByConsole}
	void.Void = true
	do(void)
	do(words(Command{Kind: Close}, Texts{ReasonField: "disposed of"}))
	do(k.resolve(Command{Kind: Reopen}, nil, nil))
	return k, commands, decisions
}

// golden compares with a file, or writes it.
func golden(t *testing.T, name string, got []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", "forms", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func lines[T any](forms []T, stored func(T) []byte) []byte {
	var b bytes.Buffer
	for _, f := range forms {
		b.Write(stored(f))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func split(text []byte) [][]byte {
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
}

// What any program has stored is read for ever, and means what it meant: a chain of each
// version comes to its state, and this program writes its own version as it always did.
func TestStoredForms(t *testing.T) {
	k, commands, decisions := everything()
	for v := 1; v <= EntryVersion; v++ {
		chain := golden(t, fmt.Sprintf("chain.v%d.jsonl", v), lines(k.entries, Entry.Bytes))
		state := golden(t, fmt.Sprintf("chain.v%d.state.json", v), storedJSON(told(k.state)))
		_, entries, err := Chain(Head{}, file, split(chain))
		if err != nil {
			t.Fatal(err)
		}
		if got := storedJSON(told(Replay(file, entries))); !bytes.Equal(got, state) {
			t.Errorf("entries of version %d come to\n%s\nthey came to\n%s", v, got, state)
		}
		if v == EntryVersion && !bytes.Equal(chain, lines(k.entries, Entry.Bytes)) {
			t.Error("entries are written in another way, or the rules decide otherwise: raise EntryVersion if it is the form, else -update")
		}
	}
	for v := 1; v <= StateVersion; v++ {
		stored := golden(t, fmt.Sprintf("state.v%d.json", v), storedJSON(k.state))
		var s State
		if err := json.Unmarshal(stored, &s); err != nil || s.Version != v || s.Check(k.last, relied, s.Head) != nil {
			t.Errorf("state of version %d: %+v, %v", v, s, err)
		}
		if v == StateVersion && !bytes.Equal(storedJSON(s), stored) {
			t.Errorf("state of version %d is written as\n%s\nit was\n%s", v, storedJSON(s), stored)
		}
	}
	for v := 1; v <= ResolvedVersion; v++ {
		for _, stored := range split(golden(t, fmt.Sprintf("resolved.v%d.jsonl", v), lines(commands, Resolved.Bytes))) {
			r, err := ReadResolved(stored)
			if err != nil || v == ResolvedVersion && !bytes.Equal(r.Bytes(), stored) {
				t.Errorf("resolved command of version %d: %v\n%s\n%s", v, err, r.Bytes(), stored)
			}
		}
	}
	for v := 1; v <= DecisionVersion; v++ {
		for _, stored := range split(golden(t, fmt.Sprintf("decision.v%d.jsonl", v), lines(decisions, func(d Decision) []byte { return storedJSON(d) }))) {
			var d Decision
			if err := json.Unmarshal(stored, &d); err != nil || v == DecisionVersion && !bytes.Equal(storedJSON(d), stored) {
				t.Errorf("decision of version %d: %v\n%s\n%s", v, err, storedJSON(d), stored)
			}
		}
	}
	for v := 1; v <= CommandVersion; v++ {
		whole := lines(commands, func(r Resolved) []byte { return r.Command.Bytes() })
		for _, stored := range split(golden(t, fmt.Sprintf("command.v%d.jsonl", v), whole)) {
			c, err := ReadCommand(stored)
			if err != nil || v == CommandVersion && !bytes.Equal(c.Bytes(), stored) {
				t.Errorf("command of version %d: %v\n%s\n%s", v, err, c.Bytes(), stored)
			}
		}
	}
}

// What a newer station or program asks is not half understood.
func TestReadCommand(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		newer      bool
	}{
		{"a key that is new", `{"kind":"close","colour":"red"}`, false},
		{"a version that is new", `{"v":99,"kind":"close"}`, true},
		{"a kind that is new", `{"kind":"levitate"}`, true},
	} {
		c, err := ReadCommand([]byte(tt.body))
		if (err != nil) != tt.newer {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
	}
}
