package intake

import (
	"log/slog"
	"sync"
	"testing"

	"harkara/internal/custody"
)

// The office is rebuilt between a decision and its commit: the decision counts for nothing,
// nobody is blamed, and the command is decided again by the new incarnation.
func TestRebuiltUnderADecision(t *testing.T) {
	b := newBench(t)
	anew := b.connect()
	sent := make(chan struct{})
	var once sync.Once // it is sent again with what it relies on
	old := b.dispatcher(&lives{fault: func(Sending) fault {
		once.Do(func() {
			if _, err := anew.Reincarnate(t.Context(), "elsewhere"); err != nil {
				t.Error(err)
			}
			close(sent)
		})
		return none
	}})
	stop := b.start(old)
	c := command(custody.Open, b.code(), "")
	b.put(c)
	<-sent
	stop() // what is under way is committed, or not
	if _, err := b.store.File(t.Context(), c.Code); err == nil {
		t.Error("the old incarnation opened a file")
	}
	if err := anew.Remade(t.Context(), 1, "", 0, true); err != nil {
		t.Fatal(err)
	}
	world := &lives{}
	d := b.dispatcher(world)
	d.Queue, d.Book = anew, anew
	b.start(d)
	if out := b.outcome(c); out.Reason != custody.Opened || out.Incarnation != 0 {
		t.Errorf("%+v", out)
	}
	for _, blame := range []string{"command failed and is tried again", "command is quarantined"} {
		for _, level := range []slog.Level{slog.LevelWarn, slog.LevelError} {
			if b.log.has(level, blame) {
				t.Error(blame)
			}
		}
	}
	if world.sent != 1 {
		t.Errorf("sent %d times", world.sent)
	}
	b.audit()
	b.applied(c.Code, []custody.Command{c})
}
