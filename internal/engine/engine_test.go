package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.temporal.io/server/common/primitives"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"harkara/internal/engine/postgres/pgtest"
)

const queue = "counters"

// counter is the least that works like a file: it takes Updates and lives on. A
// step that was taken before answers the same again.
func counter(ctx workflow.Context) error {
	var taken []string
	err := workflow.SetUpdateHandler(ctx, "step", func(_ workflow.Context, id string) (int, error) {
		for i, t := range taken {
			if t == id {
				return i + 1, nil
			}
		}
		taken = append(taken, id)
		return len(taken), nil
	})
	if err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return false })
}

func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func testConfig(t testing.TB) Config {
	t.Helper()
	pgtest.Need(t)
	return Config{Dir: pgtest.Folder(t, "data"), Leashed: true, Log: testLog(t)}
}

// open starts an engine, with Temporal where it is embedded, and logs how long each
// took.
func open(t testing.TB, cfg Config, what string) *Engine {
	t.Helper()
	begin := time.Now()
	e, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Logf("%s: database after %v", what, time.Since(begin).Round(time.Millisecond))
	if cfg.Temporal.Address == "" {
		if err := e.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: Temporal after %v", what, time.Since(begin).Round(time.Millisecond))
	}
	return e
}

func work(t testing.TB, e *Engine) {
	t.Helper()
	w := worker.New(e.Temporal(), queue, worker.Options{MaxConcurrentWorkflowTaskPollers: 8})
	w.RegisterWorkflowWithOptions(counter, workflow.RegisterOptions{Name: "counter"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

func begin(t testing.TB, e *Engine, id string) {
	t.Helper()
	if _, err := e.Temporal().ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, "counter"); err != nil {
		t.Fatal(err)
	}
}

// step sends one Update and returns the count.
func step(ctx context.Context, e *Engine, workflowID, id string) (int, error) {
	h, err := e.Temporal().UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: "step", UpdateID: id, Args: []any{id}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return 0, err
	}
	var n int
	err = h.Get(ctx, &n)
	return n, err
}

// insist repeats a step under one id until it is answered.
func insist(t testing.TB, e *Engine, workflowID, id string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for tick := time.Tick(50 * time.Millisecond); ; {
		once, stop := context.WithTimeout(ctx, 5*time.Second)
		n, err := step(once, e, workflowID, id)
		stop()
		if err == nil {
			return n
		}
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatalf("step %s: %v", id, err)
		}
	}
}

