package custody

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// A shelf takes nothing that is not what its digest names, also from afar, and keeps what
// is asked for while it forgets the rest.
func TestShelf(t *testing.T) {
	sent := Contents{}
	used := sent.Keep("used", Ladder{ID: "used"})
	forged := DigestOf([]byte("forged"))
	sent[forged] = sent[used.Digest]
	wire, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	var came Contents
	if err := json.Unmarshal(wire, &came); err != nil {
		t.Fatal(err)
	}
	var s Shelf
	s.Keep(came)
	if got := s.Of([]Digest{used.Digest, forged, "", DigestOf(nil)}); !slices.Equal(slices.Collect(maps.Keys(got)), []Digest{used.Digest}) {
		t.Errorf("kept %v", got)
	}
	if s.Of([]Digest{used.Digest}).ladder(Place{Ladder: used}).ID != "used" {
		t.Error("its bytes say something else now")
	}
	var digests []Digest
	for n := range 10 * shelved {
		one := Contents{}
		digests = append(digests, one.Keep("", n).Digest)
		s.Keep(one)
		if len(s.Of([]Digest{used.Digest})) == 0 {
			t.Fatalf("what is asked for is forgotten after %d", n)
		}
	}
	if n := len(s.Of(digests)); n < shelved-1 || n > 2*shelved {
		t.Errorf("%d are remembered", n)
	}
}
