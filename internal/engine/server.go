package engine

import (
	"errors"
	"fmt"
	"log/slog"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"

	"harkara/internal/engine/postgres"
)

// server is an embedded Temporal.
type server struct {
	temporal temporal.Server
	address  string // of its frontend, host:port
	ports    map[primitives.ServiceName]int
}

// services that run. The system's own workflows are left out: archival, batches
// and schedules have no user here, and their workers poll all day.
var services = []primitives.ServiceName{primitives.FrontendService, primitives.HistoryService, primitives.MatchingService}

// startServer returns once the services listen on migrated databases; see Ready.
func startServer(db *postgres.Cluster, secret string, m Memory, log *slog.Logger) (*server, error) {
	free, err := freePorts(len(services) + 1)
	if err != nil {
		return nil, err
	}
	between, err := internode()
	if err != nil {
		return nil, fmt.Errorf("secure Temporal's services: %w", err)
	}
	// Fixed hosts: no gossip, no waiting for it. The absent system worker has an
	// address too, for the others look it up.
	hosts := map[primitives.ServiceName]static.Hosts{primitives.WorkerService: static.SingleLocalHost(loopback(free[len(services)]))}
	cfg := configuration(db)
	var names []string
	ports := map[primitives.ServiceName]int{}
	for i, name := range services {
		names = append(names, string(name))
		ports[name] = free[i]
		hosts[name] = static.SingleLocalHost(loopback(free[i]))
		cfg.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: free[i], BindOnLocalHost: true}}
	}
	front := loopback(ports[primitives.FrontendService])
	cfg.PublicClient.HostPort = front
	cfg.ClusterMetadata.ClusterInformation = map[string]cluster.ClusterInformation{
		cfg.ClusterMetadata.CurrentClusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: front},
	}
	door := guard(secret)
	t, err := temporal.NewServer(
		temporal.WithConfig(cfg), temporal.ForServices(names), temporal.WithStaticHosts(hosts),
		temporal.WithLogger(bridge{log}), temporal.WithDynamicConfigClient(tuned(m)),
		temporal.WithAuthorizer(door), temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return door }),
		temporal.WithTLSConfigFactory(between),
	)
	if err != nil {
		return nil, fmt.Errorf("make Temporal server: %w", err)
	}
	s := &server{temporal: t, address: front, ports: ports}
	if err := t.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start Temporal server: %w", err), s.stop())
	}
	return s, nil
}

func (s *server) stop() error {
	if err := s.temporal.Stop(); err != nil {
		return fmt.Errorf("stop Temporal server: %w", err)
	}
	return nil
}

// form is what this program founds data folders with, and the only one that it opens.
// Its number rises when what is stored changes such that no migration leads there.
var form = postgres.Form{Number: 3, Shards: shards}

// shards is fixed for the life of a data folder: Temporal cannot change it. So many
// let an office that outgrows its machine spread its history over others, and cost an
// idle one half a per cent of a core more than four did.
const shards = 64

// configuration is one cluster of one process on db, without archival.
func configuration(db *postgres.Cluster) *config.Config {
	const disabled = "disabled"
	return &config.Config{
		Services: map[string]config.Service{},
		Persistence: config.Persistence{
			DefaultStore: "workflows", VisibilityStore: "visibility", NumHistoryShards: shards,
			DataStores: map[string]config.DataStore{
				"workflows":  {SQL: store(db, postgres.Workflows, 40)},
				"visibility": {SQL: store(db, postgres.Visibility, 8)},
			},
		},
		ClusterMetadata:     &cluster.Config{FailoverVersionIncrement: 10, MasterClusterName: "active", CurrentClusterName: "active"},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Archival:            config.Archival{History: config.HistoryArchival{State: disabled}, Visibility: config.VisibilityArchival{State: disabled}},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History: config.HistoryArchivalNamespaceDefaults{State: disabled}, Visibility: config.VisibilityArchivalNamespaceDefaults{State: disabled},
		}},
	}
}
