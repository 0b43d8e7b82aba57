package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	_ "github.com/jackc/pgx/v5/stdlib" // goose speaks database/sql
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"harkara/internal/custody"
	"harkara/internal/label"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to this program's, as the owner at url, on a database
// that has the program's role: see Provision. Two programs that start at once take
// turns. A schema newer than the program is an
// error: it is not for this program to touch.
func Migrate(ctx context.Context, url string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return fmt.Errorf("open ledger as owner: %w", err)
	}
	defer db.Close()
	provider, err := migrator(db)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if have > want {
		return fmt.Errorf("the ledger has schema %d, this program knows %d: run the newer program", have, want)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate ledger: %w", err)
	}
	if err := numberFiles(ctx, db); err != nil {
		return fmt.Errorf("enter numbers of files: %w", err)
	}
	return nil
}

func migrator(db *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, sub, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
}

const selectUnnumbered = `
SELECT f.code, f.number, e.body::jsonb->>'command' FROM files f JOIN entries e ON e.code = f.code AND e.revision = 1
WHERE NOT EXISTS (SELECT FROM numbers n WHERE n.file = f.code)`

// numberFiles enters the numbers of files that a program opened which did not know how:
// the database cannot tell how numbers are compared.
func numberFiles(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, selectUnnumbered)
	if err != nil {
		return err
	}
	defer rows.Close()
	var n numbers
	for rows.Next() {
		var code label.Code
		var number string
		var command custody.CommandID
		if err := rows.Scan(&code, &number, &command); err != nil {
			return err
		}
		n.add(number, code, command)
	}
	if err := rows.Err(); err != nil || len(n.keys) == 0 {
		return err
	}
	_, err = db.ExecContext(ctx, enterNumbers, n.args()...)
	return err
}
