package engine

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/server/common/config"
	tlog "go.temporal.io/server/common/log"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql" // the store's driver
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
	"golang.org/x/sync/errgroup"

	"harkara/internal/engine/postgres"
)

const plugin = "postgres12_pgx"

// schemas are Temporal's own, by the database they belong in.
var schemas = map[string]string{
	postgres.Workflows:  "postgresql/v12/temporal",
	postgres.Visibility: "postgresql/v12/visibility",
}

// migrate makes Temporal's databases, or brings them up to this server's version.
func migrate(ctx context.Context, db *postgres.Cluster) error {
	group, ctx := errgroup.WithContext(ctx)
	for database, name := range schemas {
		group.Go(func() error {
			if err := migrateOne(ctx, db, database, name); err != nil {
				return fmt.Errorf("migrate database %s: %w", database, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// migrateOne makes a new database aside, so that a kill leaves none half made:
// Temporal's schema steps are no transactions.
func migrateOne(ctx context.Context, db *postgres.Cluster, database, name string) error {
	err := db.Build(ctx, database, postgres.Temporal, func(aside string) error {
		// The steps need not wait for the disk one by one: the rename that makes
		// them count does.
		at := store(db, aside, 1)
		at.ConnectAttributes["synchronous_commit"] = "off"
		return withTables(at, func(conn *sqltool.Connection) error {
			setup := &schema.SetupConfig{InitialVersion: "0.0"}
			if err := schema.NewSetupSchemaTask(conn, setup, tlog.NewNoopLogger()).Run(); err != nil {
				return err
			}
			if err := update(conn, name); err != nil {
				return err
			}
			// Temporal keeps the version under the database's name.
			return conn.Exec(`UPDATE schema_version SET db_name = $1`, database)
		})
	})
	if err != nil {
		return err
	}
	if err := withTables(store(db, database, 1), func(conn *sqltool.Connection) error { return update(conn, name) }); err != nil {
		return err
	}
	if name == schemas[postgres.Visibility] {
		return slim(ctx, db.URL(database, postgres.Temporal))
	}
	return nil
}

func withTables(at *config.SQL, do func(*sqltool.Connection) error) error {
	conn, err := sqltool.NewConnection(at, tlog.NewNoopLogger())
	if err != nil {
		return err
	}
	defer conn.Close()
	return do(conn)
}

func update(conn *sqltool.Connection, name string) error {
	return schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{SchemaName: name}, tlog.NewNoopLogger()).Run()
}

// store is the way to one of Temporal's databases, over the Unix socket.
func store(db *postgres.Cluster, database string, connections int) *config.SQL {
	folder, port, password := db.Socket(postgres.Temporal)
	return &config.SQL{
		PluginName: plugin, DatabaseName: database, User: postgres.Temporal, Password: password,
		// The host in the attributes overrides the address, which must be there.
		ConnectAddr: "localhost:" + port, ConnectProtocol: "tcp", ConnectAttributes: map[string]string{"host": folder, "port": port},
		MaxConns: connections, MaxIdleConns: connections, MaxConnLifetime: time.Hour,
	}
}
