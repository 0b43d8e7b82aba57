package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/server/common/log/tag"
)

// quiet passes on what a person should see of Temporal's log. Its errors while a
// database restarts are its healing, not for anybody to act on: they become
// warnings, each kind once a minute, and its warnings are left out. What is known to
// pass while it comes up or goes is for those who look closely.
func quiet(log *slog.Logger, now *phase) *slog.Logger {
	return slog.New(damped{log.Handler(), &recent{last: map[string]time.Time{}}, now}).With("from", "temporal")
}

type damped struct {
	slog.Handler
	recent *recent
	phase  *phase
}

// Enabled implements slog.Handler.
func (d damped) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && d.Handler.Enabled(ctx, slog.LevelWarn)
}

// Handle implements slog.Handler.
func (d damped) Handle(ctx context.Context, r slog.Record) error {
	if d.phase.passes(r) {
		if r.Level = slog.LevelDebug; !d.Handler.Enabled(ctx, r.Level) {
			return nil
		}
		return d.Handler.Handle(ctx, r)
	}
	if !d.recent.first(r.Message, r.Time) {
		return nil
	}
	r.Level = slog.LevelWarn
	return d.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (d damped) WithAttrs(attrs []slog.Attr) slog.Handler {
	return damped{d.Handler.WithAttrs(attrs), d.recent, d.phase}
}

// WithGroup implements slog.Handler.
func (d damped) WithGroup(name string) slog.Handler {
	return damped{d.Handler.WithGroup(name), d.recent, d.phase}
}

// recent knows the messages of the last minute.
type recent struct {
	mu   sync.Mutex
	last map[string]time.Time
}

const (
	repeatAfter = time.Minute
	mostRecent  = 1000 // messages; more are forgotten all at once
)

func (r *recent) first(msg string, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, seen := r.last[msg]; seen && at.Sub(last) < repeatAfter {
		return false
	}
	if len(r.last) >= mostRecent {
		clear(r.last)
	}
	r.last[msg] = at
	return true
}

// bridge is Temporal's logger over slog.
type bridge struct{ log *slog.Logger }

func (b bridge) write(level slog.Level, msg string, tags []tag.Tag) {
	if !b.log.Enabled(context.Background(), level) {
		return
	}
	attrs := make([]slog.Attr, len(tags))
	for i, t := range tags {
		attrs[i] = slog.Any(t.Key(), t.Value())
	}
	b.log.LogAttrs(context.Background(), level, msg, attrs...)
}

func (b bridge) Debug(msg string, tags ...tag.Tag)  { b.write(slog.LevelDebug, msg, tags) }
func (b bridge) Info(msg string, tags ...tag.Tag)   { b.write(slog.LevelInfo, msg, tags) }
func (b bridge) Warn(msg string, tags ...tag.Tag)   { b.write(slog.LevelWarn, msg, tags) }
func (b bridge) Error(msg string, tags ...tag.Tag)  { b.write(slog.LevelError, msg, tags) }
func (b bridge) DPanic(msg string, tags ...tag.Tag) { b.write(slog.LevelError, msg, tags) }

func (b bridge) Panic(msg string, tags ...tag.Tag) {
	b.write(slog.LevelError, msg, tags)
	panic("temporal: " + msg)
}

// Fatal cannot return: the server has lost its ground. The panic names the facts
// too, for the log may have left the message out as a repetition.
func (b bridge) Fatal(msg string, tags ...tag.Tag) {
	b.write(slog.LevelError, msg, tags)
	facts := make([]string, len(tags))
	for i, t := range tags {
		facts[i] = fmt.Sprintf("%s=%v", t.Key(), t.Value())
	}
	panic(fmt.Sprintf("temporal: %s %v", msg, facts))
}
