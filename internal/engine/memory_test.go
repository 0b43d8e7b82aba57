package engine

import (
	"log/slog"
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMemoryIsSharedOut(t *testing.T) {
	const gb = 1 << 30
	for _, tt := range []struct {
		name           string
		machine, given int64
		heap           int64
		files          int
	}{
		{"a container of 256 MB", gb / 4, 0, gb / 4, 1048},
		{"a small computer", gb, 0, gb / 2, 2097},
		{"2 GB, as it was before", 2 * gb, 0, gb, 4194},
		{"an office's server", 8 * gb, 0, 4 * gb, 16777},
		{"more than files need", 64 * gb, 0, 32 * gb, most},
		{"GOMEMLIMIT below", 8 * gb, gb, gb, 4194},
		{"GOMEMLIMIT above", 2 * gb, 8 * gb, 8 * gb, 4194},
		{"GOMEMLIMIT=off", 2 * gb, math.MaxInt64, math.MaxInt64, 4194},
		{"GOMEMLIMIT too small for Temporal", 2 * gb, gb / 16, gb / 16, fewest},
	} {
		got := shareOut(tt.machine, tt.given)
		if want := (Memory{tt.machine, tt.heap, tt.files}); got != want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, want)
		}
	}
}

// On any machine cached files leave the collector room: it must not work all the time
// because what lives is near the limit.
func TestCachedFilesLeaveRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		machine := rapid.Int64Range(128<<20, 1<<42).Draw(t, "machine")
		given := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(128<<20, 1<<42)).Draw(t, "given")
		m := shareOut(machine, given)
		if cost := int64(m.Files) * (workerCost + serverCost); cost > m.Heap/cacheShare && m.Files > fewest {
			t.Fatalf("%+v: files take %d", m, cost)
		}
		if more := shareOut(2*machine, given); more.Files < m.Files || more.Heap < m.Heap {
			t.Fatalf("%+v, and on twice the machine %+v", m, more)
		}
	})
}

// The program's limit is in force once it was looked for, and a given one stands.
func TestMemoryIsBounded(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	t.Setenv("GOMEMLIMIT", "")
	if m := memory(); debug.SetMemoryLimit(-1) != m.Heap || m.Heap > max(leastHeap, m.Machine/halfUnused) || m.Machine <= 0 {
		t.Errorf("%+v, in force %d", m, debug.SetMemoryLimit(-1))
	}
	debug.SetMemoryLimit(300 << 20)
	t.Setenv("GOMEMLIMIT", "300MiB")
	if m := memory(); m.Heap != 300<<20 || debug.SetMemoryLimit(-1) != m.Heap {
		t.Errorf("given: %+v, in force %d", m, debug.SetMemoryLimit(-1))
	}
}

// The first line of a start says how memory is shared out, also of one that fails.
func TestStartSaysItsMemory(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	var said strings.Builder
	if _, err := Start(t.Context(), Config{Log: slog.New(slog.NewTextHandler(&said, nil))}); err == nil {
		t.Fatal("started without a data folder")
	}
	first, _, _ := strings.Cut(said.String(), "\n")
	for _, fact := range []string{"machine_mb=", "heap_mb=", "cached_files="} {
		if !strings.Contains(first, fact) {
			t.Errorf("%s is not said: %s", fact, first)
		}
	}
}
