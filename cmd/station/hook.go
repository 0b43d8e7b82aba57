package main

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"harkara/internal/damp"
)

// Limits of a hook.
const (
	hookTime  = 2 * time.Second // then it is killed with all that it started
	hookQueue = 8               // tones that wait for it; more are dropped
	hookTell  = time.Second     // between lines of the log about those
)

// hook is a command that makes a sound or a light. It never holds up a scan.
type hook struct {
	name  string
	words []string
	log   *damp.Log
	tones chan string

	dropped atomic.Int64 // since it was last told
}

// newHook returns nil for no command.
func newHook(name, command string, log *damp.Log) *hook {
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil
	}
	return &hook{name: name, words: words, log: log, tones: make(chan string, hookQueue)}
}

// play asks for a tone. It returns at once.
func (h *hook) play(tone string) {
	if h == nil {
		return
	}
	select {
	case h.tones <- tone:
	default:
		h.dropped.Add(1)
	}
}

// run plays tones, one at a time, until ctx ends.
func (h *hook) run(ctx context.Context) {
	defer h.tellDropped()
	tell := time.NewTicker(hookTell)
	defer tell.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tell.C:
			h.tellDropped()
		case tone := <-h.tones:
			if err := h.once(ctx, tone); err != nil && ctx.Err() == nil {
				h.log.Warn("hook failed "+h.name, "hook failed", "hook", h.name, "tone", tone, "err", err)
			}
		}
	}
}

func (h *hook) tellDropped() {
	if n := h.dropped.Swap(0); n > 0 {
		h.log.Warn("hook is too slow "+h.name, "hook is too slow, tones are dropped", "hook", h.name, "dropped", n)
	}
}

func (h *hook) once(ctx context.Context, tone string) error {
	ctx, cancel := context.WithTimeout(ctx, hookTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.words[0], append(h.words[1:len(h.words):len(h.words)], tone)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // the group that Setpgid made
	cmd.WaitDelay = time.Second
	return cmd.Run()
}

// hooks are those of a station; any may be nil.
type hooks struct{ lamp, beeper *hook }

func (h hooks) run(ctx context.Context, running *sync.WaitGroup) {
	for _, one := range []*hook{h.lamp, h.beeper} {
		if one != nil {
			running.Go(func() { one.run(ctx) })
		}
	}
}

// answer is heard and seen.
func (h hooks) answer(tone string) {
	h.beeper.play(tone)
	h.lamp.play(tone)
}
