package ledger

import (
	"testing"
	"time"

	"harkara/internal/custody"
)

// A command's age is kept as it was when it was first sent: later it was received no
// later.
func TestAgeIsOfTheFirstSending(t *testing.T) {
	s := open(t).store
	first := opening(newCode(t))
	first.Age = custody.Age{Span: 90 * time.Second, Exact: true, Known: true}
	put(t, s, first)
	again := first
	again.Age.Span = time.Hour
	if r := put(t, s, again); !r[0].Repeated {
		t.Errorf("%+v", r)
	}
	bound, unknown := opening(newCode(t)), opening(newCode(t))
	bound.Age = custody.Age{Span: time.Minute, Known: true}
	put(t, s, bound, unknown)
	want := map[custody.CommandID]custody.Age{first.ID: first.Age, bound.ID: bound.Age, unknown.ID: {}}
	work := lease(t, s, "me", 10)
	for _, w := range work {
		if w.Age != want[w.Command.ID] {
			t.Errorf("%+v, want %+v", w.Age, want[w.Command.ID])
		}
	}
	if len(work) != len(want) {
		t.Errorf("%d leased", len(work))
	}
	if drawn, err := s.Drawer(t.Context(), 10); len(drawn) != 0 || err != nil {
		t.Errorf("another age is another command: %+v, %v", drawn, err)
	}
}
