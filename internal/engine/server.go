package engine

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	tlog "go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql" // the store's driver
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"

	"harkara/internal/engine/postgres"
)

const plugin = "postgres12_pgx"

// shards is fixed for the life of a data folder.
const shards = 4

// server is an embedded Temporal.
type server struct {
	temporal temporal.Server
	address  string
}

// services that run. The system worker is left out: archival, batches and
// schedules have no user here, and it polls all day.
var services = []primitives.ServiceName{primitives.FrontendService, primitives.HistoryService, primitives.MatchingService}

func startServer(db *postgres.Cluster, secret string, log *slog.Logger) (*server, error) {
	if err := migrate(db); err != nil {
		return nil, err
	}
	ports, err := freePorts(len(services) + 1)
	if err != nil {
		return nil, err
	}
	hosts := map[primitives.ServiceName]static.Hosts{}
	cfg := configuration(db)
	for i, name := range append(services, primitives.WorkerService) {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i]))
		hosts[name] = static.SingleLocalHost(address)
		cfg.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: ports[i], BindOnLocalHost: true}}
	}
	front := net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0]))
	cfg.PublicClient.HostPort = front
	cfg.ClusterMetadata.ClusterInformation = map[string]cluster.ClusterInformation{
		"active": {Enabled: true, InitialFailoverVersion: 1, RPCAddress: front},
	}
	names := make([]string, len(services))
	for i, name := range services {
		names[i] = string(name)
	}
	guard := doorkeeper(secret)
	t, err := temporal.NewServer(
		temporal.WithConfig(cfg), temporal.ForServices(names), temporal.WithStaticHosts(hosts),
		temporal.WithLogger(bridge{quiet(log)}), temporal.WithDynamicConfigClient(tuning),
		temporal.WithAuthorizer(guard), temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return guard }),
	)
	if err != nil {
		return nil, fmt.Errorf("make Temporal server: %w", err)
	}
	if err := t.Start(); err != nil {
		return nil, fmt.Errorf("start Temporal server: %w", err)
	}
	return &server{temporal: t, address: front}, nil
}

func (s *server) stop() error {
	if err := s.temporal.Stop(); err != nil {
		return fmt.Errorf("stop Temporal server: %w", err)
	}
	return nil
}

// migrate sets the two schemas up, or brings them up to this server's version.
func migrate(db *postgres.Cluster) error {
	for _, s := range []struct{ database, schema string }{
		{postgres.Workflows, "postgresql/v12/temporal"}, {postgres.Visibility, "postgresql/v12/visibility"},
	} {
		if err := migrateOne(store(db, s.database, 1).SQL, s.schema); err != nil {
			return fmt.Errorf("migrate database %s: %w", s.database, err)
		}
	}
	return nil
}

func migrateOne(at *config.SQL, name string) error {
	silent := tlog.NewNoopLogger()
	conn, err := sqltool.NewConnection(at, silent)
	if err != nil {
		return err
	}
	defer conn.Close()
	tables, err := conn.ListTables()
	if err != nil {
		return err
	}
	if len(tables) == 0 {
		if err := schema.NewSetupSchemaTask(conn, &schema.SetupConfig{InitialVersion: "0.0"}, silent).Run(); err != nil {
			return err
		}
	}
	return schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{SchemaName: name}, silent).Run()
}

// store is the way to one of Temporal's databases.
func store(db *postgres.Cluster, database string, connections int) config.DataStore {
	dir, port, password := db.Socket(postgres.Temporal)
	return config.DataStore{SQL: &config.SQL{
		PluginName: plugin, DatabaseName: database, User: postgres.Temporal, Password: password,
		ConnectAddr: "localhost:" + port, ConnectProtocol: "tcp", ConnectAttributes: map[string]string{"host": dir, "port": port},
		MaxConns: connections, MaxIdleConns: connections, MaxConnLifetime: time.Hour,
	}}
}

func configuration(db *postgres.Cluster) *config.Config {
	disabled := "disabled"
	return &config.Config{
		Services: map[string]config.Service{},
		Persistence: config.Persistence{
			DefaultStore: "workflows", VisibilityStore: "visibility", NumHistoryShards: shards,
			DataStores: map[string]config.DataStore{"workflows": store(db, postgres.Workflows, 40), "visibility": store(db, postgres.Visibility, 8)},
		},
		ClusterMetadata:     &cluster.Config{FailoverVersionIncrement: 10, MasterClusterName: "active", CurrentClusterName: "active"},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Archival:            config.Archival{History: config.HistoryArchival{State: disabled}, Visibility: config.VisibilityArchival{State: disabled}},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History: config.HistoryArchivalNamespaceDefaults{State: disabled}, Visibility: config.VisibilityArchivalNamespaceDefaults{State: disabled},
		}},
	}
}

// tuning fits one machine: limits that guard a shared cluster are lifted, and a
// single matching partition saves a hop (p99 of an Update 1.4 s to 0.4 s).
var tuning = dynamicconfig.StaticClient{
	dynamicconfig.ShardIOConcurrency.Key():                  8,
	dynamicconfig.FrontendRPS.Key():                         20_000,
	dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():  20_000,
	dynamicconfig.HistoryRPS.Key():                          50_000,
	dynamicconfig.MatchingRPS.Key():                         50_000,
	dynamicconfig.FrontendPersistenceMaxQPS.Key():           50_000,
	dynamicconfig.HistoryPersistenceMaxQPS.Key():            50_000,
	dynamicconfig.MatchingPersistenceMaxQPS.Key():           50_000,
	dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
	dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
	dynamicconfig.NamespaceCacheRefreshInterval.Key():       time.Second,
}

// doorkeeper lets in whoever carries the secret of this start.
type doorkeeper string

// GetClaims implements authorization.ClaimMapper.
func (d doorkeeper) GetClaims(info *authorization.AuthInfo) (*authorization.Claims, error) {
	token, ok := strings.CutPrefix(info.AuthToken, "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(d)) != 1 {
		return nil, errors.New("wrong secret")
	}
	return &authorization.Claims{Subject: "harkara", System: authorization.RoleAdmin}, nil
}

// Authorize implements authorization.Authorizer.
func (d doorkeeper) Authorize(_ context.Context, caller *authorization.Claims, _ *authorization.CallTarget) (authorization.Result, error) {
	if caller == nil || caller.System&authorization.RoleAdmin == 0 {
		return authorization.Result{Decision: authorization.DecisionDeny}, nil
	}
	return authorization.Result{Decision: authorization.DecisionAllow}, nil
}

// freePorts asks the kernel for loopback ports that nobody uses.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close() // held until all are found, so that they differ
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
