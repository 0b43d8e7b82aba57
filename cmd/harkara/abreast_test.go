package main

import (
	"slices"
	"sync/atomic"
	"testing"
)

// What is done together comes in order, each once; who stops early finds nothing running.
func TestAbreast(t *testing.T) {
	things := make([]int, 50)
	for i := range things {
		things[i] = i
	}
	var running, most, did atomic.Int64
	double := func(i int) int {
		now := running.Add(1)
		for was := most.Load(); now > was && !most.CompareAndSwap(was, now); was = most.Load() {
		}
		defer running.Add(-1)
		did.Add(1)
		return 2 * i
	}
	var got []int
	for i, twice := range abreast(things, double) {
		if twice != 2*i {
			t.Errorf("%d came to %d", i, twice)
		}
		got = append(got, i)
	}
	if !slices.Equal(got, things) || did.Load() != 50 || most.Load() > together {
		t.Errorf("%v, %d done, %d together", got, did.Load(), most.Load())
	}
	for i := range abreast(things, double) {
		if i == 7 {
			break
		}
	}
	if n := did.Load() - 50; running.Load() != 0 || n < 8 || n > 8+together {
		t.Errorf("%d were begun, %d run on", n, running.Load())
	}
}
