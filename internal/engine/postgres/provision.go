package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// databases says who owns each one and who else may connect.
var databases = []struct{ name, owner, guest string }{
	{Ledger, Owner, App},
	{Workflows, Temporal, ""},
	{Visibility, Temporal, ""},
}

// provision makes the roles and databases that are not there yet. It may be cut
// anywhere and run again.
func (c *Cluster) provision(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres", Admin))
	if err != nil {
		return fmt.Errorf("connect as %s: %w", Admin, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	run := func(format string, args ...any) error {
		statement := fmt.Sprintf(format, args...)
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("provision cluster: %w", err)
		}
		return nil
	}
	missing := func(query, name string) (bool, error) {
		var there bool
		if err := conn.QueryRow(ctx, query, name).Scan(&there); err != nil {
			return false, fmt.Errorf("look for %s: %w", name, err)
		}
		return !there, nil
	}
	for _, role := range []string{Owner, App, Temporal} {
		absent, err := missing(`SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role)
		if err != nil {
			return err
		}
		if !absent {
			continue
		}
		// rand.Text's alphabet needs no quoting.
		if err := run(`CREATE ROLE %s LOGIN PASSWORD '%s'`, role, c.passwords[role]); err != nil {
			return err
		}
	}
	for _, db := range databases {
		absent, err := missing(`SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, db.name)
		if err != nil {
			return err
		}
		if absent {
			if err := run(`CREATE DATABASE %s OWNER %s`, db.name, db.owner); err != nil {
				return err
			}
		}
		if err := run(`REVOKE ALL ON DATABASE %s FROM PUBLIC`, db.name); err != nil {
			return err
		}
		if db.guest == "" {
			continue
		}
		if err := run(`GRANT CONNECT ON DATABASE %s TO %s`, db.name, db.guest); err != nil {
			return err
		}
	}
	return nil
}
