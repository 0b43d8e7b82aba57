package ledger

import (
	"slices"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// A refusal is listed where it was scanned, with the code on the paper and when that was,
// until the file is scanned there again.
func TestRefusedAt(t *testing.T) {
	s := open(t).store
	scanned := func(station custody.StationID, age time.Duration) custody.Command {
		c := scanning(newCode(t))
		c.Station, c.Age = station, custody.Age{Span: age, Known: true}
		put(t, s, c)
		drain(t, s, newDecider())
		return c
	}
	refused := func(station custody.StationID, past time.Duration, limit int) (ids []custody.CommandID, list []Refused) {
		t.Helper()
		list, err := s.RefusedAt(t.Context(), station, past, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			ids = append(ids, r.Outcome.Command)
		}
		return ids, list
	}
	first, second := scanned("s", time.Hour), scanned("s", 0)
	scanned("t", time.Hour)
	ids, list := refused("s", time.Hour, 10)
	if want := []custody.CommandID{second.ID, first.ID}; !slices.Equal(ids, want) {
		t.Fatalf("%v, want %v", ids, want)
	}
	if since := time.Since(list[1].Scanned) - time.Hour; list[1].Code != first.Code || list[1].Outcome.Reason != custody.NoSuchFile || since < 0 || since > time.Hour/2 {
		t.Errorf("%+v", list[1])
	}
	if ids, _ := refused("s", time.Hour, 1); !slices.Equal(ids, []custody.CommandID{second.ID}) {
		t.Errorf("the newest is %v", ids)
	}
	if ids, _ := refused("s", 0, 10); len(ids) != 0 {
		t.Errorf("%v for longer than asked", ids)
	}
	again, there := scanning(second.Code), scanning(first.Code)
	there.Station = "t"
	put(t, s, again, there)
	drain(t, s, newDecider())
	if ids, _ := refused("s", time.Hour, 10); !slices.Equal(ids, []custody.CommandID{again.ID, first.ID}) {
		t.Errorf("after one was scanned again: %v", ids)
	}
	audit(t, s)
}

// An old cover is listed by the code on it, and no more once the file is scanned by its
// new one.
func TestRefusedOldCover(t *testing.T) {
	s, d := open(t).store, newDecider()
	code := newCode(t)
	fresh, err := s.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, opening(code), scanning(code), reprinting(code, fresh), scanning(code))
	if out := last(t, drain(t, s, d), code); out.Reason != custody.OldCover {
		t.Fatalf("%+v", out)
	}
	codes := func() (list []label.Code) {
		t.Helper()
		refused, err := s.RefusedAt(t.Context(), "s", time.Hour, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range refused {
			list = append(list, r.Code)
		}
		return list
	}
	if got := codes(); !slices.Equal(got, []label.Code{code}) {
		t.Errorf("%v", got)
	}
	put(t, s, scanning(fresh))
	drain(t, s, d)
	if got := codes(); len(got) != 0 {
		t.Errorf("%v after the file was scanned by its new cover", got)
	}
	audit(t, s)
}
