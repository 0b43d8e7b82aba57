package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/internal/office"
)

var killSync = flag.Bool("kill-sync", false, "TestKilledAgainAndAgain with fsync on: a kill needs none, a power cut does")

// killed is a program on a data folder, with stations that scan at it.
type killed struct {
	*program
	data  string
	store *ledger.Store // from outside, as a web role elsewhere would
	spool *spool
}

var killRooms = []string{"a-101", "a-102", "a-103", "a-104"}

// raise starts a program in a folder. A unit of its budgets is scale seconds.
func raise(t *testing.T, data string, scale custody.Seconds) *killed {
	t.Helper()
	return raiseSaying(t, data, scale, nil)
}

// raiseSaying is raise, with what the program logs.
func raiseSaying(t *testing.T, data string, scale custody.Seconds, says io.Writer) *killed {
	t.Helper()
	address := freeAddress(t)
	k := &killed{data: data, program: &program{t: t, args: []string{"serve", "--data", data, "--addr", address}, sync: *killSync, says: says}}
	k.start()
	k.reopen()
	k.spool = &spool{t: t, bases: []string{k.base}, tokens: map[custody.StationID]string{}}
	k.staff(scale)
	return k
}

// reopen connects to the ledger of the program's folder.
func (k *killed) reopen() {
	k.t.Helper()
	var err error
	if k.store, err = ledger.Open(context.Background(), ledgerAt(k.data, postgres.Ledger, postgres.App), testLog(k.t)); err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(k.store.Close)
}

