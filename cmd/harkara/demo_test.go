package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/office"
	"harkara/web/gate"
)

// shownDemo is the demonstration as a process of its own.
type shownDemo struct {
	t             *testing.T
	base          string
	password      string // by which anybody of it signs in
	session       *http.Cookie
	ready         time.Duration
	before, after []string // lines it prints up to its address, and then
	cmd           *exec.Cmd
}

func showDemo(t *testing.T, args ...string) *shownDemo {
	t.Helper()
	needPostgres(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := &shownDemo{t: t, cmd: exec.Command(exe, append([]string{"demo"}, args...)...)}
	d.cmd.Env = append(os.Environ(), asProgram+"=1")
	d.cmd.Stderr = os.Stderr
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for d.base == "" && lines.Scan() {
		d.before = append(d.before, lines.Text())
		if at, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "http://"); ok {
			at, _, _ = strings.Cut(at, "/")
			d.base, d.ready = "http://"+at, time.Since(began)
		}
	}
	if d.base == "" {
		t.Fatalf("the demonstration did not become ready: %v", d.cmd.Wait())
	}
	for lines.Scan() {
		d.after = append(d.after, lines.Text())
		if said, ok := strings.CutPrefix(lines.Text(), "with the password "); ok {
			d.password, _, _ = strings.Cut(said, " ")
		}
		if d.password != "" || strings.HasPrefix(lines.Text(), "Ctrl-C") && strings.HasPrefix(d.base, "http://127.") {
			break
		}
	}
	return d
}

// end interrupts it, as Ctrl-C does.
func (d *shownDemo) end() {
	d.t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGINT); err != nil {
		d.t.Fatal(err)
	}
	if err := d.cmd.Wait(); err != nil {
		d.t.Errorf("the demonstration ended with %v", err)
	}
}

func (d *shownDemo) get(path string, into any) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, d.base+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	if d.session != nil {
		req.AddCookie(d.session)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		d.t.Fatalf("%s: %s", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		d.t.Fatalf("%s: %v", path, err)
	}
}

// signIn lets the test in as one of the names that are printed.
func (d *shownDemo) signIn(name string) {
	d.t.Helper()
	once := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := once.PostForm(d.base+"/login", url.Values{"name": {name}, "secret": {d.password}})
	if err != nil {
		d.t.Fatal(err)
	}
	resp.Body.Close()
	for _, c := range resp.Cookies() {
		if c.Name == gate.Session {
			d.session = c
		}
	}
	if d.session == nil {
		d.t.Fatalf("sign in as %s: %s", name, resp.Status)
	}
}

func (d *shownDemo) board() []custody.Row {
	d.t.Helper()
	var b struct{ Files []custody.Row }
	d.get("/api/v1/board", &b)
	return b.Files
}

// entries are those of a file after a revision.
func (d *shownDemo) entries(row custody.Row, after int64) []custody.Entry {
	d.t.Helper()
	var chain struct {
		Whole   bool
		Entries []custody.Entry
	}
	d.get("/api/v1/files/"+string(row.File.Code)+"/entries", &chain)
	if !chain.Whole {
		d.t.Errorf("file %s: chain is broken", row.File.Code)
	}
	return chain.Entries[min(int(after), len(chain.Entries)):]
}

