package board

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// bare words nothing.
type bare struct{}

func (bare) Page(context.Context, Key) (Page, error)     { return bare{}, nil }
func (bare) Row(*custody.Row, string) (string, error)    { return "row", nil }
func (bare) Parts(context.Context, News) ([]Part, error) { return nil, nil }
func (bare) Cells(map[custody.RoomID]Crowd, map[custody.RoomID]bool) ([]Part, error) {
	return nil, nil
}

func newBoard(l *rowsOnly, now *time.Time) *Board {
	return New(Config{
		Registry: l, Feed: l, Pages: bare{}, Stuck: func(context.Context) (int, error) { return 0, nil }, Backup: func(context.Context) (Backup, error) { return Backup{}, nil }, Storage: func() Storage { return Storage{} },
		Decides: func() error { return nil }, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return *now },
	})
}

// Sockets of the process before this one go on where they were, also those that come
// before anything was read.
func TestSocketsGoOnInTheNextProcess(t *testing.T) {
	now := monday
	l := &rowsOnly{rows: map[label.Code]custody.Row{}}
	for n := range 3 {
		l.set(custody.Row{File: custody.File{Code: label.New(label.File, uint64(n))}, Position: custody.Position{Phase: custody.Held, Room: "a"}})
	}
	for after, goesOn := range map[int64]bool{0: true, 2: true, 3: true, 4: false} {
		b, k := newBoard(l, &now), Key{Scope: Scope{View: OnRoom, Room: "a"}}
		if _, err := b.join(t.Context(), k, after); err != nil {
			t.Fatal(err)
		}
		if got := b.audiences[k] != nil; got != goesOn {
			t.Errorf("after %d: goes on %v", after, got)
		}
	}
}
