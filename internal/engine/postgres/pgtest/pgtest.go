// Package pgtest gives tests a real PostgreSQL: one cluster for a test binary,
// without fsync, that dies with it, and a fresh database for each test.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/engine/postgres"
)

// prefix of the clusters' temporary folders.
const prefix = "harkara-pgtest-"

var (
	once    sync.Once
	cluster *postgres.Cluster
	folder  string
	failure error
	count   atomic.Int64
)

// Main runs a package's tests and then stops the cluster that they used. Call it
// from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if cluster != nil {
		if err := errors.Join(cluster.Close(), os.RemoveAll(folder)); err != nil {
			fmt.Fprintln(os.Stderr, "stop test cluster:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// Cluster returns the test binary's cluster, started at the first call. Where
// PostgreSQL is not installed the test is skipped, or fails when CI is set.
func Cluster(t testing.TB) *postgres.Cluster {
	t.Helper()
	Need(t)
	once.Do(func() { cluster, failure = start() })
	if failure != nil {
		t.Fatal(failure)
	}
	return cluster
}

// Need skips a test, or fails it when CI is set, where PostgreSQL is not
// installed.
func Need(t testing.TB) {
	t.Helper()
	if _, err := postgres.FindBinaries(""); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// Folder returns a new path, not made yet, in a temporary folder that the
// server's user can reach (testing's own are closed to it). It is removed when
// the test ends.
func Folder(t testing.TB, name string) string {
	t.Helper()
	dir, err := makeTemp("harkara-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, name)
}

func makeTemp(pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil {
		return "", fmt.Errorf("make test folder: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", fmt.Errorf("open test folder: %w", err)
	}
	return dir, nil
}

func start() (*postgres.Cluster, error) {
	sweep()
	dir, err := makeTemp(prefix)
	if err != nil {
		return nil, err
	}
	folder = dir
	return postgres.Start(context.Background(), postgres.Config{
		Dir: filepath.Join(dir, "pg"), NoSync: true, Leashed: true,
	})
}

// sweep removes what killed test binaries left: clusters whose lock is free.
func sweep() {
	locks, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*", "pg", "lock")) // fails on a bad pattern only
	for _, path := range locks {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(filepath.Dir(path))) // the next sweep tries again
		}
		_ = f.Close()
	}
}

// Database creates a database owned by postgres.Owner and returns its address for
// a role as a function; it is dropped when the test ends. template names a
// database to copy, to which nobody may be connected, or is empty.
func Database(t testing.TB, template string) func(role string) string {
	t.Helper()
	c := Cluster(t)
	name := fmt.Sprintf("test_%d", count.Add(1))
	statement := "CREATE DATABASE " + name + " OWNER " + postgres.Owner
	if template != "" {
		statement += " TEMPLATE " + template
	}
	exec(t, c, statement)
	t.Cleanup(func() { exec(t, c, "DROP DATABASE "+name+" WITH (FORCE)") })
	return func(role string) string { return c.URL(name, role) }
}

// Name returns the database's name in an address that Database gave.
func Name(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Path, "/")
}

func exec(t testing.TB, c *postgres.Cluster, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.URL("postgres", postgres.Admin))
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}
