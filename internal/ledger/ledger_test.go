package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/label"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// book is a store on a fresh, migrated database, with its addresses.
type book struct {
	store *Store
	url   func(role string) string
}

func open(t testing.TB) book {
	t.Helper()
	url := pgtest.Database(t, "")
	if err := Migrate(t.Context(), url(postgres.Owner)); err != nil {
		t.Fatal(err)
	}
	return book{connect(t, url(postgres.App)), url}
}

func connect(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(context.Background(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

var cal = calendar.Always("always")

// place is a desk with what is relied on there.
func (d *decider) place(desk string) *custody.Place {
	ladder := custody.Ladder{ID: "l", Rungs: []custody.Rung{{Percent: 100, Channel: d.channel, To: []custody.Receiver{{}, {Superior: 1}}}}}
	return &custody.Place{
		Desk: custody.DeskID(desk), Room: custody.RoomID(desk), Post: custody.PostID(desk), Budget: 3600,
		Hours: d.contents.Keep(cal.ID, cal), Ladder: d.contents.Keep(string(ladder.ID), ladder),
	}
}

func newCode(t testing.TB) label.Code {
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
		With: custody.Opening{Number: "SO(B) 1/2025", Subject: "بجٹ", Department: "fin", Desk: "a"},
	}
}

// begun is a command's opening.
func begun(c custody.Command) custody.Opening { return c.With.(custody.Opening) }

// entitled is an opening with other words.
func entitled(c custody.Command, number, subject string) custody.Command {
	o := begun(c)
	o.Number, o.Subject = number, subject
	c.With = o
	return c
}

func scanning(code label.Code) custody.Command {
	return custody.Command{ID: newID(), Kind: custody.Scan, Code: code, Station: "s", Method: custody.ByQR, At: custody.Stamp{Wall: time.Now().UTC()}}
}

// decider stands where the dispatcher and the workflow stand: it keeps each
// file's state and decides with the real rules.
type decider struct {
	mu       sync.Mutex
	states   map[label.Code]custody.State
	contents custody.Contents
	late     time.Duration // by how much its clock is ahead
	channel  string        // of every rung
}

func newDecider() *decider {
	return &decider{states: map[label.Code]custody.State{}, contents: custody.Contents{}, channel: "mail"}
}

func (d *decider) decide(w Work) (custody.Outcome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.states[w.File]
	if !ok {
		s = custody.Begin(w.File)
	}
	if ok && w.Seq > s.Seq && !w.Exists && !s.Opened.IsZero() {
		return custody.Outcome{}, fmt.Errorf("file %s is open, work says it does not exist", w.File)
	}
	r := custody.Resolved{
		Version: custody.ResolvedVersion, Command: w.Command, Words: w.Words, File: w.File, Act: w.Act, Taken: w.Taken, Stray: w.Stray,
		Seq: w.Seq, Received: w.Received, Transit: 60,
		Ranks: custody.Ranks{{Post: "a", Superior: "p", Officer: "gul"}, {Post: "b", Superior: "p", Officer: "jan"}, {Post: "c", Superior: "p", Officer: "noor"}, {Post: "p"}},
	}
	if w.Resolved != nil {
		var err error
		if r, err = custody.ReadResolved(w.Resolved); err != nil {
			return custody.Outcome{}, err
		}
	}
	r.To = d.place("a")
	if w.Command.Station != "" {
		r.Here = d.place([]string{"a", "b", "c"}[w.Seq%3])
	}
	s = s.Confirm(w.Head)
	if err := s.Check(r, d.contents, w.Head); err != nil {
		return custody.Outcome{}, err
	}
	if !s.Answered(r) {
		s = s.Take(custody.Today.Decide(s, r, d.contents, time.Now().Add(d.late)), r.Seq)
	}
	d.states[w.File] = s
	return s.Outcome(), nil
}

// climb stores the wake of the rung that the file reaches in the end, and decides it.
func (d *decider) climb(t testing.TB, s *Store, code label.Code) custody.Outcome {
	t.Helper()
	d.mu.Lock()
	state := d.states[code]
	d.mu.Unlock()
	if err := s.Wake(t.Context(), 0, state.Position().Waker()); err != nil {
		t.Fatal(err)
	}
	work := lease(t, s, "me", 1)
	if len(work) != 1 || !work[0].Command.Woken() || work[0].Lane != custody.Wakes || work[0].Position == nil {
		t.Fatalf("%+v", work)
	}
	return d.sound(t, work[0])
}

// sound decides a wake long after its time.
func (d *decider) sound(t testing.TB, w Work) custody.Outcome {
	t.Helper()
	d.late = 24 * time.Hour
	out, err := d.decide(w)
	d.late = 0
	if err != nil || out.Reason != custody.RungDue {
		t.Fatalf("file %s: %s, %v", w.File, out.Reason, err)
	}
	return out
}

// record keeps one outcome.
func record(ctx context.Context, s *Store, o custody.Outcome) error {
	faults, err := s.Commit(ctx, []custody.Outcome{o})
	if err != nil {
		return err
	}
	return faults[0]
}

// drain decides and commits until nothing is left, and returns the outcomes.
func drain(t testing.TB, s *Store, d *decider) []custody.Outcome {
	t.Helper()
	var all []custody.Outcome
	for {
		work := lease(t, s, "me", 100)
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

func lease(t testing.TB, s *Store, owner string, limit int) []Work {
	t.Helper()
	work, err := s.Lease(t.Context(), owner, custody.Each(limit), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return work
}

func put(t testing.TB, s *Store, commands ...custody.Command) []custody.Receipt {
	t.Helper()
	receipts, err := s.Put(t.Context(), commands)
	if err != nil {
		t.Fatal(err)
	}
	return receipts
}

// audit checks the whole ledger: every chain, head and position, every command's
// turn, and the feed's numbers.
func audit(t testing.TB, s *Store) {
	t.Helper()
	ctx := context.Background()
	files, err := s.Files(ctx, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		stored, err := s.Entries(ctx, f.Code)
		if err != nil {
			t.Fatal(err)
		}
		head, entries, err := custody.Chain(custody.Head{}, f.Code, stored)
		if err != nil || head != f.Head || f.Position.Revision != head.Revision {
			t.Errorf("file %s: %v; chain %v, registry %v, position %d", f.Code, err, head, f.Head, f.Position.Revision)
		}
		once := map[custody.CommandID]bool{}
		for _, e := range entries {
			if e.Command != "" && e.Leg != nil && once[e.Command] {
				t.Errorf("file %s: command %s moved it twice", f.Code, e.Command)
			}
			once[e.Command] = true
		}
	}
	for _, f := range files {
		stored, _ := s.Entries(ctx, f.Code)
		_, entries, _ := custody.Chain(custody.Head{}, f.Code, stored)
		auditNames(t, s, f, entries)
		ev, err := s.EvidenceOf(ctx, f.Code)
		rows := map[label.Code]int64{}
		for _, c := range ev.Covers {
			if c.Revision > 0 { // claims that are over are counted below
				rows[c.Code] = c.Revision
			}
		}
		if want := custody.Covers(entries); err != nil || !maps.Equal(rows, want) {
			t.Errorf("file %s: covers %v, its entries say %v, %v", f.Code, rows, want, err)
		}
	}
	for name, statement := range map[string]string{
		"covers without a file": `SELECT count(*) FROM covers k WHERE k.revision IS NOT NULL AND NOT EXISTS (SELECT FROM files f WHERE f.code = k.file)`,
		"claims that are over":  `SELECT count(*) FROM covers k JOIN inbox i ON i.id = k.command WHERE k.revision IS NULL AND i.state = 'applied'`,
		"queues that are behind or ahead of their commands": `
SELECT count(*) FROM queues q WHERE
    q.last <> (SELECT count(*) FROM inbox i WHERE i.code = q.code) OR
    q.last <> (SELECT COALESCE(max(seq), 0) FROM inbox i WHERE i.code = q.code) OR
    q.done <> (SELECT count(*) FROM inbox i WHERE i.code = q.code AND i.state = 'applied') OR
    q.wakes <> (SELECT count(*) FROM inbox i WHERE i.code = q.code AND i.seq > q.done AND i.lane = 1) OR
    q.lane <> (SELECT COALESCE(min(i.lane), 0) FROM inbox i WHERE i.code = q.code AND i.seq > q.done) AND q.done < q.last OR
    q.since <> (SELECT min(i.received_at) FROM inbox i WHERE i.code = q.code AND i.seq > q.done) OR
    q.stuck <> EXISTS (SELECT FROM inbox i WHERE i.code = q.code AND i.state = 'quarantined')`,
		"numbers of commands that gave none": `
SELECT count(*) FROM numbers n JOIN inbox i ON i.id = n.command WHERE i.state = 'applied' AND (i.outcome->>'verdict' <> 'accepted' OR i.outcome->>'reason' = 'voided')`,
		"gaps in the feed":          `SELECT last - (SELECT count(*) FROM feed) FROM feed_counter`,
		"entries not on the feed":   `SELECT greatest(0, (SELECT count(*) FROM entries) - (SELECT count(*) FROM feed))`,
		"refusals noted or missing": `SELECT count(*) FROM refusals r FULL JOIN (SELECT id FROM inbox WHERE outcome->>'verdict' = 'refused') i ON i.id = r.command WHERE r.id IS NULL OR i.id IS NULL`,
	} {
		var n int
		if err := s.pool.QueryRow(ctx, statement).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d %s; %v", n, name, err)
		}
	}
}

// auditNames checks what the registry says of a file against its entries and its words.
func auditNames(t testing.TB, s *Store, f Registered, entries []custody.Entry) {
	t.Helper()
	words, err := s.Words(context.Background(), f.Code)
	if err != nil {
		t.Fatal(err)
	}
	state := custody.Replay(f.Code, entries)
	want := custody.File{Code: f.Code, Department: state.Department, Opened: state.Opened, Class: state.Class}
	var called custody.Naming
	for _, e := range entries {
		said := words[e.Command]
		if !maps.Equal(e.Words, said.Digests(e.Command)) {
			t.Errorf("file %s revision %d: digests %v of %v", f.Code, e.Revision, e.Words, said)
		}
		called = called.After(e, said)
	}
	want.Number, want.Subject = called.Number, called.Subject
	f.File.Opened = f.File.Opened.UTC()
	if f.File != want {
		t.Errorf("the registry says %+v, the chain %+v", f.File, want)
	}
	if p := state.Position(); f.Position != p {
		t.Errorf("file %s is at %+v, by its entries at %+v", f.Code, f.Position, p)
	}
	if !slices.Equal(f.Relies, state.Relies()) {
		t.Errorf("file %s relies on %v, by its entries on %v", f.Code, f.Relies, state.Relies())
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	pgtest.Cluster(t)
	running := goleak.IgnoreCurrent()
	url := pgtest.Database(t, "")
	if err := Migrate(t.Context(), url(postgres.Owner)); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), url(postgres.App), nil)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, opening(newCode(t)))
	s.Close()
	if _, err := s.Put(t.Context(), []custody.Command{opening(newCode(t))}); !errors.Is(err, custody.ErrNotStored) {
		t.Errorf("a closed ledger stores: %v", err)
	}
	goleak.VerifyNone(t, running)
}
