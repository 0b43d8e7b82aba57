package demo

import (
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
)

func TestSampleIsAWholeOffice(t *testing.T) {
	o := Sample(10)
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	floors := map[int]bool{}
	for _, r := range o.Rooms {
		floors[r.Floor] = true
		if r.Name.Ur == "" {
			t.Errorf("room %s has no Urdu name", r.ID)
		}
	}
	if len(o.Rooms) != 40 || len(floors) != 3 || len(o.Stations) != 40 {
		t.Errorf("%d rooms on %d floors with %d stations", len(o.Rooms), len(floors), len(o.Stations))
	}
	for _, id := range []custody.ReasonCardID{"locked", "incomplete"} { // what its life says
		if _, ok := o.ReasonByID(id); !ok {
			t.Errorf("no reason %s", id)
		}
	}
	codes := map[label.Code]bool{}
	for _, d := range o.Desks {
		codes[d.Code] = true
	}
	for _, p := range o.Officers {
		codes[p.Code] = true
	}
	for _, h := range o.Holds {
		codes[h.Code] = true
	}
	for _, r := range o.Reasons {
		codes[r.Code] = true
	}
	if len(o.Holds) == 0 || len(o.Reasons) == 0 || len(codes) != len(o.Desks)+len(o.Officers)+len(o.Holds)+len(o.Reasons) {
		t.Error("a code is used twice")
	}
}
