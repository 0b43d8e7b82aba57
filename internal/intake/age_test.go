package intake

import (
	"slices"
	"testing"
	"time"

	"harkara/internal/custody"
)

// A scan of a station that woke up in 1970 counts from when it happened.
func TestWrongClockIsPlacedByUptime(t *testing.T) {
	b := newBench(t)
	b.start(b.dispatcher(&lives{}))
	c := command(custody.Open, b.code(), "")
	b.put(c)
	b.outcome(c)
	scan := command(custody.Scan, c.Code, "s1")
	scan.At.Wall = time.Unix(60, 0).UTC()
	scan.Age = custody.Age{Span: 0, Exact: true, Known: true}
	b.put(scan)
	out := b.outcome(scan)
	if !slices.Contains(out.Marks, custody.MarkUptime) || time.Since(out.Position.Seen) > time.Minute {
		t.Errorf("marks %v, seen %v", out.Marks, out.Position.Seen)
	}
	b.audit()
}
