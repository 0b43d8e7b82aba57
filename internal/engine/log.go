package engine

import (
	"context"
	"fmt"
	"log/slog"

	"go.temporal.io/server/common/log/tag"
)

// quiet passes on what a person should see: Temporal's own warnings while a
// database restarts are its healing, not ours.
func quiet(log *slog.Logger) *slog.Logger {
	return slog.New(damped{log.Handler()}).With("from", "temporal")
}

// damped lowers every record by one level and drops what falls below warnings.
type damped struct{ slog.Handler }

func (d damped) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && d.Handler.Enabled(ctx, level-4)
}

func (d damped) Handle(ctx context.Context, r slog.Record) error {
	r.Level -= 4
	return d.Handler.Handle(ctx, r)
}

func (d damped) WithAttrs(attrs []slog.Attr) slog.Handler { return damped{d.Handler.WithAttrs(attrs)} }

func (d damped) WithGroup(name string) slog.Handler { return damped{d.Handler.WithGroup(name)} }

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

// Fatal cannot return: the server has lost its ground.
func (b bridge) Fatal(msg string, tags ...tag.Tag) {
	b.write(slog.LevelError, msg, tags)
	panic(fmt.Sprintf("temporal: %s", msg))
}
