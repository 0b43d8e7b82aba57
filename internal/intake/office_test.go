package intake

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// fault is what goes wrong with one call.
type fault int

const (
	none      fault = iota
	refused         // nothing was done
	forgotten       // it was done, and reported as failed
	silent          // nothing was done, and no answer came
	late            // it was done, and no answer came
	poisoned        // an answer, and not the wanted one
	diverged
)

var errCut = errors.New("connection was cut")

// lives stands where workflows stand: it keeps each file's state and decides with
// the real rules. It remembers a closed file no longer than a workflow does.
type lives struct {
	fault   func(Sending) fault // nil: nothing goes wrong
	forgets func() bool         // what earlier deliveries brought; nil: never

	mu     sync.Mutex
	shelf  custody.Shelf
	states map[label.Code]custody.State
	sent   int // commands, with what they rely on
}

func (l *lives) Send(ctx context.Context, d Sending) (custody.Outcome, error) {
	f := none
	if l.fault != nil {
		f = l.fault(d)
	}
	switch f {
	case refused:
		return custody.Outcome{}, ErrAway
	case silent:
		<-ctx.Done()
		return custody.Outcome{}, ErrSilent
	case poisoned:
		return custody.Outcome{}, errors.New("handler failed")
	case diverged:
		return custody.Outcome{}, custody.ErrDiverged
	}
	out, err := l.decide(d)
	switch f {
	case forgotten:
		return custody.Outcome{}, ErrAway
	case late:
		<-ctx.Done()
		return custody.Outcome{}, ErrSilent
	}
	return out, err
}

func (l *lives) decide(d Sending) (custody.Outcome, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	start := d.Start
	if l.forgets != nil && l.forgets() {
		l.shelf = custody.Shelf{}
	}
	c, err := custody.ReadResolved(d.Delivery.Command)
	if err != nil {
		return custody.Outcome{}, err
	}
	s, running := l.states[d.File]
	if running && s.Leg.Phase == custody.Ended && start != nil && start.Seq == s.Seq {
		running = false
	}
	switch {
	case running:
	case start == nil:
		return custody.Outcome{}, ErrGone
	default:
		s = *start
	}
	l.shelf.Keep(d.Delivery.Contents)
	contents := l.shelf.Of(s.Needs(c))
	err = s.Check(c, contents, d.Delivery.Head)
	if !errors.Is(err, custody.ErrContents) { // else it is sent again with them
		l.sent++
	}
	switch {
	case errors.Is(err, custody.ErrSequence):
		return custody.Outcome{}, ErrSequence
	case err != nil:
		return custody.Outcome{}, err
	}
	s = s.Confirm(d.Delivery.Head)
	if !s.Answered(c) {
		s = s.Take(custody.Today.Decide(s, c, contents, time.Now()), c.Seq)
	}
	if l.states == nil {
		l.states = map[label.Code]custody.State{}
	}
	l.states[d.File] = s
	out := s.Outcome()
	out.Incarnation = d.Delivery.Incarnation
	return out, nil
}

// shaky is a ledger with faults.
type shaky struct {
	*ledger.Store
	fault func(op string) fault
	after func() // called when a commit was done or not
}

func (s shaky) call(op string, do func() error) error {
	f := s.fault(op)
	if f == refused {
		return errCut
	}
	err := do()
	if f == forgotten {
		return errCut
	}
	return err
}

func (s shaky) Lease(ctx context.Context, owner string, shares custody.Lanes[int], ttl time.Duration) (work []ledger.Work, err error) {
	err = s.call("lease", func() error { work, err = s.Store.Lease(ctx, owner, shares, ttl); return err })
	return work, err
}

func (s shaky) StoreResolved(ctx context.Context, resolved map[custody.CommandID][]byte, contents custody.Contents) error {
	return s.call("resolve", func() error { return s.Store.StoreResolved(ctx, resolved, contents) })
}

func (s shaky) Contents(ctx context.Context, digests []custody.Digest) (contents custody.Contents, err error) {
	err = s.call("contents", func() error { contents, err = s.Store.Contents(ctx, digests); return err })
	return contents, err
}

func (s shaky) Release(ctx context.Context, owner string, code label.Code, pause time.Duration) error {
	return s.call("release", func() error { return s.Store.Release(ctx, owner, code, pause) })
}

func (s shaky) Fail(ctx context.Context, owner string, id custody.CommandID, cause error, hopeless bool, pause time.Duration) (q bool, err error) {
	err = s.call("fail", func() error { q, err = s.Store.Fail(ctx, owner, id, cause, hopeless, pause); return err })
	return q, err
}

func (s shaky) Commit(ctx context.Context, outcomes []custody.Outcome) (faults []error, err error) {
	err = s.call("commit", func() error { faults, err = s.Store.Commit(ctx, outcomes); return err })
	if s.after != nil {
		s.after()
	}
	return faults, err
}

// logbook keeps what was logged.
type logbook struct {
	mu     sync.Mutex
	levels map[string]slog.Level
}

func (l *logbook) Enabled(context.Context, slog.Level) bool { return true }
func (l *logbook) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logbook) WithGroup(string) slog.Handler            { return l }

