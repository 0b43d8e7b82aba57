// Package damp keeps whoever can cause a line of the log from filling it: each cause
// is one line a minute, with the number of times.
package damp

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// Every is how long a cause that was logged is only counted.
	Every = time.Minute
	// Most is how many causes have lines of their own within a minute; all others
	// together have one.
	Most = 200
)

// Log is a log that is damped. It is safe for concurrent use.
type Log struct {
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	causes map[string]*cause
}

// cause is what was logged last for one, and how often it came since.
type cause struct {
	level slog.Level
	msg   string
	args  []any
	at    time.Time // of its newest line
	since int       // times that no line tells of yet
}

// rest is the cause of all those that there is no room for.
const rest = "\x00rest"

// New damps what goes to log.
func New(log *slog.Logger, now func() time.Time) *Log {
	return &Log{log: log, now: now, causes: map[string]*cause{}}
}

// Warn logs a line, or counts it where its cause had one within the minute: the next
// line of the cause tells how many they were as count.
func (l *Log) Warn(cause, msg string, args ...any) { l.line(slog.LevelWarn, cause, msg, args) }

// Error is Warn for what a person must act on.
func (l *Log) Error(cause, msg string, args ...any) { l.line(slog.LevelError, cause, msg, args) }

func (l *Log) line(level slog.Level, name, msg string, args []any) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock() // held while lines are written, so that their order is theirs
	c := l.causes[name]
	if c == nil && len(l.causes) >= Most {
		l.tell(func(c *cause) bool { return c.due(now) })
	}
	if c == nil && len(l.causes) >= Most {
		name, msg, args = rest, "more callers than have lines of their own; the newest", append([]any{"of", msg}, args...)
		c = l.causes[rest]
	}
	if c == nil {
		c = &cause{at: now.Add(-Every)}
		l.causes[name] = c
	}
	c.level, c.msg, c.args, c.since = level, msg, args, c.since+1
	if c.due(now) {
		l.write(c)
		c.at = now
	}
}

// due reports whether a cause may have a line; also where the clock was set back.
func (c *cause) due(now time.Time) bool {
	age := now.Sub(c.at)
	return age >= Every || age < 0
}

func (l *Log) write(c *cause) {
	args := slices.Clip(c.args)
	if c.since > 1 {
		args = append(args, "count", c.since)
	}
	l.log.Log(context.Background(), c.level, c.msg, args...)
	c.since = 0
}

// Run tells what nothing follows any more, until ctx ends; then all that is left.
func (l *Log) Run(ctx context.Context) {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			now := l.now()
			l.mu.Lock()
			l.tell(func(c *cause) bool { return c.due(now) })
			l.mu.Unlock()
		case <-ctx.Done():
			l.mu.Lock()
			l.tell(func(*cause) bool { return true })
			l.mu.Unlock()
			return
		}
	}
}

// tell writes what was only counted, and forgets the causes that are due. Called with
// mu held.
func (l *Log) tell(due func(*cause) bool) {
	for name, c := range l.causes {
		if !due(c) {
			continue
		}
		if c.since > 0 {
			l.write(c)
		}
		delete(l.causes, name)
	}
}

// Writer is for libraries that log by lines of text, as net/http does: its text is one
// cause.
func (l *Log) Writer(msg string) *Writer { return &Writer{l, msg} }

// Writer logs every write.
type Writer struct {
	log *Log
	msg string
}

// Write implements io.Writer.
func (w *Writer) Write(text []byte) (int, error) {
	w.log.Warn(w.msg, w.msg, "err", string(text))
	return len(text), nil
}
