package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/ledger"
	"harkara/internal/smalldisk"
)

// asMaker and asRestorer make this test binary do one thing, to be killed in the middle.
const (
	asMaker    = "HARKARA_TEST_BACKUP"
	asRestorer = "HARKARA_TEST_RESTORE"
)

func TestMain(m *testing.M) {
	words := strings.Split(os.Getenv(asMaker)+os.Getenv(asRestorer), " ")
	var err error
	switch {
	case os.Getenv(asMaker) != "": // data folder, folder of backups, binaries
		var c *postgres.Cluster
		if c, err = postgres.Visit(database(words[0], words[2])); err == nil {
			_, err = order(words[0], words[1]).Make(context.Background(), c, time.Now())
		}
	case os.Getenv(asRestorer) != "": // folder of backups, data folder, binaries
		var w Whole
		if w, err = Find(words[0]); err == nil {
			err = w.Restore(context.Background(), Into{Data: words[1], Database: database(words[1], words[2])})
		}
	default:
		pgtest.Main(m)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

var form = postgres.Form{Number: 1, Shards: 4}

func database(data, binaries string) postgres.Config {
	return postgres.Config{Dir: filepath.Join(data, "postgres"), Form: form, Binaries: binaries, NoSync: true, Leashed: true}
}

const token = "administrator.token"

func order(data, dir string) Order {
	return Order{Data: data, Along: []string{token, "not there"}, Dir: dir, SameDisk: true, Office: "key", Form: form}
}

// office is a data folder with a ledger.
type office struct {
	*postgres.Cluster
	t    *testing.T
	data string
}

func begin(t *testing.T) *office {
	t.Helper()
	pgtest.Need(t)
	o := &office{t: t, data: pgtest.Folder(t, "data")}
	o.start("")
	owner, program := o.URL(postgres.Ledger, postgres.Owner), o.URL(postgres.Ledger, postgres.App)
	if err := errors.Join(ledger.Provision(t.Context(), owner, program), ledger.Migrate(t.Context(), owner)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.data, token), []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) start(binaries string) {
	o.t.Helper()
	var err error
	if o.Cluster, err = postgres.Start(o.t.Context(), database(o.data, binaries)); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { o.Close() })
}

func (o *office) store() *ledger.Store {
	o.t.Helper()
	s, err := ledger.Open(o.t.Context(), o.URL(postgres.Ledger, postgres.App), nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func (o *office) epoch() string {
	o.t.Helper()
	s := o.store()
	defer s.Close()
	epoch, err := s.Epoch(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return epoch
}

// write stores n things, of which count tells.
func (o *office) write(n int) {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.URL(postgres.Ledger, postgres.Owner))
	if err != nil {
		o.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(o.t.Context(), `CREATE TABLE IF NOT EXISTS things (n int)`); err != nil {
		o.t.Fatal(err)
	}
	if _, err := conn.Exec(o.t.Context(), `INSERT INTO things SELECT generate_series(1, $1)`, n); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) count() (n int) {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.URL(postgres.Ledger, postgres.Owner))
	if err != nil {
		o.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(o.t.Context(), `SELECT count(*) FROM things`).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) make(dir string) Whole {
	o.t.Helper()
	w, err := order(o.data, dir).Make(o.t.Context(), o, time.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	return w
}

// rigged is PostgreSQL's programs, one of which a script stands for: $real is that.
func rigged(t *testing.T, name, script string) string {
	t.Helper()
	bin, err := postgres.FindBinaries("")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(pgtest.Folder(t, "bin"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	programs, err := os.ReadDir(bin)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range programs {
		if p.Name() != name {
			err = errors.Join(err, os.Symlink(filepath.Join(bin, p.Name()), filepath.Join(dir, p.Name())))
		}
	}
	text := fmt.Sprintf("#!/bin/sh\nreal=%s/%s\n%s\n", bin, name, script)
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestBackUpDestroyRestore(t *testing.T) {
	o := begin(t)
	dir := filepath.Join(t.TempDir(), "made", "with parents")
	o.write(100)
	before := o.epoch()
	first := o.make(dir)
	o.write(11)
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(o.data); err != nil {
		t.Fatal(err)
	}

	newest, err := Find(dir)
	if err != nil || newest.Path != first.Path || newest.Bytes < 10<<20 {
		t.Fatalf("%+v, %v", newest, err)
	}
	err = filepath.WalkDir(first.Path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may open %s: %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := newest.Restore(t.Context(), Into{Data: o.data, Database: database(o.data, "")}); err != nil {
		t.Fatal(err)
	}
	there, err := os.ReadDir(o.data)
	if err != nil || len(there) != 2 {
		t.Errorf("in the folder: %v, %v", there, err)
	}
	if info, err := os.Stat(filepath.Join(o.data, token)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	o.start("")
	if n := o.count(); n != 100 {
		t.Errorf("%d things are restored", n)
	}
	if after := o.epoch(); after == before {
		t.Error("stations cannot see that it was restored")
	}
	s := o.store()
	defer s.Close()
	if b, err := s.Backup(t.Context()); err != nil || !b.Taken.Equal(first.Taken.Truncate(time.Microsecond)) || !strings.HasSuffix(b.Place, first.Path) {
		t.Errorf("its newest backup is %+v, %v", b, err)
	}
	if err := newest.Restore(t.Context(), Into{Data: o.data, Database: database(o.data, "")}); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("over an office: %v", err)
	}
	other := newest
	other.Form.Number++
	if err := other.Restore(t.Context(), Into{Data: o.data + "2", Database: database(o.data+"2", "")}); err == nil {
		t.Error("another form is restored")
	}
}

// A restored cluster is restored again from a backup of its own, and by then the older
// are gone.
func TestKeepTheNewest(t *testing.T) {
	o := begin(t)
	dir := t.TempDir()
	now := time.Now()
	for i := range 4 {
		ask := order(o.data, dir)
		ask.Keep = 2
		if _, err := ask.Make(t.Context(), o, now.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	whole, halves, err := list(dir)
	if err != nil || len(whole) != 2 || len(halves) != 0 || whole[0].Taken.Sub(now) < 2*time.Hour {
		t.Errorf("%+v, %v, %v", whole, halves, err)
	}
	stuck := order(o.data, dir)
	stuck.Keep = 2
	stuck.Progress = func(int, int) { // something stands where the oldest is moved to
		_ = os.MkdirAll(filepath.Join(half(whole[1].Path, "key"), "in the way"), 0o700)
	}
	made, err := stuck.Make(t.Context(), o, now.Add(5*time.Hour))
	if now, _, _ := list(dir); !errors.Is(err, ErrOlder) || len(now) != 3 || now[0].Path != made.Path {
		t.Errorf("an older one that stays: %+v, %v", now, err)
	}
	foreign := order(o.data, dir)
	foreign.Office = "another"
	if _, err := foreign.Make(t.Context(), o, now); !errors.Is(err, ErrForeign) {
		t.Errorf("among another office's: %v", err)
	}
}

// Two offices that share one folder do each other no harm: what one has half written stays,
// and the folder is nobody else's.
func TestTwoOfficesInOneFolder(t *testing.T) {
	o := begin(t)
	dir := t.TempDir()
	theirs := half(filepath.Join(dir, prefix+"20261129T213000Z"), "another")
	file := filepath.Join(theirs, "data", "half")
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := order(o.data, dir).Make(t.Context(), o, time.Now()); !errors.Is(err, ErrForeign) {
		t.Errorf("beside one that another makes: %v", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("what another has half written is gone: %v", err)
	}
	if err := os.RemoveAll(theirs); err != nil {
		t.Fatal(err)
	}
	late := order(o.data, dir)
	late.Progress = func(int, int) { _ = os.MkdirAll(theirs, 0o700) } // both looked before either began
	if _, err := late.Make(t.Context(), o, time.Now()); !errors.Is(err, ErrForeign) {
		t.Errorf("begun together: %v", err)
	}
	if whole, halves, err := list(dir); err != nil || len(whole) != 0 || len(halves) != 1 {
		t.Errorf("left: %v, %v, %v", whole, halves, err)
	}
}

func TestPlacesThatAreNone(t *testing.T) {
	data, other := t.TempDir(), t.TempDir()
	ask := Order{Data: data, Dir: other}
	if err := ask.Check(); !errors.Is(err, ErrSameDisk) {
		t.Errorf("on the same disk: %v", err)
	}
	ask.SameDisk = true
	if err := ask.Check(); err != nil {
		t.Errorf("who knows better: %v", err)
	}
	ask.Dir = filepath.Join(data, "backups")
	if err := ask.Check(); !errors.Is(err, ErrItsFolder) {
		t.Errorf("in itself: %v", err)
	}
	if _, err := Find(other); !errors.Is(err, ErrNone) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Find(filepath.Join(other, "x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// What fails leaves nothing that looks like a backup, and nothing behind.
func TestFailedBackups(t *testing.T) {
	o := begin(t)
	for name, script := range map[string]string{
		"refused":                  `exit 1`,
		"done and reported failed": `"$real" "$@"; echo "it failed" >&2; exit 1`,
		"damaged on the way":       `"$real" "$@" && printf x | dd of="$2/global/pg_control" bs=1 seek=100 conv=notrunc 2>/dev/null`,
		"a part is missing":        `"$real" "$@" && rm "$2/global/pg_filenode.map"`,
		"its log is missing":       `"$real" "$@" && rm "$2"/pg_wal/0*`,
	} {
		t.Run(name, func(t *testing.T) {
			c, err := postgres.Visit(database(o.data, rigged(t, "pg_basebackup", script)))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if _, err := order(o.data, dir).Make(t.Context(), c, time.Now()); err == nil {
				t.Error("it is a backup")
			} else {
				t.Log(err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
	dir := t.TempDir()
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := order(o.data, dir).Make(t.Context(), o, time.Now()); err == nil {
		t.Error("a backup without a server")
	}
}

func TestFullDisk(t *testing.T) {
	o := begin(t)
	dir := filepath.Join(t.TempDir(), "small")
	smalldisk.On(t, dir, "24m")
	ask := order(o.data, dir)
	if _, err := ask.Make(t.Context(), o, time.Now()); !errors.Is(err, ErrNoRoom) {
		t.Errorf("with too little room from the beginning: %v", err)
	}
	if _, err := ask.Make(t.Context(), modest{o.Cluster}, time.Now()); !errors.Is(err, ErrNoRoom) {
		t.Errorf("in the middle: %v", err)
	} else {
		t.Log(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	ask.SameDisk = false
	if err := ask.Check(); !errors.Is(err, ErrSameDisk) {
		t.Errorf("memory is a disk: %v", err)
	}
}

// modest looks small before it is copied, as a cluster that grows does.
type modest struct{ *postgres.Cluster }

func (modest) Size() (int64, error) { return 20 << 20, nil }

// killed runs this test binary as somebody who is killed once a file is there.
func killed(t *testing.T, as, words, there string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), as+"="+words)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for tick := time.Tick(10 * time.Millisecond); !exists(there); <-tick {
		if ctx.Err() != nil {
			t.Fatal("it does not come so far")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
}

// gone waits until nobody holds a file that a rigged program locks while it lives.
func gone(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
}

// Killed in the middle, a backup is none: half of one is never taken for a whole one, its
// tools end, and the next one clears up.
func TestKilledInTheMiddle(t *testing.T) {
	o := begin(t)
	o.write(5)
	dir, mark := t.TempDir(), filepath.Join(t.TempDir(), "mark")
	wait := fmt.Sprintf(`"$real" "$@"; exec 9>%[1]s.lock; flock 9; touch %[1]s; exec sleep 1000`, mark)
	killed(t, asMaker, strings.Join([]string{o.data, dir, rigged(t, "pg_basebackup", wait)}, " "), mark)
	gone(t, mark+".lock")
	if _, err := Find(dir); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("a half backup: %v", err)
	}
	w := o.make(dir)
	if _, halves, err := list(dir); err != nil || len(halves) > 0 {
		t.Errorf("left: %v, %v", halves, err)
	}

	data := o.data + "-again"
	mark += "2"
	wait = fmt.Sprintf(`exec 9>%[1]s.lock; flock 9; touch %[1]s; exec sleep 1000`, mark)
	killed(t, asRestorer, strings.Join([]string{dir, data, rigged(t, "pg_verifybackup", wait)}, " "), mark)
	gone(t, mark+".lock")
	cfg := database(data, "")
	if c, err := postgres.Start(t.Context(), cfg); !errors.Is(err, postgres.ErrHalfRestored) {
		t.Errorf("an office begins beside a half-restored one: %v, %v", c, err)
	}
	if err := w.Restore(t.Context(), Into{Data: data, Database: cfg}); err != nil {
		t.Fatal(err)
	}
	again := &office{t: t, data: data}
	again.start("")
	if n := again.count(); n != 5 {
		t.Errorf("%d things are restored", n)
	}
}

// A backup that was damaged where it lies makes no office.
func TestDamagedWhereItLies(t *testing.T) {
	o := begin(t)
	dir := t.TempDir()
	w := o.make(dir)
	f, err := os.OpenFile(filepath.Join(w.Path, "data", "global", "pg_control"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt([]byte("x"), 100)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	data := o.data + "-again"
	if err := w.Restore(t.Context(), Into{Data: data, Database: database(data, "")}); err == nil || !strings.Contains(err.Error(), "pg_control") {
		t.Errorf("it is restored: %v", err)
	}
	if _, err := postgres.Start(t.Context(), database(data, "")); !errors.Is(err, postgres.ErrHalfRestored) {
		t.Errorf("and an office begins there: %v", err)
	}
}
