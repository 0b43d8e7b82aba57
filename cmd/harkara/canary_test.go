package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/internal/office"
)

// What people type stays in the columns of the ledger that are made for it: nothing of it
// is in Temporal's databases, in the chain, in what is sent and answered, or in a log.
func TestWordsStayWhereTheyAreKept(t *testing.T) {
	needPostgres(t)
	const canary = "c4n4ry"
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	var log bytes.Buffer
	k := raiseSaying(t, filepath.Join(dir, "data"), 3, &log)
	typed := func(what string) string { return "کبوتر " + canary + " " + what }
	do := func(c custody.Command) custody.Outcome {
		t.Helper()
		if _, err := k.store.Put(t.Context(), []custody.Command{c}); err != nil {
			t.Fatal(err)
		}
		out, err := k.store.Await(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	code, err := k.store.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	open := newCommand(custody.Open, code, "")
	open.Who, open.With = typed("who opened"), custody.Opening{Number: typed("number"), Subject: typed("subject"), Department: "fin", Desk: "fin-ri"}
	do(open)
	act := func(kind custody.CommandKind, with func(*custody.Command)) {
		t.Helper()
		c := newCommand(kind, code, "")
		c.Who, c.Reason = typed("who did it"), typed("why")
		if with != nil {
			with(&c)
		}
		if out := do(c); out.Verdict != custody.Accepted {
			t.Errorf("%s: %s", kind, out.Reason)
		}
	}
	act(custody.Amend, func(c *custody.Command) {
		c.With = custody.Naming{Number: typed("new number"), Subject: typed("new subject")}
	})
	act(custody.Classify, func(c *custody.Command) { c.With = custody.Classification{Class: custody.Secret.Name()} })
	act(custody.Correct, func(c *custody.Command) { c.With = custody.Correction{Desk: "fin-so1"} })
	act(custody.Missing, nil)
	act(custody.Found, nil)

	// A command that nobody can decide, and is set aside with a reason.
	admin := connected(t, ledgerAt(k.data, postgres.Ledger, postgres.Admin))
	spoil := func() {
		if _, err := admin.Exec(t.Context(), `UPDATE files SET hash = reverse(hash) WHERE code = $1`, string(code)); err != nil {
			t.Fatal(err)
		}
	}
	spoil()
	stuck := newCommand(custody.Close, code, "")
	stuck.Reason = typed("a close that fails")
	if _, err := k.store.Put(t.Context(), []custody.Command{stuck}); err != nil {
		t.Fatal(err)
	}
	h := &hired{t: t, o: &office.Office{Ledger: k.store}}
	h.met(func() bool {
		row, err := k.store.File(t.Context(), code)
		return err == nil && row.Quarantined
	})
	spoil()
	if err := k.store.Void(t.Context(), stuck.ID, custody.Actor{Proof: custody.ByConsole}, typed("why it was")); err != nil {
		t.Fatal(err)
	}

	// What the door refuses, from a station: too long, and a number that is taken.
	long := newCommand(custody.Missing, code, in(killRooms[0]))
	long.Reason = typed(strings.Repeat("x", custody.MaxReason))
	again := newCommand(custody.Open, code, in(killRooms[0]))
	again.With = custody.Opening{Number: typed("new number"), Department: "fin"}
	for _, c := range []custody.Command{long, again} {
		_ = keep(t.Context(), k.base, k.spool.tokens[c.Station], c)
	}
	act(custody.Close, nil)
	act(custody.Reopen, nil)
	drained(t, k.store)
	h.met(func() bool { return h.count(code, custody.RungDue) > 0 }) // a rung, with its notices
	if file, err := k.store.File(t.Context(), code); err != nil || !strings.Contains(file.File.Number, canary) {
		t.Fatalf("the ledger does not know the number: %+v, %v", file.File, err)
	}

	at := map[string]bool{ // columns for words, and the index that is made of them
		"inbox.texts": true, "audit.reason": true, "files.number": true, "files.subject": true, "numbers.key": true, "drawer.body": true,
	}
	for _, database := range []string{postgres.Ledger, "temporal", "temporal_visibility"} {
		conn := connected(t, ledgerAt(k.data, database, postgres.Admin))
		for column, n := range holding(t, conn, canary) {
			if database != postgres.Ledger || !at[column] {
				t.Errorf("%s of %s has typed text in %d rows", column, database, n)
			}
		}
		if len(holding(t, conn, string(code))) == 0 {
			t.Errorf("%s was not looked through: it does not even have the file's code", database)
		}
	}
	k.end(syscall.SIGTERM)
	written, err := os.ReadFile(filepath.Join(k.data, "postgres/postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"the program": log.Bytes(), "PostgreSQL": written} {
		for line := range bytes.Lines(text) {
			if bytes.Contains(line, []byte(canary)) {
				t.Errorf("%s logs typed text: %s", name, line)
			}
		}
	}
	if log.Len() == 0 || len(written) == 0 {
		t.Error("nothing was logged")
	}
}

// holding counts the rows of a database that have a text somewhere, by column.
func holding(t *testing.T, conn *pgx.Conn, text string) map[string]int {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'tsvector')`)
	if err != nil {
		t.Fatal(err)
	}
	type column struct{ Schema, Table, Name, Type string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil || len(columns) < 10 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	found := map[string]int{}
	for _, c := range columns {
		value := fmt.Sprintf("convert_to(%s::text, 'UTF8')", pgx.Identifier{c.Name}.Sanitize())
		if c.Type == "bytea" {
			value = pgx.Identifier{c.Name}.Sanitize()
		}
		var n int
		err := conn.QueryRow(t.Context(), fmt.Sprintf(`SELECT count(*) FROM %s WHERE position($1::bytea in %s) > 0`, pgx.Identifier{c.Schema, c.Table}.Sanitize(), value), []byte(text)).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			found[c.Table+"."+c.Name] = n
		}
	}
	return found
}
