package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

func relied(n int) (custody.Contents, custody.Digest) {
	c := custody.Contents{}
	return c, c.Keep("r", fmt.Sprintf("thing %d <&> \u2028 خ", n)).Digest
}

// What is relied on is there for every process, and its bytes are what they were.
func TestContentsAreKept(t *testing.T) {
	o := open(t)
	one, d1 := relied(1)
	two, d2 := relied(2)
	both := maps.Clone(one)
	maps.Copy(both, two)
	for _, c := range []custody.Contents{one, both, both, nil} {
		if err := o.store.StoreResolved(t.Context(), nil, c); err != nil {
			t.Fatal(err)
		}
	}
	for name, s := range map[string]*Store{"here": o.store, "elsewhere": connect(t, o.url(postgres.App))} {
		for range 2 { // read, and from memory
			got, err := s.Contents(t.Context(), []custody.Digest{d1, "", d2, d1})
			if err != nil || len(got) != 2 || string(got[d1].Bytes()) != string(one[d1].Bytes()) || string(got[d2].Bytes()) != string(two[d2].Bytes()) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		if none, err := s.Contents(t.Context(), nil); err != nil || none == nil || len(none) != 0 {
			t.Errorf("%s: %v, %v", name, none, err)
		}
		_, missing := relied(3)
		if _, err := s.Contents(t.Context(), []custody.Digest{d1, missing}); !errors.Is(err, custody.ErrContents) {
			t.Errorf("%s: what is not there: %v", name, err)
		}
	}
	forged := custody.Contents{d1: two[d2], "00": one[d1]}
	if err := connect(t, o.url(postgres.App)).StoreResolved(t.Context(), nil, forged); !errors.Is(err, custody.ErrContents) {
		t.Errorf("forged contents: %v", err)
	}
}

// What was altered behind the ledger's back is found when it is read.
func TestAlteredContentsAreFound(t *testing.T) {
	o := open(t)
	c, digest := relied(1)
	if err := o.store.StoreResolved(t.Context(), nil, c); err != nil {
		t.Fatal(err)
	}
	owner := raw(t, o.url(postgres.Owner))
	if _, err := owner.Exec(t.Context(), `
ALTER TABLE contents DISABLE TRIGGER ALL; ALTER TABLE contents DROP CONSTRAINT contents_check; UPDATE contents SET body = '{}'`); err != nil {
		t.Fatal(err)
	}
	if _, err := connect(t, o.url(postgres.App)).Contents(t.Context(), []custody.Digest{digest}); !errors.Is(err, custody.ErrContents) {
		t.Error(err)
	}
}

// A dispatcher that has stored contents writes them no more, and reads what its memory forgot.
func TestContentsAreWrittenOnce(t *testing.T) {
	o := open(t)
	p, address := through(t, o.url(postgres.App))
	s := connect(t, address)
	c, digest := relied(1)
	if err := s.StoreResolved(t.Context(), nil, c); err != nil {
		t.Fatal(err)
	}
	struck := p.strike(refused, "INSERT INTO contents")
	if err := s.StoreResolved(t.Context(), map[custody.CommandID][]byte{newID(): []byte("{}")}, c); err != nil {
		t.Errorf("written again: %v", err)
	}
	select {
	case <-struck:
		t.Error("written again")
	default:
	}
	p.heal()
	for n := range 5000 { // more than are remembered
		fresh, _ := relied(100 + n)
		s.contents.Keep(fresh)
	}
	if len(s.contents.Of([]custody.Digest{digest})) > 0 {
		t.Error("the oldest is not forgotten")
	}
	if got, err := s.Contents(t.Context(), []custody.Digest{digest}); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", slices.Collect(maps.Keys(got)), err)
	}
}
