package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"harkara/internal/custody"
)

// program is harkara as a process of its own, to be killed.
type program struct {
	t    testing.TB
	exe  string // empty: this test, as harkara
	args []string
	sync bool      // with fsync, as offices have it
	says io.Writer // what it logs; nil: nowhere, or with -v to where the test does
	cmd  *exec.Cmd
	base string // where it serves; empty: it does not
}

// start returns when the program says that it is ready.
func (p *program) start() {
	p.t.Helper()
	exe, err := p.exe, error(nil)
	if exe == "" {
		exe, err = os.Executable()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd = exec.Command(exe, p.args...)
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	if !p.sync {
		p.cmd.Env = append(p.cmd.Env, noSyncToo+"=1")
	}
	p.cmd.Stderr = p.says
	if p.says == nil && testing.Verbose() {
		p.cmd.Stderr = os.Stderr
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	started := p.cmd
	p.t.Cleanup(func() { // of a test that failed before its end
		if started.ProcessState == nil {
			_ = started.Process.Signal(syscall.SIGTERM)
			_ = started.Wait()
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		after, ready := strings.CutPrefix(lines.Text(), "ready")
		if !ready {
			continue
		}
		if _, base, serves := strings.Cut(after, " on "); serves {
			p.base = base
		}
		go func() {
			for lines.Scan() { // keep the pipe empty
			}
		}()
		return
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

// killPostgres kills the database server of a data folder, once there is one.
func killPostgres(t testing.TB, data string) {
	t.Helper()
	for tick := time.Tick(10 * time.Millisecond); ; {
		raw, err := os.ReadFile(filepath.Join(data, "postgres/data/postmaster.pid"))
		if err == nil {
			pid, _ := strconv.Atoi(strings.SplitN(string(raw), "\n", 2)[0])
			if pid > 1 && syscall.Kill(pid, syscall.SIGKILL) == nil {
				return
			}
		}
		select {
		case <-tick:
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// freeAddress is one on loopback that a program may take again after its death.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// errTurnedAway is an answer other than that a command is stored.
var errTurnedAway = errors.New("not stored")

// keep posts one command as a station does; nil when it is told that it is stored.
func keep(ctx context.Context, base, token string, c custody.Command) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/scans", bytes.NewReader(c.Bytes()))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Error   struct{ Message string }
		Results []struct{ Stored bool }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || len(answer.Results) != 1 || !answer.Results[0].Stored {
		return fmt.Errorf("%w: %s: %s", errTurnedAway, resp.Status, answer.Error.Message)
	}
	return nil
}

// spool sends commands of stations in their order, each again, to the addresses in
// turn, until it is stored.
type spool struct {
	t      testing.TB
	bases  []string
	tokens map[custody.StationID]string
	again  atomic.Int64 // answers that were no promise, or never came
}

func (s *spool) send(c custody.Command, turn int) {
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		err := keep(s.t.Context(), s.bases[turn%len(s.bases)], s.tokens[c.Station], c)
		if err == nil {
			return
		}
		s.again.Add(1)
		turn++
		select {
		case <-retry.C:
		case <-s.t.Context().Done():
			s.t.Errorf("command %s: %v", c.ID, err)
			return
		}
	}
}
