package engine

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// An index of the visibility store begins with the namespace and what is searched for.
type index struct{ Name, Definition, Column string }

// slim leaves out of each index the runs that have nothing in its column: a run has no
// more than a few of the attributes that each have an index, and all of these together
// took 20 KB a run. A search for a value never wants what has none, and the planner
// knows it. Names stay: Temporal's upgrades drop by name, and make anew what slim then
// finds. One transaction; where there is nothing to do it only looks.
func slim(ctx context.Context, address string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("slim visibility indexes: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := slimOn(ctx, conn); err != nil {
		return fmt.Errorf("slim visibility indexes: %w", err)
	}
	return nil
}

func slimOn(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// Nobody uses the store before Temporal starts; who does is told of, not waited
		// for without end.
		if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '30s'`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), quote_ident(a.attname)
			FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[1]
			WHERE i.indrelid = 'executions_visibility'::regclass AND i.indpred IS NULL AND NOT i.indisunique AND NOT a.attnotnull
			ORDER BY i.indexrelid`)
		if err != nil {
			return err
		}
		full, err := pgx.CollectRows(rows, pgx.RowToStructByPos[index])
		if err != nil {
			return err
		}
		for _, x := range full {
			if _, err := tx.Exec(ctx, `DROP INDEX `+x.Name); err != nil {
				return fmt.Errorf("drop index %s: %w", x.Name, err)
			}
			if _, err := tx.Exec(ctx, x.Definition+` WHERE `+x.Column+` IS NOT NULL`); err != nil {
				return fmt.Errorf("create index %s: %w", x.Name, err)
			}
		}
		return nil
	})
}
