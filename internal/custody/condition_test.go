package custody

import (
	"slices"
	"testing"
)

// What boards and pages call the state of files, and in which order boards count them.
func TestConditions(t *testing.T) {
	want := []string{"shown", "transit", "on_hold", "laid_by", "off_route", "missing"}
	var known []Condition // those of kinds that are new have their own tests
	var names []string
	for _, c := range Conditions() {
		if slices.Contains(want, c.Name) {
			known, names = append(known, c), append(names, c.Name)
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	waits := Wait{For: "fin", Until: epoch}
	for _, tt := range []struct {
		at    Position
		state string
		are   []string
	}{
		{Position{Phase: Held}, "held", nil},
		{Position{Phase: Unseen}, "unseen", nil},
		{Position{Phase: Ended}, "closed", nil},
		{Position{Phase: Transit}, "transit", []string{"transit"}},
		{Position{Phase: Held, Wait: waits}, "on_hold", []string{"on_hold"}},
		{Position{Phase: Transit, Wait: waits, Missing: true}, "on_hold", []string{"transit", "on_hold", "missing"}},
		{Position{Phase: Held, Wait: Wait{Laid: true}, ShownIn: "b"}, "laid_by", []string{"shown", "laid_by"}},
		{Position{Phase: Held, OffRoute: true}, "held", []string{"off_route"}},
	} {
		var are []string
		for _, c := range known {
			if c.Is(tt.at) {
				are = append(are, c.Name)
			}
		}
		if tt.at.State() != tt.state || !slices.Equal(are, tt.are) {
			t.Errorf("%+v: %s, %q", tt.at, tt.at.State(), are)
		}
	}
}
