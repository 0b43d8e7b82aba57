package ledger

import (
	"slices"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// What comes without a code gets one of its kind, the same whenever it comes again without,
// also after it was gone for a while. A code that is given stands.
func TestOfficeMakesItsCodes(t *testing.T) {
	s := open(t).store
	bare := func() custody.Office {
		o := sample()
		for _, c := range o.Coded() {
			*c.Code = ""
		}
		return o
	}
	codes := func() map[string]label.Code {
		t.Helper()
		o, err := s.Office(t.Context(), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]label.Code{}
		for _, c := range o.Coded() {
			if got, err := label.Check(string(*c.Code)); err != nil || got.Kind() != c.Kind {
				t.Errorf("%s %s has %q", c.Of, c.ID, *c.Code)
			}
			all[c.Of+" "+c.ID] = *c.Code
		}
		return all
	}
	same := func(when string, got, want map[string]label.Code) {
		t.Helper()
		for of, code := range want {
			if now, there := got[of]; there && now != code {
				t.Errorf("%s: %s has %s, it had %s", when, of, now, code)
			}
		}
	}

	set(t, s, bare())
	first := codes()
	if len(first) != 4 {
		t.Fatalf("%v", first)
	}
	again := bare()
	set(t, s, again)
	same("the same file again", codes(), first)
	if again.Desks[0].Code != "" {
		t.Error("the caller's office was written to")
	}

	more := bare()
	more.Officers = append(more.Officers, custody.Officer{ID: "o2", Role: custody.RoleRunner})
	more.Holds = nil
	set(t, s, more)
	second := codes()
	same("with another officer", second, first)
	if second["officer o2"] == second["officer o1"] {
		t.Error("two officers have one badge")
	}
	more.Holds = bare().Holds
	set(t, s, more)
	same("a card that was gone for a while", codes(), first)

	given := bare()
	given.Desks[0].Code = label.New(label.Desk, 77)
	set(t, s, given)
	if third := codes(); third["desk d1"] != given.Desks[0].Code {
		t.Errorf("the desk has %s", third["desk d1"])
	}

	taken := bare()
	taken.Officers = append(slices.Clone(taken.Officers), custody.Officer{ID: "o3", Code: second["officer o1"], Role: custody.RoleRunner})
	if err := s.SetOffice(t.Context(), taken, "test", ""); err == nil {
		t.Error("a badge was given to two")
	}
}
