package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// program is the role that migrations grant to: it may do what the office does, and
// no more.
const program = "harkara"

const (
	hasRole    = `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`
	createRole = `SELECT CASE WHEN $2::text = '' THEN format('CREATE ROLE %I NOLOGIN', $1::text)
ELSE format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text) END`
)

// Provision makes the program's role where the database has none, as the owner at
// one address, with the password in the program's own address. Programs that connect
// as the owner need the role too, for what is granted to it. Where the owner may make
// no role the error is what to run.
func Provision(ctx context.Context, owner, address string) error {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("read ledger's address: %w", err)
	}
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return fmt.Errorf("open ledger as owner: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	if err := conn.QueryRow(ctx, hasRole, program).Scan(&there); err != nil {
		return fmt.Errorf("look for role %s: %w", program, err)
	}
	if there {
		return nil
	}
	password := ""
	if cfg.User == program {
		password = cfg.Password
	}
	var statement string
	if err := conn.QueryRow(ctx, createRole, program, password).Scan(&statement); err != nil {
		return fmt.Errorf("make role %s: %w", program, err)
	}
	_, err = conn.Exec(ctx, statement)
	switch sqlState(err) {
	case "":
		return err
	case "42710", "23505": // another program was first
		return nil
	case "42501":
		return fmt.Errorf("the ledger's database has no role %s, and %s may not make it: run this as a superuser, with the password of the program's address: CREATE ROLE %s LOGIN PASSWORD '...';", program, conn.Config().User, program)
	}
	return fmt.Errorf("make role %s: %w", program, err)
}