// What the demonstration promises comes about by itself: files move, some are late
// and escalate, one goes to a wrong room, a station that was cut off tells later. A
// second start carries on.
func TestDemonstration(t *testing.T) {
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	args := []string{"--data", filepath.Join(dir, "data"), "--addr", "127.0.0.1:0", "--files", "60", "--scale", "2"}
	d := showDemo(t, args...)
	told := strings.Join(append(d.before, d.after...), "\n")
	for _, what := range []string{"sample secretariat", "/rooms", "/kiosk", "/open", "Ctrl-C"} {
		if !strings.Contains(told, what) {
			t.Errorf("its first lines do not tell of %q:\n%s", what, told)
		}
	}
	missing := map[string]bool{"sent": true, "received": true, "escalated": true, "wrong room": true, "told later": true, "on hold": true, "laid by": true, "resumed": true, "sent back": true, "shown": true, "back here": true}
	seen := map[string]int64{} // revisions of files
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for len(missing) > 0 {
		for _, row := range d.board() {
			code := string(row.File.Code)
			if row.Position.Revision == seen[code] {
				continue
			}
			for _, e := range d.entries(row, seen[code]) {
				seen[code] = e.Revision
				for what, is := range map[string]bool{
					"sent":       e.Reason == custody.Sent,
					"received":   e.Reason == custody.Received,
					"escalated":  e.Reason == custody.RungDue && e.Rung >= 100,
					"wrong room": e.Reason == custody.OffRoute,
					"on hold":    e.Reason == custody.OnHold,
					"laid by":    e.Reason == custody.LaidBy,
					"resumed":    e.Reason == custody.Resumed,
					"sent back":  e.Reason == custody.SentBack && e.Why != "",
					"shown":      e.Reason == custody.SeenHere,
					"back here":  e.Reason == custody.Returned && e.Why != "",
					"told later": e.Received.Sub(e.Happened) > 3*time.Second && e.Reason != custody.RungDue,
				} {
					if is {
						delete(missing, what)
					}
				}
			}
		}
		select {
		case <-look.C:
		case <-t.Context().Done():
			t.Fatalf("these did not come about: %v", missing)
		}
	}
	d.end()

	again := showDemo(t, args...)
	t.Logf("ready after %.1f s, again after %.1f s", d.ready.Seconds(), again.ready.Seconds())
	known := 0
	for _, row := range again.board() {
		if seen[string(row.File.Code)] > 0 {
			known++
		}
	}
	if known == 0 {
		t.Error("a second start knows nothing of the first")
	}
	again.end()
}

// A folder with a real office is none for a demonstration: it is told so, and the
// office and its tokens are as they were.
func TestDemonstrationLeavesARealOfficeAlone(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	within := func(do func(*office.Office) error) {
		t.Helper()
		o, err := office.Open(t.Context(), engine.Config{Dir: data, NoSync: true, Log: testLog(t)}, office.Roles{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(do(o), o.Close()); err != nil {
			t.Fatal(err)
		}
	}
	token, ours := "", demo.Sample(3600)
	ours.Name.En, ours.Sample = "Real Secretariat", false
	within(func(o *office.Office) (err error) {
		if err = o.Ledger.SetOffice(t.Context(), ours, "test", "set up"); err == nil {
			token, err = o.Ledger.Enrol(t.Context(), in("a-101"))
		}
		return err
	})
	noSync = true
	defer func() { noSync = false }()
	if code, out := harkara(t, "demo", "--data", data, "--addr", "127.0.0.1:0", "--files", "1", "--for", "1s"); code != exitFailed || !strings.Contains(out, `holds a real office, "Real Secretariat"`) {
		t.Errorf("%d\n%s", code, out)
	}
	within(func(o *office.Office) error {
		have, err := o.Ledger.Office(t.Context(), time.Now())
		if err != nil || have.Name.En != "Real Secretariat" || have.Sample {
			t.Errorf("in force is %+v, %v", have.Name, err)
		}
		if _, err := o.Ledger.Authenticate(t.Context(), token); err != nil {
			t.Errorf("its station's token: %v", err)
		}
		return nil
	})
}

// Where others can reach it, it asks for the token that it prints, and lives all the
// same.
func TestDemonstrationForOthers(t *testing.T) {
	d := showDemo(t, "--addr", "0.0.0.0:0", "--files", "8", "--scale", "1", "--for", "5m")
	d.base = "http://127.0.0.1:" + d.base[strings.LastIndexByte(d.base, ':')+1:]
	if resp, err := http.Get(d.base + "/api/v1/board"); err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %v, %v", resp, err)
	}
	d.signIn("administrator")
	moved := func() bool {
		for _, row := range d.board() {
			if row.Position.Revision > 1 {
				return true
			}
		}
		return false
	}
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for !moved() {
		select {
		case <-look.C:
		case <-t.Context().Done():
			t.Fatal("nothing moves")
		}
	}
	d.end()
}
