package intake

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// Two dispatchers on an engine and a ledger that refuse, forget and fall silent:
// every command is applied once, in order, and the ledger is whole after each
// commit.
func TestEveryCommandOnceWhateverFails(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	draw := func(faults ...fault) fault {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(4) > 0 {
			return none
		}
		return faults[random.IntN(len(faults))]
	}
	b := newBench(t)
	lives := &lives{
		fault:   func(Sending) fault { return draw(refused, forgotten, silent, late) },
		forgets: func() bool { return draw(forgotten) == forgotten },
	}
	var checking sync.Mutex
	check := func() {
		checking.Lock()
		defer checking.Unlock()
		b.audit()
	}
	var commands [][]custody.Command
	for range 10 {
		commands = append(commands, life(b.code()))
	}
	var stops []func()
	for range 2 {
		d := b.dispatcher(lives)
		s := shaky{Store: b.connect(), fault: func(string) fault { return draw(refused, forgotten) }, after: check}
		d.Queue, d.Book, d.Lease, d.Answer = s, s, 50*time.Millisecond, 5*time.Millisecond
		stops = append(stops, b.start(d))
	}
	for i := range commands[0] {
		for _, c := range commands {
			b.put(c[i])
		}
	}
	b.drained()
	for _, stop := range stops {
		stop()
	}
	b.audit()
	for _, c := range commands {
		b.applied(c[0].Code, c)
	}
}

// A dispatcher is paused past its lease, before or after its command was decided,
// while another goes on with the file.
func TestPausedPastItsLease(t *testing.T) {
	for name, decided := range map[string]bool{"before deciding": false, "after deciding": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			world := &lives{}
			paused := gate{Files: world, entered: make(chan struct{}), open: make(chan struct{}), decided: decided}
			slow := b.dispatcher(paused)
			slow.Lease = time.Millisecond
			stop := b.start(slow)
			commands := life(b.code())[:3]
			b.put(commands...)
			<-paused.entered
			other := b.dispatcher(world)
			b.start(other)
			b.drained()
			close(paused.open)
			stop()
			b.audit()
			b.applied(commands[0].Code, commands)
			if stuck, err := b.store.Quarantined(t.Context()); len(stuck) != 0 || err != nil {
				t.Errorf("%v, %v", stuck, err)
			}
		})
	}
}

// gate holds the first call, and lets none begin while it is closed.
type gate struct {
	Files
	entered, open chan struct{}
	decided       bool // the call is held after it was decided
}

func (g gate) Send(ctx context.Context, s Sending) (custody.Outcome, error) {
	if g.decided {
		out, err := g.Files.Send(ctx, s)
		g.pass()
		return out, err
	}
	g.pass()
	return g.Files.Send(ctx, s)
}

func (g gate) pass() {
	select {
	case g.entered <- struct{}{}:
	case <-g.open:
	}
	<-g.open
}

// While the engine is away one command at a time is tried, nothing counts, and
// afterwards everything is applied.
func TestOutageIsNobodysFault(t *testing.T) {
	for name, how := range map[string]fault{"refused": refused, "silent": silent} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var tries, atonce, crowd atomic.Int64
			var healed atomic.Bool
			enough := make(chan struct{})
			world := &lives{}
			world.fault = func(Sending) fault {
				if healed.Load() {
					return none
				}
				if tries.Add(1) == 60 {
					close(enough)
				}
				return how
			}
			counted := &counting{Files: world, now: &atonce}
			d := b.dispatcher(counted)
			counted.seen = func(n int64) {
				if tries.Load() > 10 && !d.Health().EngineAway.IsZero() && n > crowd.Load() {
					crowd.Store(n)
				}
			}
			d.Answer, d.Poll = 5*time.Millisecond, time.Millisecond
			if h := d.Health(); h != (Health{}) {
				t.Errorf("%+v before anything happened", h)
			}
			b.start(d)
			commands := [][]custody.Command{life(b.code()), life(b.code()), life(b.code())}
			for _, c := range commands {
				b.put(c...)
			}
			<-enough
			if d.Health().EngineAway.IsZero() || !d.Health().LedgerAway.IsZero() {
				t.Errorf("%+v in an outage", d.Health())
			}
			healed.Store(true)
			b.drained()
			if h := d.Health(); h != (Health{}) {
				t.Errorf("%+v after it", h)
			}
			if crowd.Load() > 1 {
				t.Errorf("%d tried at once", crowd.Load())
			}
			if !b.log.has(slog.LevelWarn, "commands wait: workflow engine does not answer") || !b.log.has(slog.LevelInfo, "workflow engine answers again") {
				t.Errorf("logged %v", b.log.levels)
			}
			b.audit()
			for _, c := range commands {
				b.applied(c[0].Code, c)
			}
		})
	}
}

