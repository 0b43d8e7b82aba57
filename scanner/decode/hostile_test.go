package decode

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"harkara/scanner/decode/hostile"
)

// Bounds of processor time: promises. What a budget ends is well within the first two;
// of the others bench decode tells what they come to, and since whatever shares a
// processor makes the same work dearer a test allows the double.
const (
	mostTime      = 500 * time.Millisecond // any picture, however it is looked at
	mostFullTime  = 250 * time.Millisecond // full effort with its own budget
	quickMedian   = 3 * time.Millisecond   // over covers
	quickMost     = 15 * time.Millisecond  // 95 of 100 covers
	withoutMedian = 5 * time.Millisecond   // quick effort without a code
	withoutMost   = 12 * time.Millisecond
)

// timed measures the processor time of a call: the least of some, since what shares
// the processor's caches makes the same work dearer.
func timed(times int, call func()) time.Duration {
	least := time.Hour
	for range times {
		began := threadTime()
		call()
		least = min(least, threadTime()-began)
	}
	return least
}

// No picture takes over half a second, however it is looked at.
func TestHostilePicturesTakeNoTime(t *testing.T) {
	if racing {
		t.Skip("the race detector is ten times slower; make test runs it without")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	reader := New()
	ways := []struct {
		name string
		most time.Duration
		look func(*Gray)
	}{
		{"quick", mostTime, func(g *Gray) { reader.Decode(g, Options{}) }},
		{"quick, all", mostTime, func(g *Gray) { reader.Decode(g, Options{All: true, Raw: true}) }},
		{"full", mostFullTime, func(g *Gray) { reader.Decode(g, Options{Effort: Full}) }},
		{"full, all", mostFullTime, func(g *Gray) { reader.Decode(g, Options{Effort: Full, All: true}) }},
		{"full, all, raw", mostFullTime, func(g *Gray) { reader.Decode(g, Options{Effort: Full, All: true, Raw: true}) }},
		{"All", mostTime, func(g *Gray) { All(t.Context(), g) }},
		{"a viewer's still frames", mostTime, func(g *Gray) {
			v := NewViewer()
			v.changed(g)
			v.still, v.last.State = stillFor, Nothing
			v.Look(g, 0)
		}},
	}
	longest := make([]time.Duration, len(ways))
	which := make([]string, len(ways))
	for name, picture := range hostile.Pictures() {
		g := FromImage(picture)
		for i, way := range ways {
			took := timed(1, func() { way.look(g) })
			if took >= way.most {
				took = timed(2, func() { way.look(g) })
			}
			if took >= way.most {
				t.Errorf("%s, %s: %s of processor time", way.name, name, took)
			}
			if took > longest[i] {
				longest[i], which[i] = took, name
			}
		}
	}
	for i, way := range ways {
		t.Logf("%s: at most %s (%s)", way.name, longest[i], which[i])
	}
}

// What a frame of a camera costs, by the covers.
func TestQuickEffortIsQuick(t *testing.T) {
	if racing {
		t.Skip("the race detector is ten times slower; make test runs it without")
	}
	set := covers(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	reader := New()
	var every, without []time.Duration
	for _, c := range set {
		took := timed(3, func() { reader.Decode(c.picture, Options{}) })
		every = append(every, took)
		if c.text == "" {
			without = append(without, took)
		}
	}
	for _, tt := range []struct {
		name         string
		took         []time.Duration
		median, most time.Duration
	}{
		{"covers", every, quickMedian, quickMost},
		{"without a code", without, withoutMedian, withoutMost},
	} {
		slices.Sort(tt.took)
		median, most := tt.took[len(tt.took)/2], tt.took[(len(tt.took)-1)*95/100]
		t.Logf("%s: median %s, 95 of 100 at most %s", tt.name, median, most)
		if median > 2*tt.median || most > 2*tt.most {
			t.Errorf("%s: want at most %s and %s, by far", tt.name, tt.median, tt.most)
		}
	}
}
