package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/office"
	"harkara/internal/people"
	"harkara/web/wire"
)

// agent is a station's program as a process of its own.
type agent struct {
	t    *testing.T
	exe  string
	data string
	in   io.Writer
	says chan string // lines
	at   string      // of its API
}

// enlist builds the program and makes it a station of a running office.
func enlist(t *testing.T, k *killed, room string) *agent {
	t.Helper()
	dir := t.TempDir()
	a := &agent{t: t, exe: filepath.Join(dir, "station"), data: filepath.Join(dir, "data"), says: make(chan string, 100)}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", a.exe, "../station").CombinedOutput(); err != nil {
		t.Fatalf("build the station: %v\n%s", err, out)
	}
	token := filepath.Join(dir, "token")
	if code, out := harkara(t, "person", "token", string(people.FirstAdministrator), "--data", k.data, "-o", token); code != exitOK {
		t.Fatal(out)
	}
	code, out := harkara(t, "station", "enrol", string(in(room)), "--server", k.base, "--token-file", token)
	once, _, _ := strings.Cut(out, "\n")
	if code != exitOK {
		t.Fatal(out)
	}
	if out, err := exec.CommandContext(t.Context(), a.exe, "enrol", "--data", a.data, "--server", k.base, once).CombinedOutput(); err != nil {
		t.Fatalf("enrol: %v\n%s", err, out)
	}
	return a
}

func (a *agent) start() {
	a.t.Helper()
	a.run("run", "--data", a.data, "--addr", "127.0.0.1:0", "--stdin", "--lang", "en")
}

// run returns when the program says where its API is.
func (a *agent) run(args ...string) {
	a.t.Helper()
	cmd := exec.Command(a.exe, args...)
	if testing.Verbose() {
		cmd.Stderr = os.Stderr
	}
	var err error
	if a.in, err = cmd.StdinPipe(); err != nil {
		a.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		a.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			a.says <- lines.Text()
		}
	}()
	a.at = strings.TrimPrefix(a.line(), "ready on ")
}

func (a *agent) line() string {
	a.t.Helper()
	select {
	case line := <-a.says:
		return line
	case <-time.After(time.Minute):
		a.t.Fatal("the station says nothing")
	}
	return ""
}

// scan reads a file's cover and returns the id of the command, of which the clerk hears
// that the office has it, or that it is kept.
func (a *agent) scan(code label.Code, tones ...string) custody.CommandID {
	a.t.Helper()
	fmt.Fprintln(a.in, code)
	line := a.line()
	words := strings.SplitN(line, " ", 4) // tone, id, code, words
	for _, tone := range tones {
		if len(words) == 4 && words[0] == tone && words[2] == string(code) {
			return custody.CommandID(words[1])
		}
	}
	a.t.Fatalf("%s: %s", code, line)
	return ""
}

// agentState is how a station says that it is.
type agentState struct {
	Waiting       int
	Server, Epoch string
}

// until asks the station how it is until it is so.
func (a *agent) until(f func(agentState) bool) (is agentState) {
	a.t.Helper()
	for tick, end := time.Tick(20*time.Millisecond), time.After(2*time.Minute); ; {
		resp, err := http.Get(a.at + "/api/v1/status")
		if err == nil {
			err = errors.Join(json.NewDecoder(resp.Body).Decode(&is), resp.Body.Close())
		}
		if err != nil {
			a.t.Fatal(err)
		}
		if f(is) {
			return is
		}
		select {
		case <-tick:
		case <-end:
			a.t.Fatalf("the station is %+v", is)
		}
	}
}

