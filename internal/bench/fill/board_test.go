package fill

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"harkara/internal/bench/spent"
	"harkara/internal/demo"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/ledger"
	"harkara/web"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	files = flag.Int("files", 700, "open files on the board")
	quiet = flag.Duration("quiet", 0, "how long the processor is measured with nothing to do")
)

// page is the time that a page took.
func page(t *testing.T, url string) time.Duration {
	t.Helper()
	start := time.Now()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := bufio.NewReader(resp.Body).WriteTo(discard{})
	if err != nil || resp.StatusCode != http.StatusOK || n == 0 {
		t.Fatalf("%s: %s, %d bytes; %v", url, resp.Status, n, err)
	}
	return time.Since(start)
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func told(took []time.Duration) string {
	slices.Sort(took)
	at := func(percent int) time.Duration { return took[(len(took)-1)*percent/100].Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %v, p99 %v, worst of %d %v", at(50), at(99), len(took), at(100))
}

// A board of so many open files is painted, searched and watched while half as many
// openings wait and are decided. -files 40000 -quiet 20s -v measures it.
func TestBoardBesideARegister(t *testing.T) {
	url := pgtest.Database(t, "")
	if err := ledger.Migrate(t.Context(), url(postgres.Owner)); err != nil {
		t.Fatal(err)
	}
	store, err := ledger.Open(context.Background(), url(postgres.App), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	step := func(what string, do func() error) {
		t.Helper()
		start := time.Now()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %v", what, time.Since(start).Round(time.Millisecond))
	}
	step("found an office", func() error { return store.SetOffice(t.Context(), demo.Sample(3600), "bench", "") })
	step("store openings", func() error { return Register(t.Context(), store, 0, *files) })
	step("decide them", func() error { return Settle(t.Context(), store) })

	server, err := web.New(web.Config{Intake: store, Commands: store, Registry: store, Feed: store, Directory: store, Open: true})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	running.Go(func() { server.Run(ctx) })
	s := httptest.NewServer(server.Handler())
	t.Cleanup(func() { stop(); s.Close(); running.Wait() })
	t.Logf("first paint of all: %v", page(t, s.URL).Round(time.Millisecond))
	for _, scope := range []string{"scope=board", "scope=board&q=water", "scope=board&show=overdue", "scope=rooms", "scope=room&room=fin-1"} {
		conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/api/v1/live?after=0&"+scope, nil)
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() { // watches
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
			}
		})
		t.Cleanup(func() { conn.Close() })
	}
	paints := func(when string, until <-chan struct{}) {
		took := map[string][]time.Duration{}
		pages := []string{"/", "/?q=link+road", "/?show=missing&lang=ur", "/rooms", "/healthz"}
		for n := 0; ; n++ {
			for _, path := range pages {
				took[path] = append(took[path], page(t, s.URL+path))
			}
			select {
			case <-until:
				for _, path := range pages {
					t.Logf("%s, %s: %s", when, path, told(took[path]))
				}
				return
			default:
			}
			if until == nil && n == 20 {
				until = closed
			}
		}
	}
	paints("nothing else", nil)
	step("store as many openings as half the files", func() error { return Register(t.Context(), store, *files, *files/2) })
	paints("openings wait", nil)
	settled := make(chan struct{})
	running.Go(func() {
		defer close(settled)
		if err := Settle(t.Context(), store); err != nil {
			t.Error(err)
		}
	})
	paints("openings are decided", settled)
	if rows, _, err := store.Board(t.Context()); err != nil || len(rows) != *files+*files/2 {
		t.Errorf("%d open files; %v", len(rows), err)
	}
	if *quiet > 0 {
		before, err := spent.Processor()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(*quiet)
		after, err := spent.Processor()
		t.Logf("with nothing to do: %.1f %% of a core; %v", 100*(after-before).Seconds()/quiet.Seconds(), err)
	}
}

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()