// await polls until cond holds.
func await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for tick := time.Tick(20 * time.Millisecond); !cond(); {
		select {
		case <-tick:
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// Workflows outlive PostgreSQL's death under load and the program's next start,
// and every step that was answered is there once.
func TestStepsOutliveKillsAndRestarts(t *testing.T) {
	cfg := testConfig(t)
	e := open(t, cfg, "first start")
	work(t, e)
	first := time.Now()
	begin(t, e, "a")
	if n := insist(t, e, "a", "1"); n != 1 {
		t.Fatalf("first step answers %d", n)
	}
	t.Logf("first workflow and Update: %v", time.Since(first).Round(time.Millisecond))

	const rounds, writers = 3, 4
	for w := range writers {
		begin(t, e, fmt.Sprint("w", w))
	}
	stop := make(chan struct{})
	var answered [writers]atomic.Int64
	var running sync.WaitGroup
	for w := range writers {
		running.Go(func() {
			for i := 1; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if n := insist(t, e, fmt.Sprint("w", w), fmt.Sprint(i)); n != i {
					t.Errorf("writer %d: step %d answers %d", w, i, n)
					return
				}
				answered[w].Store(int64(i))
			}
		})
	}
	for range rounds {
		killed, pid := time.Now(), e.PostgresPID()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		// Sessions of a killed server may finish what they are at.
		await(t, "another server", func() bool { now := e.PostgresPID(); return now != 0 && now != pid })
		before := answered[0].Load()
		await(t, "two steps on it", func() bool { return answered[0].Load() > before+1 })
		t.Logf("PostgreSQL killed, deciding again after %v", time.Since(killed).Round(time.Millisecond))
	}
	close(stop)
	running.Wait()
	await(t, "health", func() bool { return e.Health() == Health{} })

	closing := time.Now()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("close: %v", time.Since(closing).Round(time.Millisecond))
	e = open(t, cfg, "second start")
	work(t, e)
	for w := range writers {
		n := int(answered[w].Load())
		if got := insist(t, e, fmt.Sprint("w", w), "last"); got != n+1 {
			t.Errorf("writer %d: %d steps after the restart, want %d", w, got, n+1)
		}
	}
}

// While PostgreSQL is down the engine says so, and says when it is back.
func TestHealthFollowsPostgres(t *testing.T) {
	cfg := testConfig(t)
	e := open(t, cfg, "start")
	await(t, "a first look", func() bool { return e.Health() == Health{} })
	// Without its settings a killed server does not come back.
	settings := filepath.Join(cfg.Dir, "postgres", "data", "postgresql.conf")
	if err := os.Rename(settings, settings+".away"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(e.PostgresPID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, "a report that both are away", func() bool { h := e.Health(); return h.Database != nil && h.Temporal != nil })
	if err := os.Rename(settings+".away", settings); err != nil {
		t.Fatal(err)
	}
	await(t, "a report that both are back", func() bool { return e.Health() == Health{} })
}

// The ledger is there before Temporal is, and Temporal comes up though PostgreSQL is
// killed meanwhile.
func TestTheLedgerDoesNotWaitForTemporal(t *testing.T) {
	e, err := Start(t.Context(), testConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	conn, err := pgx.Connect(t.Context(), e.LedgerURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if e.Temporal() != nil {
		t.Error("Temporal is up before anybody asked for it")
	}
	if err := syscall.Kill(e.PostgresPID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := e.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	work(t, e)
	begin(t, e, "a")
	if n := insist(t, e, "a", "1"); n != 1 {
		t.Errorf("first step answers %d", n)
	}
}

// A second program on the folder is refused, and told of the first; a visitor uses
// what the first one runs, before it is wholly up too, and leaves it running.
func TestVisitors(t *testing.T) {
	cfg := testConfig(t)
	host, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	if _, err := Start(t.Context(), cfg); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Errorf("a second program: %v", err)
	}
	guest, err := Visit(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer guest.Close()
	conn, err := pgx.Connect(t.Context(), guest.LedgerURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	soon, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := guest.Ready(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ready before Temporal is up: %v", err)
	}
	if err := host.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(host.door())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file: %v, %v", info, err)
	}
	work(t, host)
	if err := guest.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin(t, guest, "a")
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	if n := insist(t, host, "a", "1"); n != 1 {
		t.Errorf("first step answers %d", n)
	}
	if err := host.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(host.door()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the secret outlives its server: %v", err)
	}
}

// What is elsewhere is not waited for, except by whoever needs it.
func TestStartDoesNotWaitForOthers(t *testing.T) {
	nobody := "127.0.0.1:1" // tcpmux, which no machine runs
	e := open(t, Config{DatabaseURL: "postgres://harkara@" + nobody + "/harkara", Temporal: Remote{Address: nobody}, Log: testLog(t)}, "start")
	await(t, "a report that both are away", func() bool {
		h := e.Health()
		return h.Database != nil && h.Database != ErrStarting && h.Temporal != nil && h.Temporal != ErrStarting
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := e.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ready: %v", err)
	}
}

// Nobody on the machine gets in without the secret: not at the front door, not at
// the services behind it.
func TestStrangersAreRefused(t *testing.T) {
	e := open(t, testConfig(t), "start")
	for name, secret := range map[string]string{"no secret": "", "a wrong secret": "guess"} {
		stranger, err := dial(Remote{Address: e.server.address, Namespace: Namespace}, secret, testLog(t))
		if err != nil {
			t.Fatal(err)
		}
		defer stranger.Close()
		_, err = stranger.WorkflowService().ListNamespaces(t.Context(), &workflowservice.ListNamespacesRequest{})
		if !isA[*serviceerror.PermissionDenied](err) {
			t.Errorf("%s: %v, want permission denied", name, err)
		}
	}
	guest := open(t, Config{DatabaseURL: e.LedgerURL(), Temporal: Remote{Address: e.server.address}}, "guest")
	if err := guest.Ready(t.Context()); !isA[*serviceerror.PermissionDenied](err) {
		t.Errorf("a program without the secret: %v, want permission denied", err)
	}
	for _, name := range []primitives.ServiceName{primitives.HistoryService, primitives.MatchingService} {
		address := loopback(e.server.ports[name])
		conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		if status.Code(err) != codes.Unavailable {
			t.Errorf("%s: %v, want no connection", name, err)
		}
	}
}
