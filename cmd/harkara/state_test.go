package main

import (
	"testing"

	"harkara/internal/custody"
)

// The command line calls the state of a file as pages do.
func TestWhereAFileIs(t *testing.T) {
	for want, p := range map[string]custody.Position{
		"held at so (a-1)":       {Phase: custody.Held},
		"on the way at so (a-1)": {Phase: custody.Transit},
		"on hold at so (a-1)":    {Phase: custody.Held, Wait: custody.Wait{For: "law"}},
		"laid by at so (a-1)":    {Phase: custody.Held, Wait: custody.Wait{Laid: true}},
		"closed":                 {Phase: custody.Ended},
	} {
		p.Revision, p.Desk, p.Room = 1, "so", "a-1"
		if got := where(custody.Row{Position: p}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