type counting struct {
	Files
	now  *atomic.Int64
	seen func(int64)
}

func (c *counting) Send(ctx context.Context, s Sending) (custody.Outcome, error) {
	c.seen(c.now.Add(1))
	defer c.now.Add(-1)
	return c.Files.Send(ctx, s)
}

// One file whose workflow never answers is told from an outage by the others.
func TestSilenceOfOneFileCounts(t *testing.T) {
	b := newBench(t)
	dead := life(b.code())
	world := &lives{fault: func(d Sending) fault {
		if d.File == dead[0].Code {
			return silent
		}
		return none
	}}
	d := b.dispatcher(world)
	d.Answer = 20 * time.Millisecond
	b.start(d)
	alive := command(custody.Open, b.code(), "")
	b.put(dead[0], alive)
	b.until(func() bool {
		c := command(custody.Scan, alive.Code, "s1")
		b.put(c)
		b.outcome(c)
		stuck, err := b.store.Quarantined(t.Context())
		return err == nil && len(stuck) == 1 && stuck[0].Command.ID == dead[0].ID
	})
	b.audit()
}

// What fails ten times waits for a person, and holds up its own file only.
func TestPoisonIsSetAside(t *testing.T) {
	b := newBench(t)
	bad, good := life(b.code()), life(b.code())
	world := &lives{fault: func(d Sending) fault {
		if d.Command == bad[1].ID && !bytes.Contains(d.Delivery.Command, []byte(`"void":true`)) {
			return poisoned
		}
		return none
	}}
	b.start(b.dispatcher(world))
	b.put(bad...)
	b.put(good...)
	b.until(func() bool {
		stuck, err := b.store.Quarantined(t.Context())
		return err == nil && len(stuck) == 1 && stuck[0].Command.ID == bad[1].ID && stuck[0].Attempts == 10
	})
	b.outcome(good[len(good)-1])
	b.applied(good[0].Code, good)
	b.applied(bad[0].Code, bad[:1])
	if !b.log.has(slog.LevelWarn, "command failed and is tried again") || !b.log.has(slog.LevelError, "command is quarantined") {
		t.Errorf("logged %v", b.log.levels)
	}
	if err := b.store.Void(t.Context(), bad[1].ID, custody.Actor{Person: "admin"}, "unreadable"); err != nil {
		t.Fatal(err)
	}
	b.drained()
	b.audit()
	b.applied(bad[0].Code, bad)
	if out := b.outcome(bad[1]); out.Reason != custody.Voided {
		t.Errorf("%s", out.Reason)
	}
}

// A file whose ledger and workflow disagree is not tried again by itself.
func TestDivergedIsQuarantinedAtOnce(t *testing.T) {
	for name, at := range map[string]error{"workflow": nil, "ledger": custody.ErrDiverged, "gap": custody.ErrGap} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c := command(custody.Open, b.code(), "")
			var mended atomic.Bool
			world := &lives{fault: func(Sending) fault {
				if at == nil && !mended.Load() {
					return diverged
				}
				return none
			}}
			d := b.dispatcher(world)
			d.Book = disagreeing{b.store, func() error {
				if mended.Load() {
					return nil
				}
				return at
			}}
			b.start(d)
			b.put(c)
			b.until(func() bool {
				stuck, err := b.store.Quarantined(t.Context())
				return err == nil && len(stuck) == 1 && stuck[0].Attempts == 1
			})
			if !b.log.has(slog.LevelError, "command is quarantined") {
				t.Errorf("logged %v", b.log.levels)
			}
			mended.Store(true)
			if err := b.store.Retry(t.Context(), c.ID, custody.Actor{Person: "admin"}, "restored"); err != nil {
				t.Fatal(err)
			}
			b.drained()
			b.audit()
			b.applied(c.Code, []custody.Command{c})
		})
	}
}

type disagreeing struct {
	*ledger.Store
	fault func() error
}

func (d disagreeing) Commit(ctx context.Context, outcomes []custody.Outcome) ([]error, error) {
	if err := d.fault(); err != nil {
		return []error{err}, nil
	}
	return d.Store.Commit(ctx, outcomes)
}

