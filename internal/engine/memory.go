package engine

import (
	"math"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// Memory is how a machine's memory is shared out. PostgreSQL and the disk's pages have
// what Heap leaves.
type Memory struct {
	Machine int64 // bytes that the machine has, or the control group may use
	Heap    int64 // bytes that the program's memory should stay below; math.MaxInt64: no limit
	Files   int   // open files whose workflows stay in memory
}

const (
	// workerCost and serverCost are what one cached file takes, in bytes, as the slope
	// from 500 to 3,500 files: 17 KB of heap and 26 KB of stacks, three goroutines, with
	// the worker, and 21 KB with an embedded Temporal. Scans of it add nothing.
	workerCost = 43_000
	serverCost = 21_000

	leastHeap  = 256 << 20 // below it Temporal itself has no room
	fewest     = 500       // files: those that are scanned now
	most       = 20_000    // more cost the collector, every two minutes, more than replaying them does
	halfUnused = 2         // of the machine, for all that is not this program
	cacheShare = 4         // of the heap; the rest is for Temporal, rows of boards, and garbage
	floorShare = 8         // of the heap, below which nothing is collected
	mostFloor  = 1 << 30   // bytes: a collection every few seconds costs little already
	roomShare  = 4         // of the heap, below which nothing is collected that has not grown to
	roomy      = 6         // times what is alive: while 450 MB are marked, for two seconds, each scan waits three times as long
	mostRoom   = 3 << 30   // bytes
)

// shareOut gives the program half of a machine, unless a limit is given (0: none), and
// a quarter of that to cached files.
func shareOut(machine, given int64) Memory {
	m := Memory{Machine: machine, Heap: max(leastHeap, machine/halfUnused)}
	room := m.Heap
	if given > 0 {
		m.Heap, room = given, min(given, room)
	}
	m.Files = int(min(most, max(fewest, room/cacheShare/(workerCost+serverCost))))
	return m
}

// floor is how large the heap may become before anything is collected, in bytes, when so
// much is alive.
func (m Memory) floor(live int64) int64 {
	heap := min(m.Heap, m.Machine/halfUnused)
	return max(min(heap/floorShare, mostFloor), min(heap/roomShare, mostRoom, roomy*live))
}

// memory looks at the machine, its control groups of either version, and GOMEMLIMIT,
// and bounds the program's memory.
func memory() Memory {
	machine := int64(math.MaxInt64)
	for _, ask := range []memlimit.Provider{memlimit.FromSystem, memlimit.FromCgroup} {
		if n, err := ask(); err == nil { // else there is no such limit
			machine = int64(min(uint64(machine), n))
		}
	}
	if machine == math.MaxInt64 { // nothing is known
		machine = 2 * leastHeap
	}
	var given int64
	if os.Getenv("GOMEMLIMIT") != "" {
		given = debug.SetMemoryLimit(-1) // as the runtime has read it
	}
	m := shareOut(machine, given)
	debug.SetMemoryLimit(m.Heap)
	collecting.Do(func() { collectAt(m.floor, debug.SetGCPercent) })
	return m
}
