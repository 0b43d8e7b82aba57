package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

// canary is a text that must be found beside commands and nowhere else.
const canary = "کینری-canary-7781"

// What people typed is in two columns beside the command, and in the registry: nothing
// that leaves the ledger on its way to a decision has it.
func TestWordsStandBesideTheirCommands(t *testing.T) {
	o := open(t)
	s, d := o.store, newDecider()
	c := opening(newCode(t))
	c = entitled(c, "N-"+canary, "S-"+canary)
	c.Reason, c.Who = "R-"+canary, "W-"+canary
	put(t, s, c)
	work := lease(t, s, "me", 1)
	if len(work) != 1 || len(work[0].Words) != 5 {
		t.Fatalf("%+v", work)
	}
	out, err := d.decide(work[0])
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%s %s %+v %+v", work[0].Command.Bytes(), out.Entries[0].Bytes(), work, out); strings.Contains(text, canary) {
		t.Errorf("typed text in %s", text)
	}
	if err := record(t.Context(), s, out); err != nil {
		t.Fatal(err)
	}
	for table, columns := range map[string]string{"inbox": "body, outcome, error", "resolved": "body", "entries": "body", "feed": "reason", "notices": "body, detail"} {
		var n int
		if err := s.pool.QueryRow(t.Context(), fmt.Sprintf(`SELECT count(*) FROM (SELECT %s FROM %s) x WHERE x::text LIKE '%%canary%%'`, columns, table)).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows of %s have it, %v", n, table, err)
		}
	}
	words, err := s.Words(t.Context(), c.Code)
	if err != nil || !maps.Equal(words[c.ID].Digests(c.ID), out.Entries[0].Words) || words[c.ID][custody.SubjectField].Text != begun(c).Subject {
		t.Errorf("%+v, %v", words, err)
	}
	for field, w := range words[c.ID] {
		if field == custody.CommandField {
			continue // nobody typed it
		}
		if b, err := hex.DecodeString(w.Salt); err != nil || len(b) != 16 {
			t.Errorf("salt %q", w.Salt)
		}
	}
	if again, err := s.Command(t.Context(), c.ID); err != nil || begun(again).Subject != begun(c).Subject || again.Who != c.Who {
		t.Errorf("%+v, %v", again, err)
	}
	audit(t, s)
}

// A command that comes again is the same by what it says; its first salts stay. What is
// not the same lies in the drawer.
func TestARepeatedCommandKeepsItsSalts(t *testing.T) {
	o := open(t)
	s, d := o.store, newDecider()
	c := opening(newCode(t))
	put(t, s, c)
	first, err := s.Words(t.Context(), c.Code)
	if err != nil {
		t.Fatal(err)
	}
	repeat := func(when string, drawn int) {
		t.Helper()
		if r := put(t, s, c); !r[0].Repeated || r[0].Reused || len(drawer(t, s)) != drawn {
			t.Errorf("%s: %+v, %d in the drawer", when, r, len(drawer(t, s)))
		}
	}
	repeat("stored", 0)
	drain(t, s, d)
	repeat("decided", 0)
	again, err := s.Words(t.Context(), c.Code)
	if err != nil || !maps.EqualFunc(first, again, func(a, b custody.Words) bool { return maps.Equal(a, b) }) {
		t.Errorf("was %v, is %v; %v", first, again, err)
	}
	other := entitled(c, begun(c).Number, "another")
	if r := put(t, s, other); !r[0].Reused || len(drawer(t, s)) != 1 {
		t.Errorf("another subject under its id: %+v", r)
	}
	owner := raw(t, o.url(postgres.Owner))
	if _, err := owner.Exec(t.Context(), `UPDATE inbox SET texts = NULL, salts = NULL`); err != nil {
		t.Fatal(err)
	}
	repeat("weeded", 1)
	if weeded, err := s.Command(t.Context(), c.ID); err != nil || begun(weeded).Subject != "" || begun(weeded).Department != begun(c).Department {
		t.Errorf("%+v, %v", weeded, err)
	}
	bare := scanning(c.Code)
	put(t, s, bare)
	drain(t, s, d)
	said := bare
	said.Reason = "now with a word" // an entry has no digest of that
	if r := put(t, s, said); !r[0].Repeated || len(drawer(t, s)) != 2 {
		t.Errorf("a word that was never said: %+v, %d in the drawer", r, len(drawer(t, s)))
	}
}

