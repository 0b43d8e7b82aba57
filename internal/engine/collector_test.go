package engine

import (
	"math"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is alive, the heap is collected at the floor, or at twice what is alive where
// that is more.
func TestGarbageIsCollectedAtTheFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		floor := rapid.Int64Range(16<<20, mostRoom).Draw(t, "floor")
		live := rapid.Int64Range(1<<20, 1<<36).Draw(t, "live")
		scanned := live + rapid.Int64Range(0, live).Draw(t, "stacks")
		p := int64(percent(floor, live, scanned))
		at := live + p*scanned/100
		switch {
		case p < leastGarbage:
			t.Fatalf("%d %%", p)
		case p == leastGarbage && live+scanned < floor-scanned/100:
			t.Fatalf("collected at %d, before the floor", at)
		case p > leastGarbage && (at > floor || floor-at > scanned/100+1):
			t.Fatalf("%d %%: collected at %d, not at %d", p, at, floor)
		}
	})
	if p := percent(mostRoom, 0, 0); p != leastGarbage {
		t.Errorf("before the first collection: %d %%", p)
	}
}

func TestFloorsOfMachines(t *testing.T) {
	for name, tt := range map[string]struct {
		machine, given, live, floor int64
	}{
		"a small computer":      {1 << 30, 0, 20 << 20, 120 << 20},
		"an office's server":    {8 << 30, 0, 64 << 20, 512 << 20},
		"with its morning":      {8 << 30, 0, 400 << 20, 1 << 30},
		"a large one":           {256 << 30, 0, 100 << 20, 1 << 30},
		"with its morning too":  {256 << 30, 0, 400 << 20, 2400 << 20},
		"with two of them":      {256 << 30, 0, 800 << 20, 3 << 30},
		"GOMEMLIMIT below":      {8 << 30, 1 << 30, 64 << 20, 256 << 20},
		"GOMEMLIMIT=off":        {2 << 30, math.MaxInt64, 20 << 20, 128 << 20},
		"a container of 256 M":  {1 << 28, 0, 64 << 20, 32 << 20},
		"before anything lives": {8 << 30, 0, 0, 512 << 20},
	} {
		if got := shareOut(tt.machine, tt.given).floor(tt.live); got != tt.floor {
			t.Errorf("%s: %d, want %d", name, got, tt.floor)
		}
	}
}

func TestEveryCollectionIsFollowed(t *testing.T) {
	seen := make(chan struct{})
	afterCollection(func() {
		select {
		case seen <- struct{}{}:
		case <-t.Context().Done():
		}
	})
	for n := 0; n < 3; { // one may come before the mark of the next is there
		runtime.GC()
		select {
		case <-seen:
			n++
		default:
			runtime.Gosched()
		}
	}
}

func TestACollectorThatIsSetIsLeft(t *testing.T) {
	percents := make(chan int, 1)
	set := func(percent int) int {
		select {
		case percents <- percent:
		default:
		}
		return 0
	}
	t.Setenv("GOGC", "77")
	collectAt(func(int64) int64 { return 1 << 30 }, set)
	if len(percents) > 0 {
		t.Errorf("set to %d %%", <-percents)
	}
	t.Setenv("GOGC", "")
	runtime.GC()
	collectAt(func(int64) int64 { return 1 << 40 }, set)
	if got := <-percents; got <= leastGarbage {
		t.Errorf("%d %% of a small heap", got)
	}
}
