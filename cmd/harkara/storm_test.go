package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/internal/office"
)

var stormFiles = flag.Int("storm", 300, "files of TestStormThroughKills whose rungs fall due within 20 s")

// Rungs fall due all at once, and the program and its PostgreSQL are killed in the middle:
// each is recorded once, each of its notices is there once, and none is lost.
func TestStormThroughKills(t *testing.T) {
	needPostgres(t)
	files := *stormFiles
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	k := raise(t, filepath.Join(dir, "data"), 3600)
	sample := demo.Sample(3600)
	desk, _ := sample.DeskByID("fin-ri")
	post, _ := sample.PostByID(desk.Post)
	share := post.Budget.Duration() * time.Duration(sample.Ladders[0].Rungs[0].Percent) / 100

	due := time.Now().Add(time.Duration(files)*time.Second/40 + 20*time.Second)
	var codes []label.Code
	for part := range slices.Chunk(make([]custody.Command, files), 500) {
		for i := range part {
			code, err := k.store.Mint(t.Context(), label.File)
			if err != nil {
				t.Fatal(err)
			}
			c := newCommand(custody.Open, code, "")
			c.At.Wall = due.Add(-share + 20*time.Second*time.Duration(len(codes))/time.Duration(files)).UTC()
			c.With = custody.Opening{Number: fmt.Sprintf("storm/%d", len(codes)), Department: "fin", Desk: desk.ID}
			part[i], codes = c, append(codes, code)
		}
		if _, err := k.store.PutLater(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	drained(t, k.store)
	if late := time.Since(due); late > 0 {
		t.Logf("the files were opened %v after the first rungs fell due", late.Round(time.Second))
	}
	ask := func(into *int, statement string) error {
		admin, err := pgx.Connect(t.Context(), ledgerAt(k.data, postgres.Ledger, postgres.Admin))
		if err != nil {
			return err
		}
		defer admin.Close(t.Context())
		return admin.QueryRow(t.Context(), statement).Scan(into)
	}
	told := func() (n int) { // 0 while the ledger is away
		_ = ask(&n, `SELECT count(*) FROM feed WHERE reason = 'rung'`)
		return n
	}
	h := &hired{t: t, o: &office.Office{Ledger: k.store}}
	h.met(func() bool { return told() >= files/4 })
	k.end(syscall.SIGKILL)
	k.start()
	h.met(func() bool { return told() >= files/2 })
	at := told()
	killPostgres(t, k.data)
	h.met(func() bool { return told() >= files })
	t.Logf("%d rungs, PostgreSQL killed at %d; the last recorded %v after the last fell due", files, at, time.Since(due.Add(20*time.Second)).Round(time.Second))
	var lost, twice, notices, keys int
	for _, q := range []struct {
		into *int
		sql  string
	}{
		{&lost, `SELECT count(*) FROM files f WHERE NOT EXISTS (SELECT FROM entries e WHERE e.code = f.code AND e.body LIKE '%"reason":"rung"%')`},
		{&twice, `SELECT count(*) FROM (SELECT code FROM entries WHERE body LIKE '%"reason":"rung"%' GROUP BY code HAVING count(*) > 1) d`},
		{&notices, `SELECT count(*) FROM notices`},
		{&keys, `SELECT count(DISTINCT code) FROM notices`},
	} {
		if err := ask(q.into, q.sql); err != nil {
			t.Fatal(err)
		}
	}
	if lost != 0 || twice != 0 || notices != files || keys != files {
		t.Errorf("%d rungs lost, %d told twice; %d notices about %d files, want one each of %d", lost, twice, notices, keys, files)
	}
	if code, out := harkara(t, "verify", "--data", k.data); code != exitOK {
		t.Errorf("verify: %d\n%s", code, out)
	}
	k.end(syscall.SIGTERM)
}