// A code without a file is refused on record, and starts no workflow.
func TestCodesWithoutAFile(t *testing.T) {
	b := newBench(t)
	world := &lives{}
	b.start(b.dispatcher(world))
	printed, err := b.store.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	nowhere := command(custody.Open, b.code(), "")
	nowhere.With = custody.Opening{Number: "1/2025", Department: "law", Desk: "diary"}
	elsewhere := command(custody.Open, b.code(), "s1")
	elsewhere.With = custody.Opening{Number: "1/2025", Department: "fin", Desk: "ds"}
	for _, tt := range []struct {
		name string
		c    custody.Command
		want custody.Reason
	}{
		{"opened by a station at another room's desk", elsewhere, custody.NotHere},
		{"foreign", command(custody.Scan, b.code(), "s1"), custody.NoSuchFile},
		{"printed", command(custody.Scan, printed, "s1"), custody.Unassigned},
		{"opened in no department", nowhere, custody.NoSuchPlace},
	} {
		b.put(tt.c)
		if out := b.outcome(tt.c); out.Reason != tt.want || (out.Verdict == custody.Refused) == (tt.want == custody.Unassigned) {
			t.Errorf("%s: %s %s", tt.name, out.Verdict, out.Reason)
		}
	}
	if world.sent != 0 {
		t.Errorf("%d sent to workflows", world.sent)
	}
	open := command(custody.Open, printed, "s1")
	b.put(open)
	if out := b.outcome(open); out.Reason != custody.Opened {
		t.Errorf("opened after a scan: %s", out.Reason)
	}
	b.audit()
}

// What was sent once is sent again in the same form, whatever the office looks
// like by then.
func TestSentAgainAsItWasFirst(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	var sent []string
	world := &lives{fault: func(d Sending) fault {
		mu.Lock()
		defer mu.Unlock()
		if sent = append(sent, string(d.Delivery.Command)); len(sent) > 5 {
			return none
		}
		return refused
	}}
	d := b.dispatcher(world)
	d.Book = &restless{Store: b.store}
	b.start(d)
	c := command(custody.Open, b.code(), "s1")
	b.put(c)
	b.drained()
	mu.Lock()
	defer mu.Unlock()
	for i, r := range sent {
		if r != sent[0] {
			t.Errorf("try %d: %s\nfirst: %s", i+1, r, sent[0])
		}
	}
}

// restless is an office that changes whenever it is looked at.
type restless struct {
	*ledger.Store
	looked atomic.Int64
}

func (r *restless) Office(context.Context, time.Time) (*custody.Office, error) {
	o := sample()
	for i := range o.Posts {
		o.Posts[i].Budget += custody.Seconds(r.looked.Add(1))
	}
	return &o, nil
}

// A dispatcher that stops finishes what is under way, takes on nothing, and leaves
// nothing behind.
func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	b := newBench(t)
	before := goleak.IgnoreCurrent()
	g := gate{Files: &lives{}, entered: make(chan struct{}), open: make(chan struct{})}
	d := b.dispatcher(g)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	commands := life(b.code())[:2]
	b.put(commands...)
	<-g.entered
	cancel()
	close(g.open)
	<-done
	goleak.VerifyNone(t, before)
	n, _, err := b.store.Backlog(t.Context())
	if n > 1 || err != nil { // 0: the second was being leased as it stopped
		t.Fatalf("%d wait, %v", n, err)
	}
	b.applied(commands[0].Code, commands[:2-n])
	b.start(b.dispatcher(g.Files)) // nothing is left leased
	b.drained()
	b.applied(commands[0].Code, commands)
}

// The dispatcher of a ledger that is away says so, and goes on when it is back.
func TestLedgerAway(t *testing.T) {
	b := newBench(t)
	var away atomic.Bool
	away.Store(true)
	s := shaky{Store: b.store, fault: func(op string) fault {
		if away.Load() {
			return refused
		}
		return none
	}}
	d := b.dispatcher(&lives{})
	d.Queue, d.Book = s, s
	b.start(d)
	commands := life(b.code())
	b.put(commands...)
	b.until(func() bool { return !d.Health().LedgerAway.IsZero() })
	away.Store(false)
	b.drained()
	if h := d.Health(); h != (Health{}) {
		t.Errorf("%+v", h)
	}
	b.applied(commands[0].Code, commands)
}
