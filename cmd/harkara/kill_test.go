package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// program is harkara as a process of its own, to be killed.
type program struct {
	t    *testing.T
	dir  string
	addr string // where it listens; empty: anywhere
	cmd  *exec.Cmd
}

func (p *program) start() {
	p.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(exe, "serve", "--data", p.dir, "--addr", cmp.Or(p.addr, "127.0.0.1:0"))
	p.cmd.Env = append(os.Environ(), asProgram+"=1", "HARKARA_TEST_NOSYNC=1")
	if testing.Verbose() {
		p.cmd.Stderr = os.Stderr
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if at, ready := strings.CutPrefix(lines.Text(), "ready on http://"); ready {
			p.addr = at
			go func() {
				for lines.Scan() { // keep the pipe empty
				}
			}()
			return
		}
	}
	p.t.Fatalf("the program did not become ready: %v", p.cmd.Wait())
}

func (p *program) end(sig syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
	err := p.cmd.Wait()
	if sig != syscall.SIGKILL && err != nil {
		p.t.Errorf("the program ended with %v", err)
	}
}

func (p *program) postmaster() int {
	raw, err := os.ReadFile(filepath.Join(p.dir, "postgres/data/postmaster.pid"))
	if err != nil {
		return 0 // it is just down
	}
	pid, _ := strconv.Atoi(strings.SplitN(string(raw), "\n", 2)[0])
	return pid
}

// ledger opens the program's ledger from outside, as a web role elsewhere would.
func (p *program) ledger() *ledger.Store {
	p.t.Helper()
	address := url.URL{Scheme: "postgres", User: url.User("harkara"), Path: "/harkara", RawQuery: url.Values{
		"host": {filepath.Join(p.dir, "postgres/run")}, "port": {"5432"}, "passfile": {filepath.Join(p.dir, "postgres/pgpass")},
	}.Encode()}
	s, err := ledger.Open(context.Background(), address.String(), testLog(p.t))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(s.Close)
	return s
}

// The program, or its PostgreSQL, is killed ten times at random moments while
// 2,000 scans arrive: every stored scan is applied exactly once, in order.
func TestKilledAgainAndAgain(t *testing.T) {
	needPostgres(t)
	files, scans, kills := 40, 2000, 10
	if testing.Short() {
		scans, kills = 400, 2
	}
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	p := &program{t: t, dir: filepath.Join(dir, "data")}
	p.start()
	store := p.ledger()
	if err := store.SetOffice(t.Context(), demo.Sample(3600), "test", "set up"); err != nil {
		t.Fatal(err)
	}
	codes := make([]label.Code, files)
	var opens, all []custody.Command
	for i := range codes {
		code, err := store.Mint(t.Context(), label.File)
		if err != nil {
			t.Fatal(err)
		}
		c := newCommand(custody.Open, code, "")
		c.Opening = &custody.Opening{Number: fmt.Sprintf("kill/%d", i), Department: "fin", Desk: "fin-ri", Route: "fin-ordinary"}
		codes[i], opens = code, append(opens, c)
	}
	putAll(t, store, opens)
	drained(t, store)

	stations := []custody.StationID{in("a-101"), in("a-102"), in("a-103"), in("a-104")}
	for i := range scans {
		all = append(all, newCommand(custody.Scan, codes[i%files], stations[(i/files+i)%len(stations)]))
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	pieces := kills + 1
	for k := range pieces {
		part := all[k*scans/pieces : (k+1)*scans/pieces]
		cut := random.IntN(len(part))
		putAll(t, store, part[:cut])
		if k < kills {
			if random.IntN(2) == 0 {
				p.end(syscall.SIGKILL)
				p.start()
			} else if pid := p.postmaster(); pid > 0 {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Logf("postmaster %d: %v", pid, err)
				}
			}
		}
		putAll(t, store, part[cut:])
	}
	drained(t, store)
	p.end(syscall.SIGTERM)

	o, err := openOffice(t.Context(), engine.Config{Dir: p.dir, NoSync: true, Log: testLog(t)}, roles{worker: true}, custody.Book, testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer o.close()
	applied(t, o.store, codes, all)
	verified(t, o)
}

// putAll stores commands in small batches as a station's spool would: the same
// ones again until they are stored.
func putAll(t *testing.T, store *ledger.Store, commands []custody.Command) {
	t.Helper()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for len(commands) > 0 {
		batch := commands[:min(5, len(commands))]
		_, err := store.Put(t.Context(), batch)
		switch {
		case err == nil:
			commands = commands[len(batch):]
			continue
		case !errors.Is(err, custody.ErrNotStored):
			t.Fatal(err)
		}
		select {
		case <-retry.C:
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}
