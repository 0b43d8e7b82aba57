package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/api/serviceerror"
)

// startTime is how long Temporal may take to come up before anybody should look. On a
// busy machine its first start took 15 s.
const startTime = time.Minute

// ErrStarting is the state of what was not reached yet and may come at any moment.
var ErrStarting = errors.New("not reached yet")

var errNotUp = fmt.Errorf("not up after %v", startTime)

// calm is what an answer to a look at Temporal means: until it has answered once, what
// it says while it comes up is no trouble.
func (e *Engine) calm(err error, now time.Time) error {
	switch {
	case err == nil:
		e.answered = true
		return nil
	case e.answered && err != ErrStarting:
		return err
	case now.Sub(e.phase.began) >= startTime && err == ErrStarting:
		return errNotUp
	case now.Sub(e.phase.began) < startTime && (passing(err.Error()) || e.cfg.Temporal.Address == "" && late(err)):
		return ErrStarting
	}
	return err
}

// late reports whether there was no answer in time, which an embedded Temporal that
// comes up on a busy machine may take.
func late(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || isA[*serviceerror.DeadlineExceeded](err)
}

// passing reports whether a text is what Temporal says of itself while it comes up: a
// shard that is taken is not known for a moment, nor is a namespace that was just
// registered to the caches of its services (server 1.32).
func passing(text string) bool {
	return strings.Contains(text, "shard status unknown") || strings.HasPrefix(text, "Namespace ") && strings.HasSuffix(text, " is not found.")
}

// phase is in what part of its life an engine is.
type phase struct {
	began  time.Time
	ending atomic.Bool
}

// passes reports whether a line of the log tells of something that is known to pass in
// this phase: at the end calls that wait are cut off.
func (p *phase) passes(r slog.Record) (does bool) {
	r.Attrs(func(a slog.Attr) bool {
		text := a.Value.String()
		does = r.Time.Sub(p.began) < startTime && passing(text) || p.ending.Load() && strings.HasSuffix(text, "context canceled")
		return !does
	})
	return does
}

// Ending says that what uses the engine is about to end: that its calls are cut off then
// is no trouble.
func (e *Engine) Ending() { e.phase.ending.Store(true) }
