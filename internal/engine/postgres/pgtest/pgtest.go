// Package pgtest gives tests a real PostgreSQL: one cluster for a test binary,
// without fsync, and a fresh database for each test.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/engine/postgres"
)

var (
	mu      sync.Mutex
	cluster *postgres.Cluster
	folder  string
	count   atomic.Int64
)

// Main runs a package's tests and stops the cluster that they used. Call it from
// TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if cluster != nil {
		if err := errors.Join(cluster.Close(), os.RemoveAll(folder)); err != nil {
			fmt.Fprintln(os.Stderr, "stop test cluster:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Cluster returns the test binary's cluster, started at the first call. Where
// PostgreSQL is not installed the test is skipped, or fails when CI is set.
func Cluster(t testing.TB) *postgres.Cluster {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if cluster != nil {
		return cluster
	}
	if _, err := postgres.FindBinaries(""); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	c, err := postgres.Start(context.Background(), postgres.Config{Dir: dir + "/pg", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	cluster, folder = c, dir
	return c
}

// Database creates an empty database and returns its address for a role as a
// function; it is dropped when the test ends. template names a database to copy,
// or is empty.
func Database(t testing.TB, template string) func(role string) string {
	t.Helper()
	c := Cluster(t)
	name := fmt.Sprintf("test_%d", count.Add(1))
	statement := "CREATE DATABASE " + name
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
	conn, err := pgx.Connect(ctx, c.URL("postgres", postgres.Owner))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
