package web

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/wire"
)

// fileAsks counts how often a registry is asked for a file.
type fileAsks struct {
	Registry
	times atomic.Int64
}

func (a *fileAsks) File(ctx context.Context, code label.Code) (custody.Row, error) {
	a.times.Add(1)
	return a.Registry.File(ctx, code)
}

// The answer to a scan calls the file by what the board knows: it does not wait for the
// ledger once more. Where the board does not know yet what was decided before, the ledger
// is asked, so that nobody is told the number of a file that has just become secret.
func TestAnswersAskTheRegistryNothing(t *testing.T) {
	var registry *fileAsks
	r := open(t, true, func(c *Config) {
		registry = &fileAsks{Registry: c.Registry}
		c.Registry = registry
	})
	r.t = t
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	scanned := func(name string, asks int64) wire.Say {
		t.Helper()
		r.clock.wait(time.Hour)
		registry.times.Store(0)
		said := r.at(code, "{}", "en")
		if got := registry.times.Load(); got != asks {
			t.Errorf("%s: the registry is asked %d times, want %d", name, got, asks)
		}
		return said
	}
	if said := scanned("before the board has read anything", 1); said.Number != "SO(Dev) 3-9/2025" {
		t.Errorf("%+v", said)
	}
	for range 3 {
		r.server.board.Follow(t.Context(), false)
		if said := scanned("known", 0); said.Number != "SO(Dev) 3-9/2025" || said.Tone == "" {
			t.Errorf("%+v", said)
		}
	}
	r.server.board.Follow(t.Context(), false)
	r.do(custody.Command{Kind: custody.Classify, Code: code, Method: custody.ByHand, Who: "Secretary", Reason: "order 3", With: custody.Classification{Class: custody.Secret.Name()}})
	if said := scanned("made secret since", 1); said.Number != "" {
		t.Errorf("%+v", said)
	}
}
