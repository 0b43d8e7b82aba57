package main

import (
	"slices"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Runs that follow an older rulebook are moved: when rollover returns, every open
// file's run follows the newer one, and a second time there is nothing to do.
func TestRolloverMovesOpenRuns(t *testing.T) {
	a := setApart(t)
	h := a.open(custody.Book)
	var codes []label.Code
	for _, number := range []string{"one", "two", "three", "four", "five"} {
		codes = append(codes, h.open("rollover/"+number))
	}
	h.do(newCommand(custody.Close, codes[4], ""))
	if err := h.o.close(); err != nil {
		t.Fatal(err)
	}
	newer := append(slices.Clone(custody.Book), custody.Book.Current())
	newer[1].Version = 2
	h = a.hire(newer)
	fresh := h.open("rollover/fresh")

	r, err := h.o.rollover(t.Context(), 2, nil)
	if err != nil || r.moved.Load() != 4 || r.there.Load() != 1 || r.stayed.Load() != 0 {
		t.Errorf("%d moved, %d there, %d stayed, %v", r.moved.Load(), r.there.Load(), r.stayed.Load(), err)
	}
	for _, code := range append(codes[:4:4], fresh) {
		if s, err := h.o.snapshot(t.Context(), code); err != nil || s.Rules != 2 {
			t.Errorf("file %s follows rules %d, %v", code, s.Rules, err)
		}
		h.do(newCommand(custody.Scan, code, in("a-102")))
	}
	if r, err = h.o.rollover(t.Context(), 2, nil); err != nil || r.moved.Load() != 0 || r.there.Load() != 5 {
		t.Errorf("again: %d moved, %d there, %v", r.moved.Load(), r.there.Load(), err)
	}
	if r, err = h.o.rollover(t.Context(), 3, nil); err != nil || r.stayed.Load() != 5 {
		t.Errorf("to rules that its worker does not know: %d stayed, %v", r.stayed.Load(), err)
	}
	verified(t, h.o)
}
