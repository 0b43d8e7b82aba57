package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/engine/postgres"
	"harkara/internal/office"
)

// asProgram makes the test binary behave as harkara itself, for tests that kill
// it; without fsync too where that is asked for.
const (
	asProgram = "HARKARA_TEST_PROGRAM"
	noSyncToo = "HARKARA_TEST_NOSYNC"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		noSync = os.Getenv(noSyncToo) != ""
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	dir, err := trustOurselves()
	if err != nil {
		fmt.Fprintln(os.Stderr, "make test authority:", err)
		os.Exit(1)
	}
	code := m.Run()
	if shared.office != nil {
		if err := shared.office.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "stop test office:", err)
			code = 1
		}
		os.RemoveAll(shared.dir)
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// shared is one running office for the tests that need not break it: a cold start
// each would cost more than all of them.
var shared struct {
	once   sync.Once
	office *office.Office
	dir    string
	err    error
}

// needPostgres skips where PostgreSQL is not installed, and fails there when CI is
// set.
func needPostgres(t testing.TB) {
	t.Helper()
	if _, err := postgres.FindBinaries(""); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// dataFolder is a temporary folder that the database's user can reach.
func dataFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "harkara")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func testLog(t testing.TB) *slog.Logger {
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.DiscardHandler)
}

// running returns the shared office: engine and ledger, no worker, no dispatcher.
func running(t testing.TB) *office.Office {
	t.Helper()
	needPostgres(t)
	shared.once.Do(func() {
		shared.dir = dataFolder(t)
		cfg := engine.Config{Dir: filepath.Join(shared.dir, "data"), NoSync: true, Log: testLog(t)}
		shared.office, shared.err = office.Open(context.Background(), cfg, office.Roles{})
		if shared.err == nil {
			shared.err = shared.office.Engine.Ready(context.Background())
		}
		if shared.err == nil {
			shared.err = shared.office.Ledger.SetOffice(context.Background(), demo.Sample(3600), "test", "set up")
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.office
}

// verified checks the whole office.
func verified(t testing.TB, o *office.Office) {
	t.Helper()
	r, err := o.Verify(t.Context(), true, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Error(worded(f))
	}
}
