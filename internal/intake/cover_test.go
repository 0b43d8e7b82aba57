package intake

import (
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Every code that a file was given leads to its workflow, and what the ledger knows of
// a code decides what its scan comes to, also once the file is closed.
func TestCoversThroughTheDispatcher(t *testing.T) {
	b := newBench(t)
	b.start(b.dispatcher(&lives{}))
	const old, parcel = label.Code("FIN-2019/0123"), label.Code("COURIER-77")
	code, other := b.code(), b.code()
	fresh, err := b.store.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	of := func(kind custody.CommandKind, code, cover label.Code) custody.Command {
		c := command(kind, code, "")
		c.With, c.Reason = map[custody.CommandKind]custody.Payload{
			custody.Reprint: custody.Printing{Cover: cover}, custody.Alias: custody.Aliasing{Cover: cover}, custody.Unalias: custody.Unaliasing{Cover: cover},
		}[kind], "torn"
		return c
	}
	var about []custody.Command
	for _, tt := range []struct {
		c    custody.Command
		want custody.Reason
	}{
		{command(custody.Open, code, ""), custody.Opened},
		{command(custody.Open, other, ""), custody.Opened},
		{of(custody.Alias, code, old), custody.Aliased},
		{of(custody.Alias, other, old), custody.CoverTaken},
		{of(custody.Unalias, other, old), custody.NotRegistered},
		{command(custody.Scan, old, "s2"), custody.Inferred},
		{of(custody.Reprint, code, other), custody.CoverTaken},
		{of(custody.Reprint, code, fresh), custody.Relabelled},
		{command(custody.Scan, fresh, "s1"), custody.Inferred},
		{command(custody.Scan, old, "s2"), custody.OldCover},
		{of(custody.Alias, code, old), custody.OldCover},
		{command(custody.Close, code, ""), custody.Closed},
		{command(custody.Scan, code, "s2"), custody.OldCover},
		{command(custody.Scan, fresh, "s2"), custody.SeenClosed},
		{of(custody.Unalias, code, old), custody.Unaliased},
		{of(custody.Alias, other, old), custody.Aliased},
		{command(custody.Scan, old, "s2"), custody.Inferred}, // of the other file
	} {
		b.put(tt.c)
		if out := b.outcome(tt.c); out.Reason != tt.want {
			t.Fatalf("%s %s %s: %s, want %s", tt.c.Kind, tt.c.Code, tt.c.Reads(), out.Reason, tt.want)
		} else if out.Position.File == code {
			about = append(about, tt.c)
		}
	}
	b.applied(code, about)
	b.put(command(custody.Scan, parcel, "s1"))
	if drawn, err := b.store.Drawer(t.Context(), 10); err != nil || len(drawn) != 1 {
		t.Errorf("%+v, %v", drawn, err)
	}
	b.audit()
}
