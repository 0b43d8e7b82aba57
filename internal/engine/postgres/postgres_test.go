package postgres

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// testConfig is a cluster in a new folder that the server's user can reach.
func testConfig(t *testing.T, name string) Config {
	t.Helper()
	if _, err := FindBinaries(""); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "harkara-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return Config{Dir: filepath.Join(dir, name), NoSync: true}
}

func start(t *testing.T, cfg Config) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// do runs a statement and returns PostgreSQL's error.
func do(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, statement)
	return err
}

func must(t *testing.T, url, statement string) {
	t.Helper()
	if err := do(t.Context(), url, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}

// eventually asks until the cluster answers.
func eventually(t *testing.T, c *Cluster, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.Tick(20 * time.Millisecond); ; {
		err := do(ctx, c.URL(Ledger, Owner), statement)
		if err == nil {
			return
		}
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestStartStopAndStartAgain(t *testing.T) {
	cfg := testConfig(t, "made/with/parents")
	cfg.Existing = true
	if _, err := Start(t.Context(), cfg); !errors.Is(err, ErrNoCluster) {
		t.Errorf("an existing cluster where there is none: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(cfg.Dir)); err == nil {
		t.Errorf("looking for a cluster made %s", filepath.Dir(cfg.Dir))
	}
	for i := range 2 {
		cfg.Existing = i > 0
		c, err := Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		must(t, c.URL(Ledger, App), `SELECT 1`)
		if _, err := Start(t.Context(), cfg); !errors.Is(err, ErrLocked) {
			t.Errorf("a second program on the folder: %v", err)
		}
		pid := c.PID()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if alive(pid) {
			t.Errorf("postgres %d still runs after Close", pid)
		}
		if err := c.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
	}
}

func TestEveryRoleMayDoItsOwnWorkOnly(t *testing.T) {
	c := start(t, testConfig(t, "pg"))
	must(t, c.URL(Ledger, Owner), `CREATE TABLE entries (n int); GRANT SELECT, INSERT ON entries TO `+App)
	must(t, c.URL(Ledger, App), `INSERT INTO entries VALUES (1)`)
	for _, name := range []string{Workflows, Visibility} {
		if err := c.Build(t.Context(), name, Temporal, nil); err != nil {
			t.Fatal(err)
		}
	}
	must(t, c.URL(Visibility, Temporal), `CREATE EXTENSION btree_gin`)
	refused := []struct{ database, role, statement, code string }{
		{Ledger, App, `DELETE FROM entries`, "42501"},
		{Ledger, App, `CREATE TABLE mine (n int)`, "42501"},
		{Ledger, App, `CREATE ROLE friend SUPERUSER`, "42501"},
		{Ledger, Owner, `CREATE ROLE friend SUPERUSER`, "42501"},
		{Ledger, Temporal, `SELECT 1`, "42501"},
		{Workflows, App, `SELECT 1`, "42501"},
		{Visibility, Owner, `SELECT 1`, "42501"},
	}
	for _, r := range refused {
		if err := do(t.Context(), c.URL(r.database, r.role), r.statement); !strings.Contains(errText(err), r.code) {
			t.Errorf("%s in %s: %s: %v, want SQLSTATE %s", r.role, r.database, r.statement, err, r.code)
		}
	}
	stranger := strings.Replace(c.URL(Ledger, App), c.passwords[App], c.passwords[Temporal], 1)
	if err := do(t.Context(), stranger, `SELECT 1`); !strings.Contains(errText(err), "28P01") {
		t.Errorf("another role's password: %v, want SQLSTATE 28P01", err)
	}
	for name, want := range map[string]fs.FileMode{"pgpass": 0o600, "run": 0o700, "data": 0o700} {
		info, err := os.Stat(filepath.Join(c.cfg.Dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode().Perm(), want)
		}
	}
}

// A database shows itself filled or not at all.
func TestHalfBuiltDatabaseIsBuiltAgain(t *testing.T) {
	c := start(t, testConfig(t, "pg"))
	fill := func(statement string) func(string) error {
		return func(aside string) error { return do(t.Context(), c.URL(aside, Temporal), statement) }
	}
	if err := c.Build(t.Context(), Workflows, Temporal, fill(`CREATE TABLE half (n int); SELECT 1/0`)); err == nil {
		t.Fatal("a failed fill passes for a built database")
	}
	if err := do(t.Context(), c.URL(Workflows, Temporal), `SELECT 1`); !strings.Contains(errText(err), "3D000") {
		t.Errorf("a half-built database: %v, want SQLSTATE 3D000", err)
	}
	for range 2 {
		if err := c.Build(t.Context(), Workflows, Temporal, fill(`CREATE TABLE half (n int)`)); err != nil {
			t.Fatal(err)
		}
	}
	must(t, c.URL(Workflows, Temporal), `SELECT n FROM half`)
}

func errText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

func TestKilledServerComesBackWithWhatItCommitted(t *testing.T) {
	var logged bytes.Buffer
	cfg := testConfig(t, "pg")
	t.Cleanup(func() {
		if t.Failed() {
			said, _ := os.ReadFile(filepath.Join(cfg.Dir, "postgres.log"))
			t.Logf("%s\n%s", &logged, said)
		}
	})
	cfg.Log = slog.New(slog.NewTextHandler(&logged, nil))
	c, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	must(t, c.URL(Ledger, Owner), `CREATE TABLE kept (n int)`)
	for range 3 {
		if err := syscall.Kill(c.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, c, `INSERT INTO kept VALUES (1)`)
	}
	must(t, c.URL(Ledger, Owner), `SELECT 1 / (CASE count(*) WHEN 3 THEN 1 ELSE 0 END) FROM kept`)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(logged.String(), "postgres died, restarting") {
		t.Error("a death was not logged")
	}
}

// programEnv makes the test binary a program that starts a cluster in the folder
// it names and then waits to be killed.
const programEnv = "HARKARA_TEST_CLUSTER"

func TestMain(m *testing.M) {
	dir, leashed := strings.CutPrefix(os.Getenv(programEnv), "leashed:")
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := Start(context.Background(), Config{Dir: dir, NoSync: true, Leashed: leashed})
	if err != nil {
		slog.Error("start cluster", "err", err)
		os.Exit(1)
	}
	if _, err := os.Stdout.WriteString(c.URL(Ledger, Owner) + "\n"); err != nil {
		os.Exit(1)
	}
	select {}
}

// program runs a second program on the folder until its cluster is up, kills it,
// and returns the server's pid.
func program(t *testing.T, dir, leash string) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programEnv+"="+leash+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if n, err := out.Read(make([]byte, 1)); n != 1 {
		t.Fatalf("the program started no cluster: %v", err)
	}
	pid := (&Cluster{cfg: Config{Dir: dir}}).serverPID()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	return pid
}

func TestServerOfAKilledProgramIsAdopted(t *testing.T) {
	cfg := testConfig(t, "pg")
	pid := program(t, cfg.Dir, "")
	if !alive(pid) {
		t.Fatalf("postgres %d died with its program", pid)
	}
	heir := start(t, cfg)
	if heir.PID() != pid {
		t.Errorf("the heir's server is %d, want the surviving %d", heir.PID(), pid)
	}
	must(t, heir.URL(Ledger, App), `SELECT 1`)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, heir, `SELECT 1`)
	if heir.PID() == pid {
		t.Error("an adopted server that died was not replaced")
	}
}

func TestLeashedServerDiesWithItsProgram(t *testing.T) {
	cfg := testConfig(t, "pg")
	pid := program(t, cfg.Dir, "leashed:")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.Tick(10 * time.Millisecond); alive(pid); {
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatalf("postgres %d outlived its program", pid)
		}
	}
}

// A pid file of before a reboot may name any process of today.
func TestStrangerIsNotAdopted(t *testing.T) {
	cfg := testConfig(t, "pg")
	c, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command("sleep", "600")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
	stale := strings.Join([]string{strconv.Itoa(stranger.Process.Pid), c.data(), "1700000000", port, c.socket, ""}, "\n")
	if err := os.WriteFile(filepath.Join(c.data(), "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, adopted := c.survivor(); adopted {
		t.Error("a stranger was taken for the server")
	}
	if !alive(stranger.Process.Pid) {
		t.Error("a stranger was killed")
	}
}

func TestLongFolderNames(t *testing.T) {
	c := start(t, testConfig(t, strings.Repeat("long", 30)))
	t.Cleanup(func() { os.RemoveAll(c.socket) })
	must(t, c.URL(Ledger, App), `SELECT 1`)
	if len(c.socket) > longestSocket {
		t.Errorf("socket folder %s", c.socket)
	}
}

func TestStartSaysWhatStandsInTheWay(t *testing.T) {
	closed := testConfig(t, "closed/pg")
	parent := filepath.Dir(closed.Dir)
	if err := os.Mkdir(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	empty := testConfig(t, "pg")
	empty.Binaries = t.TempDir()

	newer := testConfig(t, "pg")
	unlocked := testConfig(t, "pg")
	for _, dir := range []string{newer.Dir, unlocked.Dir} {
		data := filepath.Join(dir, "data")
		if err := os.MkdirAll(data, 0o711); err != nil {
			t.Fatal(err)
		}
		version := "9999"
		if dir == unlocked.Dir {
			folder, err := FindBinaries("")
			if err != nil {
				t.Fatal(err)
			}
			version = versionOf(folder)
		}
		for name, text := range map[string]string{"PG_VERSION": version + "\n", formFile: Form{}.String()} {
			if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := []struct {
		name string
		cfg  Config
		root bool // only where the server runs as another user
		want string
	}{
		{"closed parent", closed, true, "may not pass through " + parent},
		{"no programs", empty, false, "looked for initdb and postgres"},
		{"another version's data", newer, false, "apt-get install postgresql-9999"},
		{"passwords lost", unlocked, false, "pgpass is missing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("only root drops to another user")
			}
			_, err := Start(t.Context(), c.cfg)
			if !strings.Contains(errText(err), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