// staffed sets an office up that programs run apart, with stations that scan at each.
func (a *apart) staffed(scale custody.Seconds, programs ...*program) *killed {
	t := a.t
	t.Helper()
	store, err := ledger.Open(context.Background(), a.databases(postgres.App), testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	k := &killed{program: programs[0], store: store, spool: &spool{t: t, tokens: map[custody.StationID]string{}}}
	for _, p := range programs {
		k.spool.bases = append(k.spool.bases, p.base)
	}
	k.staff(scale)
	return k
}

// staff sets the office up and gives its stations tokens. A unit of its budgets is scale
// seconds.
func (k *killed) staff(scale custody.Seconds) {
	k.t.Helper()
	err := k.store.SetOffice(k.t.Context(), demo.Sample(scale), "test", "set up")
	for _, room := range killRooms {
		if err == nil {
			k.spool.tokens[in(room)], err = k.store.Enrol(k.t.Context(), in(room))
		}
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// open opens files at the first room's station.
func (k *killed) open(n int) []label.Code {
	k.t.Helper()
	codes := make([]label.Code, n)
	for i := range codes {
		code, err := k.store.Mint(k.t.Context(), label.File)
		if err != nil {
			k.t.Fatal(err)
		}
		c := newCommand(custody.Open, code, in(killRooms[0]))
		c.With = custody.Opening{Number: fmt.Sprintf("kill/%d", i), Department: "fin", Desk: "fin-ri", Route: "fin-ordinary"}
		k.spool.send(c, 0)
		codes[i] = code
	}
	return codes
}

// harkara runs a command in this process and returns its exit code and output.
func harkara(t testing.TB, args ...string) (code int, out string) {
	t.Helper()
	var both bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &both, &both)
	return code, both.String()
}

// The program, or its PostgreSQL, is killed ten times at random moments while 2,000
// scans are posted and rungs come due: every scan that a station was told is stored is
// applied exactly once, in order, and so is every rung.
func TestKilledAgainAndAgain(t *testing.T) {
	needPostgres(t)
	files, idle, scans, kills := 40, 12, 2000, 10
	if testing.Short() {
		scans, kills = 400, 2
	}
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	k := raise(t, filepath.Join(dir, "data"), 3)
	codes, left := k.open(files), k.open(idle) // left alone, so that they are late: rungs come due 4.5 to 12 s after

	const senders = 4 // each has files of its own: the order of its scans is theirs
	lists, all := make([][]custody.Command, senders), []custody.Command(nil)
	for i := range scans {
		file := i % files
		c := newCommand(custody.Scan, codes[file], in(killRooms[(i/files+file)%len(killRooms)]))
		lists[file%senders] = append(lists[file%senders], c)
		all = append(all, c)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	programs := make([]bool, kills) // which kills hit the program; both kinds occur
	for i := range programs {
		programs[i] = i%2 == 0 || i > 1 && random.IntN(2) == 0
	}
	random.Shuffle(kills, func(i, j int) { programs[i], programs[j] = programs[j], programs[i] })

	began := time.Now()
	stored := make(chan struct{}, scans)
	var sending sync.WaitGroup
	for _, list := range lists {
		sending.Go(func() {
			for _, c := range list {
				c.At.Wall = time.Now().UTC()
				k.spool.send(c, 0)
				stored <- struct{}{}
			}
		})
	}
	n, hits := 0, map[bool]int{}
	for i, program := range programs {
		for at := i*scans/kills + random.IntN(scans/kills); n < at; n++ {
			<-stored
		}
		if program {
			k.end(syscall.SIGKILL)
			k.start()
		} else {
			killPostgres(t, k.data)
		}
		hits[program]++
	}
	sending.Wait()
	drained(t, k.store)
	t.Logf("%d scans in %s, sent again %d times; %d kills of the program, %d of PostgreSQL", scans, time.Since(began).Round(time.Second), k.spool.again.Load(), hits[true], hits[false])
	if hits[true]+hits[false] != kills || hits[true] == 0 || hits[false] == 0 {
		t.Errorf("kills: %v, want %d of both kinds", hits, kills)
	}
	if k.spool.again.Load() == 0 {
		t.Error("no kill hit an answer on its way")
	}
	applied(t, k.store, codes, all)
	h := &hired{t: t, o: &office.Office{Ledger: k.store}}
	last := func(code label.Code) int {
		entries := h.entries(code)
		return entries[len(entries)-1].Rung
	}
	rungs := 0
	for _, code := range left {
		h.met(func() bool { return last(code) == 200 })
	}
	for _, code := range append(codes, left...) {
		h.rungsOnce(code)
		rungs += h.count(code, custody.RungDue)
	}
	t.Logf("%d rungs recorded", rungs)
	for _, when := range []string{"beside the running program", "after it"} {
		if code, out := harkara(t, "verify", "--data", k.data); code != exitOK {
			t.Errorf("verify %s: %d\n%s", when, code, out)
		}
		if when == "after it" {
			break
		}
		k.end(syscall.SIGTERM)
	}
}

// The program is killed between a decision and its commit. That is no finding: the
// command still waits, and is committed as it was decided.
func TestVerifyAfterAKillBeforeTheCommit(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	k := raise(t, filepath.Join(dir, "data"), 3600)
	code := k.open(1)[0]
	drained(t, k.store)
	admin := connected(t, ledgerAt(k.data, postgres.Ledger, postgres.Admin))
	if _, err := admin.Exec(t.Context(), `REVOKE INSERT ON entries FROM harkara`); err != nil {
		t.Fatal(err)
	}
	c := newCommand(custody.Scan, code, in("a-102"))
	k.spool.send(c, 0)
	guest, err := office.Visit(t.Context(), engine.Config{Dir: k.data})
	if err != nil {
		t.Fatal(err)
	}
	if err := guest.Engine.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := &hired{t: t, o: guest}
	h.met(func() bool {
		s, err := audit.Temporal{Client: guest.Engine.Temporal()}.Snapshot(t.Context(), code, 0)
		return err == nil && s.State.Head.Revision == 2
	})
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	k.end(syscall.SIGKILL)
	if _, err := admin.Exec(t.Context(), `GRANT INSERT ON entries TO harkara`); err != nil {
		t.Fatal(err)
	}
	if code, out := harkara(t, "verify", "--data", k.data); code != exitOK {
		t.Errorf("verify: %d\n%s", code, out)
	}
	k.start()
	drained(t, k.store)
	applied(t, k.store, []label.Code{code}, []custody.Command{c})
	if code, out := harkara(t, "verify", "--data", k.data); code != exitOK {
		t.Errorf("verify after the commit: %d\n%s", code, out)
	}
	k.end(syscall.SIGTERM)
}

// To verify an office that stands still records nothing there, not even rungs that have come
// due since: stations may hold scans from before.
func TestVerifyRunsNoClocks(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	k := raise(t, filepath.Join(dir, "data"), 3)
	codes := k.open(5) // rungs come due 4.5 to 12 s after
	drained(t, k.store)
	k.end(syscall.SIGTERM)
	entries := func() (n int) {
		t.Helper()
		o, err := office.Open(t.Context(), engine.Config{Dir: k.data, Log: testLog(t)}, office.Roles{})
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			n += len(entriesOf(t, o.Ledger, code))
		}
		if err := o.Close(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := entries()
	for range 3 {
		if code, out := harkara(t, "verify", "--data", k.data); code != exitOK {
			t.Errorf("verify: %d\n%s", code, out)
		}
	}
	if after := entries(); after != before {
		t.Errorf("%d entries, %d before", after, before)
	}
	k.start()
	changed, stop := k.store.Watch()
	defer stop()
	for len(entriesOf(t, k.store, codes[0])) < 2 { // they are told once it runs
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatal("no rung")
		}
	}
	k.end(syscall.SIGTERM)
}
