package ledger

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
)

func TestPutIsIdempotentAndGapless(t *testing.T) {
	s := open(t).store
	codes := []label.Code{newCode(t), newCode(t), newCode(t)}
	var all []custody.Command
	for i := range 60 {
		all = append(all, scanning(codes[i%3]))
	}
	// Eight senders, each with every command, in pieces.
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := 0; i < len(all); i += 4 {
				if _, err := s.Put(t.Context(), all[i:i+4]); err != nil {
					t.Errorf("sender %d: %v", n, err)
				}
			}
		})
	}
	wg.Wait()
	for i, r := range put(t, s, all...) {
		if !r.Repeated || r.Reused || r.ID != all[i].ID {
			t.Errorf("command %d: %+v", i, r)
		}
	}
	audit(t, s)
}

func TestOneSendersOrderIsKept(t *testing.T) {
	s := open(t).store
	a, b := newCode(t), newCode(t)
	commands := []custody.Command{scanning(b), scanning(a), scanning(b), scanning(a), scanning(b)}
	for range 2 { // stored, and told again
		for i, r := range put(t, s, commands...) {
			if want := []int64{1, 1, 2, 2, 3}[i]; r.Seq != want {
				t.Errorf("command %d has seq %d, want %d", i, r.Seq, want)
			}
		}
	}
}

// A station whose ids repeat must not lose scans without a trace.
func TestAnotherCommandUnderAUsedIDGoesToTheDrawer(t *testing.T) {
	s := open(t).store
	first, second := scanning(newCode(t)), scanning(newCode(t))
	second.ID = first.ID
	put(t, s, first)
	if r := put(t, s, second); !r[0].Repeated || !r[0].Reused || r[0].Seq != 1 {
		t.Errorf("%+v", r)
	}
	put(t, s, first)
	drawn, err := s.Drawer(t.Context(), 10)
	if err != nil || len(drawn) != 1 || drawn[0].Station != "s" || string(drawn[0].Body) != string(second.Bytes()) {
		t.Errorf("%+v, %v", drawn, err)
	}
	audit(t, s)
}

func TestWhatIsNoCommandGoesToTheDrawer(t *testing.T) {
	s := open(t).store
	bad := scanning(newCode(t))
	bad.ID = "7"
	if _, err := s.Put(t.Context(), []custody.Command{bad}); !errors.Is(err, custody.ErrMalformed) {
		t.Errorf("stored: %v", err)
	}
	raw := []byte("\x00\xff not even text")
	for _, reason := range []string{"first", "second"} {
		if whole, err := s.ToDrawer(t.Context(), "s1", raw, reason); err != nil || !whole {
			t.Fatal(whole, err)
		}
	}
	drawn, err := s.Drawer(t.Context(), 1)
	if err != nil || len(drawn) != 1 || drawn[0].Reason != "second" || string(drawn[0].Body) != string(raw) || drawn[0].Received.IsZero() {
		t.Errorf("%+v, %v", drawn, err)
	}
}

func TestLifeOfCommands(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := newCode(t)
	open, scan := opening(code), scanning(code)
	put(t, s, open, scan, scanning(code))
	if n, err := s.Undecided(t.Context(), code); n != 3 || err != nil {
		t.Errorf("%d undecided, %v", n, err)
	}
	answer := make(chan custody.Outcome, 1)
	go func() {
		out, err := s.Await(t.Context(), scan.ID)
		if err != nil {
			t.Error(err)
		}
		answer <- out
	}()
	drain(t, s, d)
	if out := <-answer; out.Command != scan.ID || out.Verdict != custody.Accepted || out.Entries != nil {
		t.Errorf("%+v", out)
	}
	if out, err := s.Await(t.Context(), open.ID); err != nil || out.Reason != custody.Opened || out.Entries != nil {
		t.Errorf("asked again later: %+v, %v", out, err)
	}
	if _, err := s.Await(t.Context(), newID()); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("never stored: %v", err)
	}
	row, err := s.File(t.Context(), code)
	if err != nil || row.File.Number != "SO(B) 1/2025" || row.File.Subject != "بجٹ" || row.Position.Desk != "a" || row.Pending != 0 {
		t.Errorf("%+v, %v", row, err)
	}
	if !row.File.Opened.Equal(d.states[code].Opened) {
		t.Errorf("opened %v, want %v", row.File.Opened, d.states[code].Opened)
	}
	if _, err := s.File(t.Context(), newCode(t)); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("unknown file: %v", err)
	}
	audit(t, s)
}

