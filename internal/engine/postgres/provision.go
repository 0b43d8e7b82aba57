package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// provision makes the roles and the ledger's database where they are not there
// yet. It may be cut anywhere and run again.
func (c *Cluster) provision(ctx context.Context) error {
	conn, err := c.admin(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, role := range []string{Owner, App, Temporal} {
		var there bool
		if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role).Scan(&there); err != nil {
			return fmt.Errorf("look for role %s: %w", role, err)
		}
		if there {
			continue
		}
		// rand.Text's alphabet needs no quoting.
		if _, err := conn.Exec(ctx, `CREATE ROLE `+role+` LOGIN PASSWORD '`+c.passwords[role]+`'`); err != nil {
			return fmt.Errorf("create role %s: %w", role, err)
		}
	}
	if err := c.Build(ctx, Ledger, Owner, nil); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `GRANT CONNECT ON DATABASE `+Ledger+` TO `+App); err != nil {
		return fmt.Errorf("let %s into its database: %w", App, err)
	}
	return nil
}

// Build makes a database that is not there yet, open to its owner alone. fill, if
// any, gets the name of one made aside, which then takes the name: that is the
// commit point, and a killed Build leaves no half-filled database.
func (c *Cluster) Build(ctx context.Context, name, owner string, fill func(aside string) error) error {
	conn, err := c.admin(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil {
		return fmt.Errorf("look for database %s: %w", name, err)
	}
	if there {
		return nil
	}
	aside := name + "_new"
	run := func(statements ...string) error {
		for _, s := range statements {
			if _, err := conn.Exec(ctx, s); err != nil {
				return fmt.Errorf("build database %s: %s: %w", name, s, err)
			}
		}
		return nil
	}
	if err := run(`DROP DATABASE IF EXISTS `+aside+` WITH (FORCE)`, `CREATE DATABASE `+aside+` OWNER `+owner, `REVOKE ALL ON DATABASE `+aside+` FROM PUBLIC`); err != nil {
		return err
	}
	if fill != nil {
		if err := fill(aside); err != nil {
			return fmt.Errorf("fill database %s: %w", name, err)
		}
	}
	return run(`ALTER DATABASE ` + aside + ` RENAME TO ` + name)
}

func (c *Cluster) admin(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, c.URL("postgres", Admin))
	if err != nil {
		return nil, fmt.Errorf("connect as %s: %w", Admin, err)
	}
	return conn, nil
}
