package ledger

import (
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
)

// Somebody's own PostgreSQL has no role of the program. An owner who may makes it,
// however many programs begin at once; one who may not is told what to run.
func TestProvisionMakesTheProgramsRole(t *testing.T) {
	cluster, err := postgres.Start(t.Context(), postgres.Config{Dir: pgtest.Folder(t, "own"), NoSync: true, Leashed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	admin, owner, app := cluster.URL(postgres.Ledger, postgres.Admin), cluster.URL(postgres.Ledger, postgres.Owner), cluster.URL(postgres.Ledger, postgres.App)
	conn := raw(t, admin)
	run := func(statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := conn.Exec(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
	}
	run(`DROP OWNED BY harkara`, `DROP ROLE harkara`)

	err = Provision(t.Context(), owner, app)
	if err == nil || !strings.Contains(err.Error(), "CREATE ROLE harkara LOGIN PASSWORD") || !strings.Contains(err.Error(), "harkara_owner may not") {
		t.Errorf("an owner who may not: %v", err)
	}
	if strings.Contains(err.Error(), "'"+password(t, app)) {
		t.Error("the error tells the password")
	}
	run(`ALTER ROLE harkara_owner CREATEROLE`, `GRANT CONNECT ON DATABASE harkara TO PUBLIC`)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := Provision(t.Context(), owner, app); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := Migrate(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	s := connect(t, app)
	put(t, s, opening(newCode(t)))

	// One role for everything: what is granted is granted to a role that nobody is.
	s.Close()
	run(`DROP OWNED BY harkara`, `DROP ROLE harkara`)
	if err := Provision(t.Context(), owner, owner); err != nil {
		t.Fatal(err)
	}
	var may bool
	if err := conn.QueryRow(t.Context(), `SELECT rolcanlogin FROM pg_roles WHERE rolname = 'harkara'`).Scan(&may); err != nil || may {
		t.Errorf("a role without a password may log in: %v, %v", may, err)
	}
}

func password(t *testing.T, address string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Password
}