func TestRefusalsOfUnknownCodes(t *testing.T) {
	s := open(t).store
	code, err := s.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	known, unknown := scanning(code), scanning(newCode(t))
	put(t, s, known, unknown)
	work := lease(t, s, "me", 10)
	if len(work) != 2 || work[0].Exists || work[0].Label == work[1].Label || work[0].Label != (work[0].Command.ID == known.ID) {
		t.Fatalf("%+v", work)
	}
	var outcomes []custody.Outcome
	for _, w := range work {
		o := custody.Outcome{Command: w.Command.ID, Seq: w.Seq, Verdict: custody.Refused, Reason: custody.NoSuchFile}
		o.Position.File = w.Command.Code
		outcomes = append(outcomes, o)
	}
	for range 2 { // and told again
		faults, err := s.Commit(t.Context(), outcomes)
		if err := errors.Join(append(faults, err)...); err != nil {
			t.Fatal(err)
		}
	}
	refusals, err := s.Refusals(t.Context(), 10)
	if err != nil || len(refusals) != 2 || refusals[0].Outcome.Reason != custody.NoSuchFile || refusals[0].Number != "" {
		t.Errorf("%+v, %v", refusals, err)
	}
	if rows, seq, err := s.Board(t.Context()); len(rows) != 0 || seq != 0 || err != nil {
		t.Errorf("a refusal made a file: %+v, %d, %v", rows, seq, err)
	}
	// The code gets its file after all.
	put(t, s, opening(unknown.Code))
	if outs := drain(t, s, newDecider()); len(outs) != 1 || outs[0].Reason != custody.Opened {
		t.Errorf("%+v", outs)
	}
	if refusals, err = s.Refusals(t.Context(), 10); err != nil || (refusals[0].Number == "SO(B) 1/2025") == (refusals[1].Number == "SO(B) 1/2025") {
		t.Errorf("one is of a file that has a number: %+v, %v", refusals, err)
	}
	audit(t, s)
}

// PostgreSQL takes no NUL in a text; a person who types one still gets the file.
func TestSubjectWithANUL(t *testing.T) {
	s := open(t).store
	c := opening(newCode(t))
	c = entitled(c, begun(c).Number, "a\x00b \\u0000 <script>")
	put(t, s, c)
	drain(t, s, newDecider())
	row, err := s.File(t.Context(), c.Code)
	if err != nil || !strings.HasPrefix(row.File.Subject, "a\ufffdb") || !strings.HasSuffix(row.File.Subject, "<script>") {
		t.Errorf("%q, %v", row.File.Subject, err)
	}
	audit(t, s)
}

func TestMintedCodesAreNew(t *testing.T) {
	s := open(t).store
	seen := map[label.Code]bool{}
	for _, kind := range []label.Kind{label.File, label.File, label.Desk, label.Badge} {
		code, err := s.Mint(t.Context(), kind)
		if err != nil || code.Kind() != kind || seen[code] {
			t.Errorf("%s, %v", code, err)
		}
		seen[code] = true
	}
	met := newCode(t)
	put(t, s, scanning(met))
	if n, err := s.exec(t.Context(), insertLabel, met); n != 0 || err != nil {
		t.Errorf("a code the office has met is minted: %d, %v", n, err)
	}
}