// An office is backed up while it runs, goes on, and its disk breaks. What is restored
// gets from its stations' programs what they had brought it since, each scan once.
func TestBackUpScanDestroyRestore(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	backups := filepath.Join(dir, "backups")
	k := raise(t, filepath.Join(dir, "data"), 3600)
	codes := k.open(7)
	drained(t, k.store)
	a := enlist(t, k, "a-102")
	a.start()
	epoch := a.until(func(s agentState) bool { return s.Server == "ok" }).Epoch
	ids := map[label.Code]custody.CommandID{}
	has := []string{wire.ToneUp, wire.ToneSoft}
	for _, code := range codes[:2] {
		ids[code] = a.scan(code, has...)
	}
	drained(t, k.store)

	if code, out := harkara(t, "backup", "--data", k.data, backups); code != exitFailed || !strings.Contains(out, "--same-disk") {
		t.Errorf("on the same disk: %d %s", code, out)
	}
	k.healthz("none")
	if code, out := harkara(t, "backup", "--data", k.data, "--same-disk", backups); code != exitOK || !strings.Contains(out, "verified") {
		t.Fatal(out)
	}
	k.healthz("fresh")
	for _, code := range codes[2:5] {
		ids[code] = a.scan(code, has...)
	}
	a.until(func(s agentState) bool { return s.Waiting == 0 })
	drained(t, k.store)

	k.store.Close()
	k.end(syscall.SIGKILL)
	killPostgres(t, k.data)
	a.until(func(s agentState) bool { return s.Server == "away" })
	for tick := time.Tick(50 * time.Millisecond); os.RemoveAll(k.data) != nil; <-tick { // its processes end
		if t.Context().Err() != nil {
			t.Fatal("the folder is not destroyed")
		}
	}
	ids[codes[5]] = a.scan(codes[5], wire.ToneKept)

	if code, out := harkara(t, "restore", "--data", k.data, backups); code != exitOK || !strings.Contains(out, "Start it") {
		t.Fatal(out)
	}
	k.start()
	k.reopen()
	ids[codes[6]] = a.scan(codes[6], append(has, wire.ToneKept)...)
	a.until(func(s agentState) bool { return s.Server == "ok" && s.Epoch != epoch && s.Waiting == 0 })
	drained(t, k.store)
	h := &hired{t: t, o: &office.Office{Ledger: k.store}}
	for _, code := range codes {
		times := 0
		for _, e := range h.entries(code) {
			if e.Command == ids[code] {
				times++
			}
		}
		row, err := k.store.File(t.Context(), code)
		if err != nil || times != 1 || row.Position.Room != "a-102" {
			t.Errorf("%s: scan %s stands %d times, and it is in %s: %v", code, ids[code], times, row.Position.Room, err)
		}
	}
	k.healthz("fresh")
	if code, out := harkara(t, "verify", "--data", k.data); code != exitOK {
		t.Error(out)
	}
	k.end(syscall.SIGTERM)
	if code, out := harkara(t, "backup", "--data", k.data, "--same-disk", "--keep", "1", backups); code != exitOK {
		t.Error("while it does not run: ", out)
	}
	if left, err := os.ReadDir(backups); err != nil || len(left) != 1 {
		t.Errorf("kept: %v, %v", left, err)
	}
}

// healthz looks at what the office says of its backups, once it knows.
func (k *killed) healthz(want string) {
	k.t.Helper()
	var is struct{ Backup struct{ State string } }
	for tick := time.Tick(50 * time.Millisecond); ; {
		resp, err := http.Get(k.base + "/healthz")
		if err == nil {
			err = errors.Join(json.NewDecoder(resp.Body).Decode(&is), resp.Body.Close())
		}
		if err != nil {
			k.t.Fatal(err)
		}
		if is.Backup.State == want {
			return
		}
		select {
		case <-tick:
		case <-k.t.Context().Done():
			k.t.Fatalf("backups are %q", is.Backup.State)
		}
	}
}

// A database elsewhere is backed up there: both commands say so and do nothing.
func TestBackupOfADatabaseElsewhere(t *testing.T) {
	dir := t.TempDir()
	for _, command := range []string{"backup", "restore"} {
		code, out := harkara(t, command, "--database-url", "postgres://ledger/harkara", "--data", filepath.Join(dir, "data"), dir)
		if code != exitFailed || !strings.Contains(out, "pg_basebackup") || !strings.Contains(out, "rebuild --replace") {
			t.Errorf("%s: %d %s", command, code, out)
		}
	}
}
