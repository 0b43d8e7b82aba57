package engine

import (
	"maps"
	"time"

	"go.temporal.io/server/common/dynamicconfig"
)

// tuning fits one machine. What bounds Updates here is the processor, some 4 ms
// of it per Update: neither shards, connections nor PostgreSQL's commit settings
// moved the rate, so they stay as they are.
var tuning = dynamicconfig.StaticClient{
	// Limits that guard a shared cluster are lifted.
	dynamicconfig.FrontendRPS.Key():                        20_000,
	dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key(): 20_000,
	dynamicconfig.HistoryRPS.Key():                         50_000,
	dynamicconfig.MatchingRPS.Key():                        50_000,
	dynamicconfig.FrontendPersistenceMaxQPS.Key():          50_000,
	dynamicconfig.HistoryPersistenceMaxQPS.Key():           50_000,
	dynamicconfig.MatchingPersistenceMaxQPS.Key():          50_000,

	// Commits of one shard may overlap, and share their wait for the disk.
	dynamicconfig.ShardIOConcurrency.Key(): 8,
	// A single partition saves a hop (p99 of an Update 1.4 s to 0.4 s).
	dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
	dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
	// What was on its way to a worker when the store died is sent again after this.
	dynamicconfig.DefaultWorkflowTaskTimeout.Key(): 5 * time.Second,
	// A fresh namespace is served within a second.
	dynamicconfig.NamespaceCacheRefreshInterval.Key(): time.Second,

	// Counting for nobody: 3 % of the processor.
	dynamicconfig.ExternalPayloadsEnabled.Key():                   false,
	dynamicconfig.PersistenceHealthSignalMetricsEnabled.Key():     false,
	dynamicconfig.PersistenceHealthSignalAggregationEnabled.Key(): false,
	dynamicconfig.HistoryHealthSignalMetricsEnabled.Key():         false,

	// The office's server asks nobody on the internet about newer versions.
	dynamicconfig.EnableServerVersionCheck.Key(): false,
}

// tuned is tuning on a machine: the server keeps as many files as the worker does, not
// 128,000.
func tuned(m Memory) dynamicconfig.StaticClient {
	settings := maps.Clone(tuning)
	settings[dynamicconfig.HistoryCacheHostLevelMaxSize.Key()] = m.Files
	return settings
}
