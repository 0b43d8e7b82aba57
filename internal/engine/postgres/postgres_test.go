package postgres

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func testConfig(t *testing.T, dir string) Config {
	t.Helper()
	if _, err := FindBinaries(""); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return Config{Dir: dir, NoSync: true}
}

// folder is a temporary folder that the server's user can reach.
func folder(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "harkara-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

func ask(ctx context.Context, c *Cluster) error {
	conn, err := pgx.Connect(ctx, c.URL("harkara", App))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "SELECT 1")
	return err
}

// eventually asks until the cluster answers or the test's deadline is near.
func eventually(t *testing.T, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx, c)
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
}

func TestStartStopAndStartAgain(t *testing.T) {
	cfg := testConfig(t, folder(t, "pg"))
	for range 2 {
		c, err := Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := ask(t.Context(), c); err != nil {
			t.Error(err)
		}
		if _, err := Start(t.Context(), cfg); !errors.Is(err, ErrLocked) {
			t.Errorf("a second program on the folder: %v", err)
		}
		pid := c.PID()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, 0); err == nil {
			t.Errorf("postmaster %d still runs after Close", pid)
		}
	}
}

func TestKilledPostmasterIsRestarted(t *testing.T) {
	c, err := Start(t.Context(), testConfig(t, folder(t, "pg")))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	first := c.PID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, c)
}

// A killed program leaves its postmaster running; the next start takes it over.
func TestSurvivorIsAdopted(t *testing.T) {
	cfg := testConfig(t, folder(t, "pg"))
	dead, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	pid := dead.PID()
	dead.lock.Close() // as the kernel does for a killed program
	heir, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if heir.PID() != pid {
		t.Errorf("postmaster %d, want the surviving %d", heir.PID(), pid)
	}
	if err := ask(t.Context(), heir); err != nil {
		t.Error(err)
	}
	dead.stop()
	dead.done.Wait()
	if err := heir.Close(); err != nil {
		t.Error(err)
	}
}

func TestLongFolderNames(t *testing.T) {
	cfg := testConfig(t, folder(t, strings.Repeat("long", 30)))
	c, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(c.socket)
	defer c.Close()
	if err := ask(t.Context(), c); err != nil {
		t.Error(err)
	}
}

func TestUnreachableFolderIsNamed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root drops to another user")
	}
	dir := folder(t, "closed")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), testConfig(t, filepath.Join(dir, "pg")))
	if err == nil || !strings.Contains(err.Error(), "may not pass through "+dir) {
		t.Errorf("%v", err)
	}
}

func TestBinariesMissing(t *testing.T) {
	if _, err := FindBinaries(t.TempDir()); err == nil {
		t.Error("an empty folder passes for PostgreSQL's")
	}
}