func (l *logbook) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.levels == nil {
		l.levels = map[string]slog.Level{}
	}
	l.levels[r.Message] = r.Level
	return nil
}

func (l *logbook) has(level slog.Level, message string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	got, ok := l.levels[message]
	return ok && got == level
}

// bench is a ledger with the sample office and dispatchers on it.
type bench struct {
	t     *testing.T
	store *ledger.Store
	of    func(role string) string // address of the ledger
	log   logbook
}

func newBench(t *testing.T) *bench {
	t.Helper()
	url := pgtest.Database(t, "")
	if err := ledger.Migrate(t.Context(), url(postgres.Owner)); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, of: url}
	b.store = b.connect()
	if err := b.store.SetOffice(t.Context(), sample(), "test", "set up"); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) connect() *ledger.Store {
	b.t.Helper()
	s, err := ledger.Open(context.Background(), b.of(postgres.App), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(s.Close)
	return s
}

// dispatcher is a fast one, not yet running.
func (b *bench) dispatcher(files Files) *Dispatcher {
	return &Dispatcher{
		Owner: uuid.NewString(), Queue: b.store, Book: b.store, Files: files, Rules: custody.Today,
		Log: slog.New(&b.log), Lease: time.Minute, Answer: time.Minute, Poll: 5 * time.Millisecond,
	}
}

// start runs a dispatcher until the test ends or stop is called.
func (b *bench) start(d *Dispatcher) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	stop = func() { cancel(); <-done }
	b.t.Cleanup(stop)
	return stop
}

func (b *bench) put(commands ...custody.Command) {
	b.t.Helper()
	if _, err := b.store.Put(b.t.Context(), commands); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for a condition that some change of the ledger brings about.
func (b *bench) until(met func() bool) {
	b.t.Helper()
	changed, stop := b.store.Watch() // receives once a second at least
	defer stop()
	for !met() {
		select {
		case <-changed:
		case <-b.t.Context().Done():
			b.t.Fatal("it did not come about")
		}
	}
}

func (b *bench) drained() {
	b.t.Helper()
	b.until(func() bool {
		n, _, err := b.store.Backlog(b.t.Context())
		return err == nil && n == 0
	})
}

// audit checks every chain, and that each head and position is its chain's end.
func (b *bench) audit() {
	b.t.Helper()
	files, err := b.store.Files(b.t.Context(), "", 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range files {
		stored, err := b.store.Entries(b.t.Context(), f.Code)
		if err != nil {
			b.t.Fatal(err)
		}
		if int64(len(stored)) < f.Head.Revision {
			b.t.Fatalf("file %s: revision %d with %d entries", f.Code, f.Head.Revision, len(stored))
		}
		head, entries, err := custody.Chain(custody.Head{}, f.Code, stored[:f.Head.Revision]) // more may have come since
		if err != nil {
			b.t.Error(err)
		}
		if head != f.Head || f.Position.Revision != head.Revision {
			b.t.Errorf("file %s: registry %+v, position of %d, chain %+v", f.Code, f.Head, f.Position.Revision, head)
		}
		if told := custody.Replay(f.Code, entries).Position(); told != f.Position {
			b.t.Errorf("file %s: position %+v, its entries come to %+v", f.Code, f.Position, told)
		}
	}
}

// applied checks that a file's chain has one entry for each command, in order.
func (b *bench) applied(code label.Code, commands []custody.Command) {
	b.t.Helper()
	stored, err := b.store.Entries(b.t.Context(), code)
	if err != nil {
		b.t.Fatal(err)
	}
	_, entries, err := custody.Chain(custody.Head{}, code, stored)
	if err != nil {
		b.t.Fatal(err)
	}
	if len(entries) != len(commands) {
		b.t.Errorf("file %s: %d entries of %d commands", code, len(entries), len(commands))
		return
	}
	for i, e := range entries {
		if e.Command != commands[i].ID {
			b.t.Errorf("file %s: revision %d is of command %s, want %s", code, e.Revision, e.Command, commands[i].ID)
		}
	}
}

func (b *bench) outcome(c custody.Command) custody.Outcome {
	b.t.Helper()
	out, err := b.store.Await(b.t.Context(), c.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *bench) code() label.Code {
	b.t.Helper()
	code, err := label.Mint(label.File, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

func command(kind custody.CommandKind, code label.Code, station custody.StationID) custody.Command {
	c := custody.Command{
		ID: custody.CommandID(uuid.NewString()), Kind: kind, Code: code, Station: station, Method: custody.ByQR,
		At: custody.Stamp{Wall: time.Now().UTC()},
	}
	if kind == custody.Open {
		c.With = custody.Opening{Number: "1/2025", Department: "fin", Desk: "diary", Route: "usual"}
	}
	return c
}

// life is a file's commands, each of which leaves an entry.
func life(code label.Code) []custody.Command {
	return []custody.Command{
		command(custody.Open, code, ""),
		command(custody.Scan, code, "s2"),
		command(custody.Scan, code, "s1"),
		command(custody.Close, code, ""),
		command(custody.Scan, code, "s2"),
		command(custody.Reopen, code, "s1"),
		command(custody.Scan, code, "s2"),
		command(custody.Scan, code, "s1"),
	}
}
