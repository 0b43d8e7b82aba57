package custody

import (
	"testing"
	"time"

	"harkara/internal/calendar"
)

func init() {
	rights[string(Replan)] = []string{"-", "-", "-", "-", "-", "-", "-", "may", "|", "-"}
}

// A breach on a day that was a holiday is withdrawn, everybody is told who was told of it,
// and a nudge stays told; the true breach is told again when it comes.
func TestReplanWithdrawsAFalseBreach(t *testing.T) {
	k := newClerk() // Monday 09:00, two hours
	k.open()
	heard := func() (list []Heard) {
		for _, n := range k.notices {
			if n.Percent >= breach {
				list = append(list, Heard{Person{n.Post, n.Officer}, n.Percent, n.Due})
			}
		}
		return list
	}
	for range 2 {
		k.now = k.state.Alarm
		if _, ok := k.wake(); !ok {
			t.Fatal("no rung")
		}
	}
	if k.state.Percent != breach || len(heard()) != 2 {
		t.Fatalf("%d percent, told %+v", k.state.Percent, heard())
	}
	eid := cal
	eid.Revision, eid.Off = cal.Revision+1, []calendar.Days{days("2025-06-02")}
	replan := func(office int64) Outcome {
		k.wait(time.Minute)
		r := k.resolve(Command{Kind: Replan, With: Replanning{office}}, nil, nil)
		r.Command.ID = Replanning{office}.id(file)
		r.Holder, r.Heard = place("a").on(eid), append(heard(), Heard{Person{"post-x", "off-x"}, breach, epoch.Add(-time.Hour)})
		return k.do(r)
	}
	out := replan(2)
	e := k.entries[len(k.entries)-1]
	if out.Reason != Replanned || len(e.Withdrawn) != 1 || e.Withdrawn[0] != breach || len(e.Told) != 2 || out.Position.Breached || k.state.Rung != 1 || k.state.Percent != 75 {
		t.Fatalf("%s %+v\n%+v", out.Reason, e, k.state.Reckoning)
	}
	if due := cal.Hours().Add(epoch.Add(24*time.Hour-time.Hour), 2*time.Hour); !k.state.Deadline.Equal(due) {
		t.Errorf("due %v, want %v", k.state.Deadline, due)
	}
	if len(out.Notices) != 2 || !out.Notices[0].Withdrawn {
		t.Errorf("%+v", out.Notices)
	}
	before := len(k.entries)
	if out := replan(3); out.Verdict != Ticked || len(k.entries) != before {
		t.Errorf("again: %+v", out)
	}
	same(t, "entries and state", told(Replay(file, k.entries)), told(k.state))
	k.hours = map[DeskID]calendar.Calendar{"a": eid}
	k.now = k.state.Alarm
	if e, ok := k.wake(); !ok || e.Rung != breach || !e.At.Equal(k.state.Deadline) {
		t.Errorf("%v %+v", ok, e)
	}
}

// A holiday that is taken back brings a clock forward, and wakes it in time.
func TestReplanBringsForward(t *testing.T) {
	eid := cal
	eid.Off = []calendar.Days{days("2025-06-02")}
	k := newClerk()
	k.hours = map[DeskID]calendar.Calendar{"a": eid}
	r := k.resolve(Command{Kind: Open, With: Opening{Department: "fin"}}, nil, place("a").on(eid))
	k.do(r)
	was := k.state.Alarm
	worked := cal
	worked.Revision++
	r = k.wait(time.Minute).resolve(Command{Kind: Replan, With: Replanning{2}}, nil, nil)
	r.Command.ID = Replanning{2}.id(file)
	k.hours = map[DeskID]calendar.Calendar{"a": worked}
	if out := k.do(r); out.Reason != Replanned || !k.state.Deadline.Equal(epoch.Add(2*time.Hour)) || !k.state.Alarm.Before(was) {
		t.Errorf("%s, %+v", out.Reason, k.state.Reckoning)
	}
}
