package ledger

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/engine/postgres"
	"harkara/internal/label"
)

// Open files alone are told of, with what waits also behind a command that waits for a
// person.
func TestWaitingIsCountedByFile(t *testing.T) {
	o := open(t)
	d := newDecider()
	idle, busy, stuck, unopened := newCode(t), newCode(t), newCode(t), newCode(t)
	put(t, o.store, opening(idle), opening(busy), opening(stuck))
	drain(t, o.store, d)
	wants := func(want map[label.Code]int) {
		t.Helper()
		got, err := o.store.Waiting(t.Context())
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("waiting: %v, want %v; %v", got, want, err)
		}
	}
	wants(map[label.Code]int{})
	put(t, o.store, scanning(busy), scanning(busy), opening(unopened), scanning(stuck), scanning(stuck), scanning(stuck))
	wants(map[label.Code]int{busy: 2, stuck: 3})
	for _, w := range lease(t, o.store, "me", 10) {
		if w.File == stuck {
			if quarantined, err := o.store.Fail(t.Context(), "me", w.Command.ID, errors.New("diverged"), true, 0); err != nil || !quarantined {
				t.Fatal(quarantined, err)
			}
			continue
		}
		if err := o.store.Release(t.Context(), "me", w.File, 0); err != nil {
			t.Fatal(err)
		}
	}
	wants(map[label.Code]int{busy: 2, stuck: 3})
	drain(t, o.store, d)
	wants(map[label.Code]int{stuck: 3})
}

const (
	fillQueues = `INSERT INTO queues (code, last, done, not_before, since) SELECT to_char(g, 'FM00000000000000'), 1, CASE WHEN g <= $1 THEN 0 ELSE 1 END, now(), now() - interval '1 hour' FROM generate_series(1, $2::int) g`
	fillInbox  = `
INSERT INTO inbox (id, code, seq, body, received_at, state, outcome, applied_at)
SELECT gen_random_uuid(), code, 1, '{}', now() - $1::interval, CASE WHEN done = 0 THEN 'stored' ELSE 'applied' END,
       CASE WHEN done > 0 THEN '{}'::jsonb END, CASE WHEN done > 0 THEN now() END FROM queues`
	fillFiles = `INSERT INTO files (code, number, subject, department, opened_at, revision, position) SELECT code, code, '', 'fin', now(), 1, '{}' FROM queues`
)

// What every beat asks costs what waits, not what is stored: an office has thousands of
// open files and millions of old scans.
func TestBeatReadsWhatWaitsAlone(t *testing.T) {
	o := open(t)
	conn, err := pgx.Connect(t.Context(), o.url(postgres.Admin))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	const waiting, all = 3000, 10_000
	for _, fill := range []struct {
		sql  string
		args []any
	}{{fillQueues, []any{waiting, all}}, {fillInbox, []any{time.Hour}}, {fillFiles, nil}, {`ANALYZE`, nil}} {
		if _, err := conn.Exec(t.Context(), fill.sql, fill.args...); err != nil {
			t.Fatal(err)
		}
	}
	n, oldest, err := o.store.Backlog(t.Context())
	if age := time.Since(oldest); err != nil || n != waiting || age < time.Hour || age > 2*time.Hour {
		t.Errorf("%d wait since %v; %v", n, age, err)
	}
	if counts, err := o.store.Waiting(t.Context()); err != nil || len(counts) != waiting {
		t.Errorf("%d files wait; %v", len(counts), err)
	}
	for name, statement := range map[string]string{"backlog": selectBacklog, "lanes": selectLanes, "waiting": selectWaiting, "quarantined": selectStuck} {
		rows, err := conn.Query(t.Context(), "EXPLAIN "+statement)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if plan := strings.Join(lines, "\n"); err != nil || strings.Contains(plan, "Seq Scan") {
			t.Errorf("%s reads a whole table; %v\n%s", name, err, plan)
		}
	}
}
