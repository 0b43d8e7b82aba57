package gesture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harkara/internal/label"
)

// step is one read of a row of the table; its id is its place in the row.
type step struct {
	At     int64     `json:"at"` // ms
	Text   string    `json:"text"`
	Method string    `json:"method"` // empty: wedge
	Boot   string    `json:"boot"`
	Says   Feedback  `json:"says"`
	Gives  []Command `json:"gives"`
}

// The table is what web/kiosk/static/gesture.js obeys too.
func TestTable(t *testing.T) {
	raw, err := os.ReadFile("testdata/table.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Name  string `json:"name"`
		Steps []step `json:"steps"`
	}
	var tidy bytes.Buffer
	if err := json.Compact(&tidy, raw); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(tidy.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			var s State
			for i, st := range row.Steps {
				read := Read{ID: fmt.Sprint(i + 1), Text: st.Text, Method: st.Method, At: time.Duration(st.At) * time.Millisecond, Boot: st.Boot}
				if read.Method == "" {
					read.Method = "wedge"
				}
				var gives []Command
				var says Feedback
				s, gives, says = Step(spooled(t, s), read)
				if says != st.Says {
					t.Errorf("step %d says %q, want %q", i+1, says, st.Says)
				}
				if len(gives)+len(st.Gives) > 0 && !reflect.DeepEqual(gives, st.Gives) {
					t.Errorf("step %d gives %+v, want %+v", i+1, gives, st.Gives)
				}
			}
		})
	}
}

// spooled is a state that went through the station's spool.
func spooled(t interface{ Fatal(...any) }, s State) State {
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again State
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Fatal(err)
	}
	if again != s {
		t.Fatal("a state changed in the spool:", s, again)
	}
	return again
}

// Whatever is read: a command is about a file, has its read's id and one card at
// most; a context is used only while it is open; undo names an act that was given
// and no other undid.
func TestStepProperties(t *testing.T) {
	const old = "FIN-2019/0123"
	codes := []string{old, "", "12345678901234"}
	for _, card := range label.Commands() {
		codes = append(codes, string(card.Code))
	}
	for i := range uint64(3) {
		for _, kind := range label.Kinds {
			codes = append(codes, string(label.New(kind, 1000+i)))
		}
	}
	opened := map[Feedback]bool{} // by what a card says: whether it is open then
	for _, g := range label.Gestures {
		if !g.Undo && !g.Idle {
			opened[Feedback(g.Says)] = g.Kind != ""
		}
		if g.Then != "" {
			opened[Feedback(g.Then)] = true
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var s State
		var at, lastCard time.Duration
		given, undone := map[string]label.Code{}, map[string]bool{}
		boot := 0
		for i := range rapid.IntRange(1, 60).Draw(t, "reads") {
			at += time.Duration(rapid.Int64Range(0, int64(25*time.Second)).Draw(t, "gap"))
			if rapid.IntRange(0, 20).Draw(t, "power") == 0 {
				boot++
				at, lastCard = 0, -Lasts
			}
			read := Read{ID: fmt.Sprint(i), Text: rapid.SampledFrom(codes).Draw(t, "code"), Method: "wedge", At: at, Boot: fmt.Sprint(boot)}
			next, commands, what := Step(spooled(t, s), read)
			s = next
			switch opens, card := opened[what]; {
			case opens:
				lastCard = at
			case card:
				lastCard = -Lasts
			}
			if len(commands) > 1 {
				t.Fatal("more than one command of a read")
			}
			for _, c := range commands {
				if c.ID != read.ID || c.Code.Kind() != label.File && c.Code != old {
					t.Fatalf("%+v of %+v", c, read)
				}
				if n := fields(c); n > 1 || n == 1 && at-lastCard >= Lasts {
					t.Fatalf("%+v, %v after the card", c, at-lastCard)
				} else if n == 1 {
					lastCard = at
				}
				if c.Kind == "undo" {
					if given[act(c)] != c.Code || undone[act(c)] {
						t.Fatalf("%+v takes back what was not there", c)
					}
					undone[act(c)] = true
				} else {
					given[c.ID] = c.Code
				}
			}
			if again, _, _ := Step(s, Read{Text: "no label\x00", At: at, Boot: read.Boot}); again != s {
				t.Fatal("rubbish changed the state")
			}
		}
	})
}

// fields is how many things a command says by a card: beside a scan, or by its kind.
func fields(c Command) int {
	switch {
	case c.Kind != Scan && c.Kind != "undo":
		return 1
	case c.Kind != Scan || c.With == "":
		return 0
	}
	var with map[string]any
	if err := json.Unmarshal([]byte(c.With), &with); err != nil {
		panic(err)
	}
	return len(with)
}

// act is the one that an undo takes back.
func act(c Command) string {
	var with struct{ Act string }
	if err := json.Unmarshal([]byte(c.With), &with); err != nil {
		panic(err)
	}
	return with.Act
}

func FuzzStep(f *testing.F) {
	f.Add(string(label.Onward), int64(0), "", int64(0))
	f.Add(string(label.New(label.File, 1)), int64(1), string(label.Undo), int64(2))
	f.Fuzz(func(t *testing.T, first string, at int64, second string, later int64) {
		s, _, _ := Step(State{}, Read{ID: "1", Text: first, At: time.Duration(at)})
		_, commands, _ := Step(spooled(t, s), Read{ID: "2", Text: second, At: time.Duration(later)})
		for _, c := range commands {
			form, err := label.Foreign(string(c.Code))
			if err != nil || form != c.Code {
				form, err = label.Check(string(c.Code))
			}
			if err != nil || form != c.Code || c.ID != "2" {
				t.Fatalf("%+v, %v", c, err)
			}
		}
	})
}

// Whatever is read, there is an answer to it, unless it gave a command.
func TestEveryReadIsAnswered(t *testing.T) {
	texts := []string{"FIN-2019/0123", "", "12345678901234"}
	for _, kind := range label.Kinds {
		texts = append(texts, string(label.New(kind, 1000)))
	}
	for _, g := range label.Commands() {
		texts = append(texts, string(g.Code))
	}
	rapid.Check(t, func(t *rapid.T) {
		var s State
		for i, text := range rapid.SliceOfN(rapid.SampledFrom(texts), 1, 20).Draw(t, "reads") {
			next, commands, says := Step(s, Read{ID: fmt.Sprint(i), Text: text, Method: "wedge", At: time.Duration(i) * time.Second})
			if _, answered := Answers[says]; !answered && len(commands) == 0 {
				t.Fatalf("%s says %s, which has no answer", text, says)
			}
			s = next
		}
	})
}