// Whatever somebody types is kept, and read as it was digested.
func TestAnyTextIsKept(t *testing.T) {
	s, d := open(t).store, newDecider()
	tb := t
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string, most int) string {
			return string(rapid.SliceOfN(rapid.Byte(), 1, most).Draw(t, name)) + rapid.StringN(0, 20, 40).Draw(t, name)
		}
		c := opening(newCode(tb))
		c = entitled(c, text("number", 50), text("subject", 200))
		c.Reason = text("reason", 200)
		if _, err := s.Put(context.Background(), []custody.Command{c}); err != nil {
			t.Fatal(err)
		}
		words, err := s.Words(context.Background(), c.Code)
		if err != nil || words[c.ID][custody.SubjectField].Text != typed(begun(c).Subject) {
			t.Fatalf("%q became %q, %v", begun(c).Subject, words[c.ID][custody.SubjectField].Text, err)
		}
	})
	drain(t, s, d)
	audit(t, s)
}

// An undo names its station's newest scan, also one that changed nothing: what it takes
// back is the act before that.
func TestUndoNamesAnActByARepeatedScan(t *testing.T) {
	s, d := open(t).store, newDecider()
	code, other := newCode(t), newCode(t)
	act, second, foreign := scanning(code), scanning(code), scanning(other)
	put(t, s, opening(code), opening(other), act, foreign)
	drain(t, s, d)
	settle := func(c custody.Command, verdict custody.Verdict) { // as though it came to that
		t.Helper()
		work := lease(t, s, "me", 1)
		if len(work) != 1 || work[0].Command.ID != c.ID {
			t.Fatalf("%+v", work)
		}
		o := custody.Outcome{Command: c.ID, Seq: work[0].Seq, Verdict: verdict, Reason: custody.SeenAlready, Position: *work[0].Position}
		if err := record(t.Context(), s, o); err != nil {
			t.Fatal(err)
		}
	}
	tick := scanning(code)
	put(t, s, tick)
	settle(tick, custody.Ticked)
	woken := d.states[code].Position().Waker()
	if err := s.Wake(t.Context(), 0, woken); err != nil {
		t.Fatal(err)
	}
	settle(woken, custody.Accepted)
	late := scanning(code)
	put(t, s, late)
	settle(late, custody.Ticked)
	put(t, s, second)
	settle(second, custody.Refused)
	last := scanning(code)
	put(t, s, last)
	settle(last, custody.Ticked)
	unknown := newID()
	for name, tt := range map[string]struct{ named, want custody.CommandID }{
		"the act itself":           {act.ID, act.ID},
		"a tick":                   {tick.ID, act.ID},
		"a tick behind a wake":     {late.ID, act.ID},
		"the wake":                 {woken.ID, act.ID},
		"a refused one":            {second.ID, second.ID},
		"a tick behind a refusal":  {last.ID, act.ID},
		"another file's":           {foreign.ID, foreign.ID},
		"one that was never sent":  {unknown, unknown},
		"none, as an older script": {"", ""},
	} {
		undo := scanning(code)
		undo.Kind, undo.With = custody.Undo, custody.Undoes{Act: tt.named}
		work := []Work{{Command: undo, File: code}}
		if err := s.lookUpActs(t.Context(), work); err != nil || work[0].Act != tt.want {
			t.Errorf("%s: %s, want %s; %v", name, work[0].Act, tt.want, err)
		}
	}
	undo := scanning(code)
	undo.Kind, undo.With = custody.Undo, custody.Undoes{Act: late.ID}
	put(t, s, undo)
	if work := lease(t, s, "me", 1); len(work) != 1 || work[0].Act != act.ID {
		t.Errorf("%+v", work)
	}
}
