package engine

import (
	"math"
	"os"
	"runtime"
	"runtime/metrics"
	"sync"
)

// What the collector looks at, in bytes: what it found alive, and what else it scans.
const (
	liveBytes    = "/gc/heap/live:bytes"
	stackBytes   = "/gc/scan/stack:bytes"
	globalsBytes = "/gc/scan/globals:bytes"
)

// leastGarbage is how much may be garbage before it is collected, in percent of what is
// alive: Go's own default.
const leastGarbage = 100

// collecting is once in a program: a machine's memory does not change.
var collecting sync.Once

// collectAt has the collector wait until the heap has floor bytes, which depends on what is
// alive. That is little in a small office, and Go would collect several times a second for
// it. GOGC is obeyed where it is set. set is debug.SetGCPercent.
func collectAt(floor func(live int64) int64, set func(percent int) int) {
	if os.Getenv("GOGC") != "" {
		return
	}
	set(garbage(floor))
	afterCollection(func() { set(garbage(floor)) })
}

// afterCollection calls f after each collection from now on, for ever.
func afterCollection(f func()) {
	type mark struct{ _ [16]byte } // not a tiny object, which may share its fate with others
	runtime.AddCleanup(new(mark), func(f func()) {
		f()
		afterCollection(f)
	}, f)
}

// garbage is how many percent of what is alive may be garbage, so that the heap is
// collected at floor.
func garbage(floor func(live int64) int64) int {
	seen := []metrics.Sample{{Name: liveBytes}, {Name: stackBytes}, {Name: globalsBytes}}
	metrics.Read(seen)
	live := int64(seen[0].Value.Uint64())
	return percent(floor(live), live, live+int64(seen[1].Value.Uint64()+seen[2].Value.Uint64()))
}

// percent solves Go's rule for it: collected at live + percent of scanned.
func percent(floor, live, scanned int64) int {
	if scanned <= 0 {
		return leastGarbage
	}
	return int(min(math.MaxInt32, max(leastGarbage, 100*(floor-live)/scanned)))
}
