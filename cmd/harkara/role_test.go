package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

// Two programs in each role share a PostgreSQL, as the compose file's script makes
// it, and a Temporal, over TLS. Stations scan at both webs. One program of each role
// is killed midway: every stored scan is applied once, in order.
func TestRolesOfManyMachines(t *testing.T) {
	a := setApart(t)
	a.ownDatabase()
	start := func(role string, more ...string) *program {
		p := &program{t: t, args: append(append([]string{"serve", "--role", role}, more...), a.flags()...)}
		p.start()
		return p
	}
	programs := map[string][]*program{}
	var starting sync.WaitGroup
	var mu sync.Mutex
	for _, role := range []string{"web", "web", "worker", "worker", "dispatch", "dispatch"} {
		var more []string
		if role == "web" {
			more = []string{"--addr", freeAddress(t)}
		}
		starting.Go(func() { // all at once: one of them migrates the ledger
			p := start(role, more...)
			mu.Lock()
			defer mu.Unlock()
			programs[role] = append(programs[role], p)
		})
	}
	starting.Wait()
	k := a.staffed(3600, programs["web"]...)
	store, s := k.store, k.spool
	const files, scans, senders = 12, 240, 3
	codes := k.open(files)
	lists, all := make([][]custody.Command, senders), []custody.Command(nil)
	for i := range scans {
		c := newCommand(custody.Scan, codes[i%files], in(killRooms[(i/files+i)%len(killRooms)]))
		lists[i%files%senders] = append(lists[i%files%senders], c)
		all = append(all, c)
	}
	began := time.Now()
	stored := make(chan struct{}, scans)
	var sending sync.WaitGroup
	for _, list := range lists {
		sending.Go(func() {
			for turn, c := range list {
				c.At.Wall = time.Now().UTC()
				s.send(c, turn)
				stored <- struct{}{}
			}
		})
	}
	for range scans / 3 {
		<-stored
	}
	for _, role := range []string{"web", "worker", "dispatch"} {
		programs[role][0].end(syscall.SIGKILL)
	}
	sending.Wait()
	drained(t, store)
	t.Logf("%d scans in %s, sent again %d times", scans, time.Since(began).Round(time.Millisecond), s.again.Load())
	applied(t, store, codes, all)
	if code, out := harkara(t, append([]string{"verify"}, a.flags()...)...); code != exitOK {
		t.Errorf("verify: %d\n%s", code, out)
	}
	for _, role := range []string{"web", "dispatch", "worker"} {
		programs[role][1].end(syscall.SIGTERM)
	}
}

// ownDatabase gives the office a PostgreSQL cluster that knows nothing of harkara but
// what the compose file's script makes.
func (a *apart) ownDatabase() {
	t := a.t
	t.Helper()
	dir := dataFolder(t)
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	cluster, err := postgres.Start(t.Context(), postgres.Config{Dir: filepath.Join(dir, "postgres"), NoSync: true, Leashed: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Error(err)
		}
	})
	admin := cluster.URL("postgres", postgres.Admin)
	conn := connected(t, admin)
	for _, statement := range []string{"DROP DATABASE " + postgres.Ledger, "DROP ROLE " + postgres.App, "DROP ROLE " + postgres.Owner} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	const password = "it's secret"
	psql := exec.Command("psql", "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-d", admin)
	psql.Stdin, psql.Env = strings.NewReader(composed(t).Configs["roles"].Content), append(os.Environ(), "HARKARA_PASSWORD="+password)
	if out, err := psql.CombinedOutput(); err != nil {
		t.Fatalf("the compose file's script: %v\n%s", err, out)
	}
	folder, port, _ := cluster.Socket(postgres.App)
	a.databases = func(role string) string {
		return fmt.Sprintf("host=%s port=%s dbname=%s user=%s password='it\\'s secret'", folder, port, postgres.Ledger, role)
	}
}

// compose is what tests read of docker-compose.yml.
type compose struct {
	Services map[string]struct {
		Image       string
		Command     []string
		Environment map[string]string
		Configs     []struct{ Source, Target string }
	}
	Configs map[string]struct{ Content string }
}

func composed(t testing.TB) (c compose) {
	t.Helper()
	raw, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}
