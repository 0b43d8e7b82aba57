package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/label"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// open returns a store on a fresh, migrated database, and its addresses.
func open(t *testing.T) (*Store, func(role string) string) {
	t.Helper()
	url := pgtest.Database(t, "")
	if err := Migrate(t.Context(), url(postgres.Owner)); err != nil {
		t.Fatal(err)
	}
	return connect(t, url), url
}

func connect(t *testing.T, url func(role string) string) *Store {
	t.Helper()
	s, err := Open(context.Background(), url(postgres.App), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

var cal = calendar.Always("always")

func place(desk string) *custody.Place {
	return &custody.Place{Desk: custody.DeskID(desk), Room: custody.RoomID(desk), Post: custody.PostID(desk), Calendar: cal.ID, Budget: 3600}
}

func newCode(t *testing.T) label.Code {
	t.Helper()
	code, err := label.Mint(label.File, nil)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func newID() custody.CommandID { return custody.CommandID(uuid.NewString()) }

func opening(code label.Code) custody.Command {
	return custody.Command{
		ID: newID(), Kind: custody.Open, Code: code, At: custody.Stamp{Wall: time.Now().UTC()},
		Opening: &custody.Opening{Number: "SO(B) 1/2025", Subject: "بجٹ", Department: "fin", Desk: "a"},
	}
}

func scanning(code label.Code) custody.Command {
	return custody.Command{ID: newID(), Kind: custody.Scan, Code: code, Station: "s", Method: custody.ByQR, At: custody.Stamp{Wall: time.Now().UTC()}}
}

// decider stands where the workflow stands: it keeps each file's state and
// decides with the real rules.
type decider struct {
	mu     sync.Mutex
	states map[label.Code]custody.State
}

func newDecider() *decider { return &decider{states: map[label.Code]custody.State{}} }

func (d *decider) decide(w Work) (custody.Outcome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.states[w.Command.Code]
	if !ok {
		s = custody.Book.Begin(w.Command.Code)
	}
	r := custody.Resolved{Command: w.Command, Seq: w.Seq, Received: w.Received, Calendars: []calendar.Calendar{cal}, Transit: 60}
	if w.Resolved != nil {
		if err := json.Unmarshal(w.Resolved, &r); err != nil {
			return custody.Outcome{}, err
		}
	}
	r.To = place("a")
	if w.Command.Station != "" {
		r.Here = place([]string{"a", "b", "c"}[w.Seq%3])
	}
	if err := custody.Book.Check(s, r, w.Head); err != nil {
		return custody.Outcome{}, err
	}
	s, out := custody.Book.Decide(s, r, w.Head, time.Now())
	d.states[w.Command.Code] = s
	return out, nil
}

// drain decides and commits until nothing is left, and returns the outcomes.
func drain(t *testing.T, s *Store, d *decider) []custody.Outcome {
	t.Helper()
	var all []custody.Outcome
	for {
		work, err := s.Lease(t.Context(), "me", 100, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if len(work) == 0 {
			return all
		}
		var batch []custody.Outcome
		for _, w := range work {
			out, err := d.decide(w)
			if err != nil {
				t.Fatal(err)
			}
			batch = append(batch, out)
		}
		faults, err := s.Commit(t.Context(), batch)
		if err := errors.Join(append(faults, err)...); err != nil {
			t.Fatal(err)
		}
		all = append(all, batch...)
	}
}

// audit checks the whole ledger: every chain, every head, every position.
func audit(t *testing.T, s *Store) {
	t.Helper()
	files, err := s.Files(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		stored, err := s.Entries(t.Context(), f.Code)
		if err != nil {
			t.Fatal(err)
		}
		head, _, err := custody.Chain(custody.Head{}, f.Code, stored)
		if err != nil || head != f.Head || f.Position.Revision != head.Revision {
			t.Errorf("file %s: %v; chain %v, registry %v, position %d", f.Code, err, head, f.Head, f.Position.Revision)
		}
	}
}

func put(t *testing.T, s *Store, commands ...custody.Command) []custody.Receipt {
	t.Helper()
	receipts, err := s.Put(t.Context(), commands)
	if err != nil {
		t.Fatal(err)
	}
	return receipts
}

func TestPutIsIdempotentAndGapless(t *testing.T) {
	s, _ := open(t)
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
	seen := map[label.Code]map[int64]bool{}
	for i, r := range put(t, s, all...) {
		code := all[i].Code
		if !r.Repeated || r.ID != all[i].ID {
			t.Errorf("command %d: %+v", i, r)
		}
		if seen[code] == nil {
			seen[code] = map[int64]bool{}
		}
		seen[code][r.Seq] = true
	}
	for code, seqs := range seen {
		for n := int64(1); n <= 20; n++ {
			if !seqs[n] {
				t.Errorf("file %s has no command %d", code, n)
			}
		}
	}
}

func TestOneSendersOrderIsKept(t *testing.T) {
	s, _ := open(t)
	a, b := newCode(t), newCode(t)
	r := put(t, s, scanning(b), scanning(a), scanning(b), scanning(a), scanning(b))
	for i, want := range []int64{1, 1, 2, 2, 3} {
		if r[i].Seq != want {
			t.Errorf("command %d has seq %d, want %d", i, r[i].Seq, want)
		}
	}
}

func TestLifeOfCommands(t *testing.T) {
	s, _ := open(t)
	d := newDecider()
	code := newCode(t)
	open, scan := opening(code), scanning(code)
	put(t, s, open, scan, scanning(code))
	answer := make(chan custody.Outcome, 1)
	go func() {
		out, err := s.Await(t.Context(), scan.ID)
		if err != nil {
			t.Error(err)
		}
		answer <- out
	}()
	drain(t, s, d)
	if out := <-answer; out.Command != scan.ID || out.Verdict != custody.Accepted {
		t.Errorf("%+v", out)
	}
	if out, err := s.Await(t.Context(), open.ID); err != nil || out.Reason != custody.Opened {
		t.Errorf("asked again later: %+v, %v", out, err)
	}
	row, err := s.File(t.Context(), code)
	if err != nil || row.File.Number != "SO(B) 1/2025" || row.File.Subject != "بجٹ" || row.Position.Desk != "a" || row.Pending != 0 {
		t.Errorf("%+v, %v", row, err)
	}
	if _, err := s.File(t.Context(), newCode(t)); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("unknown file: %v", err)
	}
	audit(t, s)
}

func TestCommitFitsOnlyWhatFollows(t *testing.T) {
	s, _ := open(t)
	d := newDecider()
	code := newCode(t)
	put(t, s, opening(code))
	first := drain(t, s, d)[0]
	put(t, s, scanning(code), scanning(code), scanning(code))
	outs := drain(t, s, d)

	check := func(name string, o custody.Outcome, want error) {
		t.Helper()
		faults, err := s.Commit(t.Context(), []custody.Outcome{o})
		if err != nil || !errors.Is(faults[0], want) {
			t.Errorf("%s: %v, %v; want %v", name, faults, err, want)
		}
		audit(t, s)
	}
	check("again", outs[1], nil)
	check("the first again", first, nil)
	forged := outs[1]
	forged.Entries = append([]custody.Entry(nil), forged.Entries...)
	forged.Entries[0].Hash = custody.Hash(strings.Repeat("0", 64))
	check("another past", forged, custody.ErrDiverged)
	gap := outs[2]
	gap.Entries = append([]custody.Entry(nil), gap.Entries...)
	gap.Entries[0].Revision += 5
	check("a gap", gap, ErrGap)

	// One that does not fit leaves the others standing.
	other := newCode(t)
	put(t, s, opening(other))
	work, err := s.Lease(t.Context(), "me", 10, time.Minute)
	if err != nil || len(work) != 1 {
		t.Fatal(work, err)
	}
	good, err := d.decide(work[0])
	if err != nil {
		t.Fatal(err)
	}
	faults, err := s.Commit(t.Context(), []custody.Outcome{forged, good})
	if err != nil || !errors.Is(faults[0], custody.ErrDiverged) || faults[1] != nil {
		t.Errorf("%v, %v", faults, err)
	}
	if _, err := s.File(t.Context(), other); err != nil {
		t.Error(err)
	}
	audit(t, s)
}

// A dispatcher paused past its lease decides what another has decided already.
func TestTwoDispatchersOnePausedPastItsLease(t *testing.T) {
	s, url := open(t)
	other := connect(t, url)
	d := newDecider()
	code := newCode(t)
	put(t, s, opening(code), scanning(code))
	paused, err := s.Lease(t.Context(), "one", 10, 0) // runs out at once
	if err != nil || len(paused) != 1 {
		t.Fatal(paused, err)
	}
	drain(t, other, d)
	late, err := d.decide(paused[0])
	if err == nil {
		t.Fatalf("the workflow took seq %d after later ones: %+v", paused[0].Seq, late)
	}
	if _, err := s.Fail(t.Context(), "one", paused[0].Command.ID, err, false, 0); err != nil {
		t.Error(err)
	}
	if n, _, err := s.Backlog(t.Context()); n != 0 || err != nil {
		t.Errorf("%d left, %v", n, err)
	}
	audit(t, s)
}

func TestLeaseIsExclusiveAndInOrder(t *testing.T) {
	s, _ := open(t)
	code := newCode(t)
	put(t, s, opening(code), scanning(code))
	work, err := s.Lease(t.Context(), "one", 10, time.Minute)
	if err != nil || len(work) != 1 || work[0].Seq != 1 || work[0].Exists || work[0].Label {
		t.Fatalf("%+v, %v", work, err)
	}
	if again, err := s.Lease(t.Context(), "two", 10, time.Minute); err != nil || len(again) != 0 {
		t.Errorf("leased twice: %+v, %v", again, err)
	}
	if err := s.Release(t.Context(), "one", code, 0); err != nil {
		t.Error(err)
	}
	if again, err := s.Lease(t.Context(), "two", 10, time.Minute); err != nil || len(again) != 1 || again[0].Attempts != 0 {
		t.Errorf("not given back: %+v, %v", again, err)
	}
}

func TestResolvedFormIsKept(t *testing.T) {
	s, _ := open(t)
	c := opening(newCode(t))
	put(t, s, c)
	for _, form := range []string{`{"first": 1}`, `{"second": 2}`} {
		if err := s.StoreResolved(t.Context(), map[custody.CommandID][]byte{c.ID: []byte(form)}); err != nil {
			t.Fatal(err)
		}
	}
	work, err := s.Lease(t.Context(), "me", 1, time.Minute)
	if err != nil || string(work[0].Resolved) != `{"first": 1}` {
		t.Errorf("%+v, %v", work, err)
	}
}

func TestQuarantineRetryAndVoid(t *testing.T) {
	s, _ := open(t)
	d := newDecider()
	code := newCode(t)
	bad := scanning(code)
	put(t, s, opening(code))
	drain(t, s, d)
	put(t, s, bad, scanning(code))
	fail := func(hopeless bool) (quarantined bool) {
		t.Helper()
		if _, err := s.Lease(t.Context(), "me", 1, time.Minute); err != nil {
			t.Fatal(err)
		}
		quarantined, err := s.Fail(t.Context(), "me", bad.ID, errors.New("no"), hopeless, 0)
		if err != nil {
			t.Fatal(err)
		}
		return quarantined
	}
	for n := 1; n < maxAttempts; n++ {
		if fail(false) {
			t.Fatalf("quarantined at attempt %d", n)
		}
	}
	if !fail(false) {
		t.Fatal("not quarantined at the tenth")
	}
	if work, err := s.Lease(t.Context(), "me", 1, time.Minute); len(work) != 0 || err != nil {
		t.Errorf("a stuck queue is leased: %+v, %v", work, err)
	}
	if row, err := s.File(t.Context(), code); err != nil || !row.Quarantined || row.Pending != 2 {
		t.Errorf("%+v, %v", row, err)
	}
	if n, err := s.Undecided(t.Context(), code); n != 0 || err != nil {
		t.Errorf("a stuck queue holds the ladder up: %d, %v", n, err)
	}
	if stuck, err := s.Quarantined(t.Context()); err != nil || len(stuck) != 1 || stuck[0].ID != bad.ID || stuck[0].Error != "no" {
		t.Errorf("%+v, %v", stuck, err)
	}
	if err := s.Retry(t.Context(), bad.ID, "admin", "engine mended"); err != nil {
		t.Fatal(err)
	}
	if !fail(true) {
		t.Fatal("a hopeless failure is tried again")
	}
	if err := s.Void(t.Context(), bad.ID, "admin", "poison"); err != nil {
		t.Fatal(err)
	}
	if outs := drain(t, s, d); len(outs) != 2 || outs[0].Reason != custody.Voided || outs[1].Reason == custody.Voided {
		t.Errorf("%+v", outs)
	}
	if err := s.Void(t.Context(), bad.ID, "admin", "again"); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("voided twice: %v", err)
	}
	audit(t, s)
}

// The program's role can add to the chain and read it, nothing else.
func TestEntriesAreAppendOnly(t *testing.T) {
	s, url := open(t)
	put(t, s, opening(newCode(t)))
	drain(t, s, newDecider())
	conn, err := pgx.Connect(t.Context(), url(postgres.App))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{
		"UPDATE entries SET body = ''", "DELETE FROM entries", "TRUNCATE entries", "ALTER TABLE entries ADD COLUMN x int", "DROP TABLE entries",
		"DELETE FROM inbox", "DELETE FROM feed", "UPDATE feed SET seq = 0", "UPDATE audit SET who = ''",
	} {
		if _, err := conn.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// Whoever reads the feed with a cursor while many write never misses a number.
func TestFeedIsInCommitOrder(t *testing.T) {
	s, _ := open(t)
	d := newDecider()
	const files, each = 12, 8
	var wg sync.WaitGroup
	for range files {
		wg.Go(func() {
			code := newCode(t)
			commands := []custody.Command{opening(code)}
			for range each - 1 {
				commands = append(commands, scanning(code))
			}
			if _, err := s.Put(t.Context(), commands); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	done := make(chan struct{})
	for n := range 4 {
		wg.Go(func() {
			for {
				work, err := s.Lease(t.Context(), fmt.Sprint(n), 3, time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				for _, w := range work {
					out, err := d.decide(w)
					if err != nil {
						t.Error(err)
						return
					}
					if err := s.Record(t.Context(), out); err != nil {
						t.Error(err)
					}
				}
				if left, _, err := s.Backlog(t.Context()); err != nil || left == 0 {
					return
				}
			}
		})
	}
	go func() { wg.Wait(); close(done) }()
	changed, stop := s.Watch()
	defer stop()
	var cursor int64
	for finished := false; ; {
		events, err := s.Feed(t.Context(), cursor, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Seq != cursor+1 {
				t.Fatalf("read %d after %d", e.Seq, cursor)
			}
			cursor = e.Seq
		}
		if len(events) > 0 {
			continue
		}
		if finished {
			break
		}
		select {
		case <-changed:
		case <-done:
			finished = true
		}
	}
	rows, seq, err := s.Board(t.Context())
	if err != nil || seq != cursor || len(rows) != files {
		t.Errorf("board has %d files at %d, feed ends at %d; %v", len(rows), seq, cursor, err)
	}
	audit(t, s)
}

// Answers and changes reach another process's store.
func TestBellRingsElsewhere(t *testing.T) {
	s, url := open(t)
	other := connect(t, url)
	c := opening(newCode(t))
	put(t, s, c)
	answer := make(chan error, 1)
	go func() {
		_, err := other.Await(t.Context(), c.ID)
		answer <- err
	}()
	drain(t, s, newDecider())
	if err := <-answer; err != nil {
		t.Error(err)
	}
}

func TestTokens(t *testing.T) {
	s, _ := open(t)
	token, err := s.Enrol(t.Context(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	if station, err := s.Authenticate(t.Context(), token); err != nil || station != "s1" {
		t.Errorf("%q, %v", station, err)
	}
	if _, err := s.Authenticate(t.Context(), token+"x"); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("a wrong token: %v", err)
	}
	if err := s.Revoke(t.Context(), "s1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(t.Context(), token); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestOfficeIsEffectiveDated(t *testing.T) {
	s, _ := open(t)
	o := custody.Office{
		Name: custody.Name{En: "Secretariat"}, Policy: custody.Policy{Transit: 60},
		Departments: []custody.Department{{ID: "fin", Name: custody.Name{En: "Finance", Ur: "خزانہ"}}},
		Rooms:       []custody.Room{{ID: "r1", Department: "fin"}},
		Desks:       []custody.Desk{{ID: "d1", Code: label.New(label.Desk, 1), Room: "r1", Post: "p1", Receiving: true}},
		Posts:       []custody.Post{{ID: "p1", Department: "fin", Calendar: "always", Ladder: "l1", Budget: 60}},
		Officers:    []custody.Officer{{ID: "o1", Code: label.New(label.Badge, 1), Role: custody.RoleOfficer, Post: "p1"}},
		Ladders:     []custody.Ladder{{ID: "l1"}},
		Calendars:   []calendar.Calendar{cal},
	}
	set := func() time.Time {
		t.Helper()
		if err := s.SetOffice(t.Context(), o, "test", "because"); err != nil {
			t.Fatal(err)
		}
		return time.Now()
	}
	first := set()
	o.Officers = []custody.Officer{{ID: "o2", Code: label.New(label.Badge, 2), Role: custody.RoleOfficer, Post: "p1"}}
	second := set()
	if third := set(); third.Before(second) {
		t.Fatal("clock")
	}
	for _, tt := range []struct {
		name string
		at   time.Time
		want custody.OfficerID
	}{{"before the first", first.AddDate(-1, 0, 0), "o1"}, {"then", first, "o1"}, {"now", second, "o2"}, {"later", second.AddDate(1, 0, 0), "o2"}} {
		got, err := s.Office(t.Context(), tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if in, _ := got.OfficerIn("p1"); in.ID != tt.want || got.Departments[0].Name.Ur != "خزانہ" || got.Policy.Transit != 60 {
			t.Errorf("%s: %q in post, want %q", tt.name, in.ID, tt.want)
		}
		if got.Revision != 2 {
			t.Errorf("revision %d: an unchanged office was written again", got.Revision)
		}
	}
	o.Posts[0].Ladder = "none"
	if err := s.SetOffice(t.Context(), o, "test", "because"); err == nil {
		t.Error("a post without a ladder was taken")
	}
}

// Every statement that this package holds is understood by the database.
func TestEveryStatementPrepares(t *testing.T) {
	_, url := open(t)
	conn, err := pgx.Connect(t.Context(), url(postgres.App))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	statements := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if ok && len(spec.Values) == 1 {
				values[spec.Names[0].Name] = constant(spec.Values[0], values)
			}
			return true
		})
	}
	for name, text := range values {
		verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
		switch strings.TrimSpace(strings.SplitN(verb, "\n", 2)[0]) {
		case "SELECT", "INSERT", "UPDATE", "WITH":
			statements++
			if _, err := conn.Prepare(t.Context(), name, text); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if statements < 25 {
		t.Errorf("only %d statements found", statements)
	}
}

// constant folds a string constant, concatenation with known ones included.
func constant(e ast.Expr, known map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.BinaryExpr:
		return constant(e.X, known) + constant(e.Y, known)
	case *ast.Ident:
		return known[e.Name]
	}
	return ""
}

func BenchmarkPut(b *testing.B) {
	url := pgtest.Database(b, "")
	if err := Migrate(b.Context(), url(postgres.Owner)); err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.Context(), url(postgres.App), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			code, _ := label.Mint(label.File, nil)
			if _, err := s.Put(b.Context(), []custody.Command{scanning(code)}); err != nil {
				b.Error(err)
			}
		}
	})
}
