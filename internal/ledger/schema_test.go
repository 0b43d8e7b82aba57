package ledger

import (
	"context"
	"errors"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
)

func raw(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// The program's role can add to the chain and read it, nothing else; and while
// the trigger stands, nobody can.
func TestEntriesAreAppendOnly(t *testing.T) {
	o := open(t)
	put(t, o.store, opening(newCode(t)))
	drain(t, o.store, newDecider())
	changes := []string{"UPDATE entries SET body = ''", "DELETE FROM entries", "TRUNCATE entries", "UPDATE contents SET body = ''", "DELETE FROM contents", "TRUNCATE contents"}
	for role, statements := range map[string][]string{
		postgres.Owner: changes,
		postgres.App: append(changes,
			"ALTER TABLE entries DISABLE TRIGGER ALL", "ALTER TABLE entries ADD COLUMN x int", "DROP TABLE entries", "DROP TRIGGER entries_append_only ON entries",
			"UPDATE backups SET taken = now()", "DELETE FROM backups", "DELETE FROM inbox", "UPDATE inbox SET body = ''", "UPDATE inbox SET seq = 9", "UPDATE inbox SET received_at = now()",
			"DELETE FROM feed", "UPDATE feed SET seq = 0", "UPDATE audit SET who = ''", "DELETE FROM refusals", "UPDATE refusals SET station = ''", "DELETE FROM drawer", "UPDATE drawer SET body = ''", "DELETE FROM drawer_days",
			"UPDATE reference SET body = '{}'", "UPDATE changes SET who = ''", "UPDATE tokens SET station = ''", "DELETE FROM files", "DELETE FROM queues",
			"UPDATE covers SET file = ''", "DELETE FROM contents", "UPDATE contents SET body = ''", "UPDATE inbox SET texts = NULL", "UPDATE inbox SET salts = NULL", "UPDATE numbers SET key = 'x'", "UPDATE audit SET salts = NULL", "UPDATE covers SET code = ''",
		),
	} {
		conn := raw(t, o.url(role))
		for _, statement := range statements {
			if _, err := conn.Exec(t.Context(), statement); sqlState(err) != "42501" {
				t.Errorf("%s: %s: %v", role, statement, err)
			}
		}
	}
	audit(t, o.store)
}

// What must never be false is refused by the database itself.
func TestSchemaRefusesNonsense(t *testing.T) {
	o := open(t)
	c := opening(newCode(t))
	put(t, o.store, c)
	drain(t, o.store, newDecider())
	put(t, o.store, scanning(c.Code))
	conn := raw(t, o.url(postgres.App))
	for statement, state := range map[string]string{
		"UPDATE inbox SET state = 'lost' WHERE state = 'stored'":                                                                      "23514",
		"UPDATE inbox SET outcome = '{}' WHERE state = 'stored'":                                                                      "23514",
		"UPDATE inbox SET outcome = '{}' WHERE state = 'applied'":                                                                     "42501", // an answer stands
		"UPDATE inbox SET head = ''":                                                                                                  "42501",
		"UPDATE queues SET done = last + 1":                                                                                           "23514",
		"INSERT INTO queues (code, not_before) VALUES ('7', now())":                                                                   "23514",
		"INSERT INTO inbox (id, code, seq, body, received_at) SELECT gen_random_uuid(), code, seq, body, now() FROM inbox":            "23505",
		"INSERT INTO entries SELECT * FROM entries":                                                                                   "23505",
		"UPDATE notices SET state = 'lost'":                                                                                           "",
		"INSERT INTO contents (digest, body) VALUES (repeat('0', 64), '{}')":                                                          "23514",
		"UPDATE files SET class = 'private'":                                                                                          "23514",
		"INSERT INTO numbers (command, key, file) SELECT command, key, file FROM numbers":                                             "23505",
		"INSERT INTO inbox (id, code, seq, body, received_at, texts) SELECT gen_random_uuid(), code, 9, body, now(), '{}' FROM inbox": "23514",
		"INSERT INTO feed_counter (last) VALUES (7)":                                                                                  "23505",
		"INSERT INTO tokens (hash, station) VALUES ('a', 's')":                                                                        "23514",
		"INSERT INTO audit (who, act, command, reason) SELECT '', 'erase', id, '' FROM inbox":                                         "23514",
	} {
		if _, err := conn.Exec(t.Context(), statement); sqlState(err) != state {
			t.Errorf("%s: %v, want %s", statement, err, state)
		}
	}
}

// What an earlier program kept is not gone on with, and the answer says what to do.
func TestMigrateRefusesAnEarlierProgramsFiles(t *testing.T) {
	url := pgtest.Database(t, "")
	if err := Migrate(t.Context(), url(postgres.Owner)); err != nil {
		t.Fatal(err)
	}
	s := connect(t, url(postgres.App))
	put(t, s, opening(newCode(t)))
	conn := raw(t, url(postgres.Owner))
	if _, err := conn.Exec(t.Context(), "DELETE FROM goose_db_version WHERE version_id >= 10"); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), url(postgres.Owner)); err == nil || !strings.Contains(err.Error(), "begin the office in a new one") {
		t.Errorf("%v", err)
	}
}

func TestMigrateTakesTurnsAndRefusesANewerSchema(t *testing.T) {
	url := pgtest.Database(t, "")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := Migrate(t.Context(), url(postgres.Owner)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	conn := raw(t, url(postgres.Owner))
	if _, err := conn.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)"); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), url(postgres.Owner)); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("%v", err)
	}
}

// Every statement that this package holds is understood by the database, for the
// role that uses it.
func TestEveryStatementPrepares(t *testing.T) {
	conn := raw(t, open(t).url(postgres.App))
	statements := 0
	for name, text := range constants(t) {
		verb, _, _ := strings.Cut(strings.TrimSpace(text)+" ", " ")
		switch verb {
		case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
			statements++
			if _, err := conn.Prepare(t.Context(), name, text); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if statements < 45 {
		t.Errorf("only %d statements found", statements)
	}
}

// constants returns the package's string constants, as the compiler folds them.
func constants(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{Error: func(error) {}} // what other packages mean is not needed
	checked, _ := conf.Check("ledger", set, files, nil)
	found := map[string]string{}
	for _, name := range checked.Scope().Names() {
		if c, ok := checked.Scope().Lookup(name).(*types.Const); ok && c.Val().Kind() == constant.String {
			found[name] = constant.StringVal(c.Val())
		}
	}
	return found
}

func TestFaultsOfTheDatabaseAreToldApart(t *testing.T) {
	conn := raw(t, open(t).url(postgres.App))
	classes := map[string]func(error) bool{"poison": poison, "tangled": tangled, "away": away}
	raised := func(state string) error {
		_, err := conn.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '"+state+"'; END $$")
		return err
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{raised("22012"), "poison"},
		{raised("23505"), "poison"},
		{raised("40P01"), "tangled"},
		{raised("40001"), "tangled"},
		{raised("57P01"), "away"},
		{raised("57P03"), "away"},
		{raised("53300"), "away"},
		{raised("08006"), "away"},
		{raised("53100"), ""},
		{raised("57014"), ""},
		{context.Canceled, ""},
		{context.DeadlineExceeded, ""},
		{errors.New("x"), ""},
		{nil, ""},
	} {
		for name, is := range classes {
			if got := is(tt.err); got != (name == tt.want) {
				t.Errorf("%v is %s: %v", tt.err, name, got)
			}
		}
	}
}
