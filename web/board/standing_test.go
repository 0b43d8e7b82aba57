package board

import "testing"

// There is room to count every number of the board, and none is called as another.
func TestFilters(t *testing.T) {
	if room := len(counts{}); len(filters) > room {
		t.Errorf("%d numbers, room for %d", len(filters), room)
	}
	called := map[string]bool{}
	for _, f := range filters {
		if called[f.name] {
			t.Errorf("two numbers are called %s", f.name)
		}
		called[f.name] = true
	}
}
