package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/engine/postgres"
)

func TestMain(m *testing.M) { Main(m) }

func query[T any](t *testing.T, address, statement string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var v T
	if err := conn.QueryRow(t.Context(), statement).Scan(&v); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return v
}

func TestDatabasesAreFreshAndCopied(t *testing.T) {
	first := Database(t, "")
	conn, err := pgx.Connect(t.Context(), first(postgres.Owner))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `CREATE TABLE things (n int); INSERT INTO things VALUES (7)`); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	copied := Database(t, Name(first("")))
	if n := query[int](t, copied(postgres.Owner), `SELECT n FROM things`); n != 7 {
		t.Errorf("copy holds %d, want 7", n)
	}
	empty := Database(t, "")
	if n := query[int](t, empty(postgres.App), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 0 {
		t.Errorf("a fresh database has %d tables", n)
	}
}
