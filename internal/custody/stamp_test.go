package custody

import (
	"slices"
	"testing"
	"time"
)

// A station whose clock is wrong is believed by how long it has been running.
func TestStampsAreToldByAge(t *testing.T) {
	received := epoch.Add(12 * time.Hour)
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name      string
		stamp     Stamp
		clock     Clock
		told      time.Duration // before received
		known     bool
		estimated bool
	}{
		{"this boot, clock of 1970", Stamp{time.Unix(60, 0), "b", time.Hour, 3}, Clock{"b", 3 * time.Hour}, 2 * time.Hour, true, false},
		{"this boot, clock right", Stamp{received.Add(-2 * time.Hour), "b", time.Hour, 3}, Clock{"b", 3 * time.Hour}, 2 * time.Hour, true, false},
		{"of a spool that was torn before", Stamp{time.Unix(60, 0), "b.x7", time.Hour, 3}, Clock{"b", 3 * time.Hour}, 2 * time.Hour, true, false},
		{"this moment", Stamp{received, "b", time.Hour, 3}, Clock{"b", time.Hour}, 0, true, false},
		{"this boot, from its future", Stamp{received, "b", 2 * time.Hour, 3}, Clock{"b", time.Hour}, 0, false, false},
		{"this boot, before it began", Stamp{received, "b", -time.Hour, 3}, Clock{"b", time.Hour}, 0, false, false},
		{"longer ago than stations keep scans", Stamp{received, "b", 0, 3}, Clock{"b", 15 * day}, 0, false, false},
		{"an earlier boot, clock of 1970", Stamp{time.Unix(60, 0), "a", time.Hour, 2}, Clock{"b", 3 * time.Hour}, 3 * time.Hour, true, true},
		{"an earlier boot, clock within this one", Stamp{received.Add(-time.Hour), "a", time.Hour, 2}, Clock{"b", 3 * time.Hour}, 3 * time.Hour, true, true},
		{"an earlier boot, clock that may be right", Stamp{received.Add(-5 * time.Hour), "a", time.Hour, 2}, Clock{"b", 3 * time.Hour}, 0, false, false},
		{"a station without clocks", Stamp{Wall: received}, Clock{"b", time.Hour}, 0, false, false},
		{"a sender without clocks", Stamp{received, "b", time.Hour, 3}, Clock{Monotonic: -1}, 0, false, false},
	} {
		told, estimated := tt.stamp.Age(tt.clock).Told(tt.stamp.Wall, received, Today.Spooled)
		if told.IsZero() == tt.known || tt.known && !told.Equal(received.Add(-tt.told)) || estimated != tt.estimated {
			t.Errorf("%s: told %v (%v), want %v before %v (%v)", tt.name, told, estimated, tt.told, received, tt.estimated)
		}
	}
}

func TestToldTimePlacesTheScan(t *testing.T) {
	for _, tt := range []struct {
		name            string
		wall, told      time.Duration // against the moment it is received, an hour after opening
		estimated       bool
		marks, notMarks []string
	}{
		{"clock of 1970", -50 * 365 * 24 * time.Hour, -20 * time.Minute, false, []string{MarkUptime, MarkLate}, []string{MarkClockFar}},
		{"clock ahead", 3 * time.Hour, -time.Second, false, []string{MarkUptime}, []string{MarkClockAhead, MarkLate}},
		{"ten minutes slow", -10 * time.Minute, -time.Second, false, []string{MarkUptime}, []string{MarkLate}},
		{"right", -20 * time.Minute, -20 * time.Minute, false, []string{MarkLate}, []string{MarkUptime}},
		{"estimated", -50 * 365 * 24 * time.Hour, -20 * time.Minute, true, []string{MarkEstimated, MarkLate}, []string{MarkUptime, MarkClockFar}},
	} {
		k := newClerk()
		k.open()
		k.wait(time.Hour)
		r := k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: k.now.Add(tt.wall)}}, place("b"), nil)
		r.Told, r.Estimated = k.now.Add(tt.told), tt.estimated
		out := k.do(r)
		e := k.entries[len(k.entries)-1]
		if out.Reason != Inferred || !e.At.Equal(k.now.Add(tt.told)) || !e.Happened.Equal(k.now.Add(tt.wall)) {
			t.Errorf("%s: %s at %v, happened %v", tt.name, out.Reason, e.At, e.Happened)
		}
		for _, m := range tt.marks {
			if !slices.Contains(e.Marks, m) {
				t.Errorf("%s: marks %v lack %s", tt.name, e.Marks, m)
			}
		}
		for _, m := range tt.notMarks {
			if slices.Contains(e.Marks, m) {
				t.Errorf("%s: marks %v have %s", tt.name, e.Marks, m)
			}
		}
	}
}
