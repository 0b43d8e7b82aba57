package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"harkara/internal/damp"
	"harkara/web/wire"
)

// Tones that a hook has no time for are told together, once a second: a gun at a wrong
// speed makes thousands.
func TestDroppedTonesAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &safeBuffer{}
		h := newHook("beeper", "/nowhere/beep", damp.New(slog.New(slog.NewTextHandler(log, nil)), time.Now))
		for range 3000 {
			h.play(wire.ToneDown)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		hooks{beeper: h}.run(ctx, &running)
		time.Sleep(time.Minute)
		for range hookQueue + 5 {
			h.play(wire.ToneDown)
		}
		cancel()
		running.Wait()
		var told []string
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "too slow") {
				told = append(told, line)
			}
		}
		if len(told) == 0 || len(told) > 2 || !strings.Contains(told[0], fmt.Sprint(" dropped=", 3000-hookQueue)) {
			t.Errorf("%d lines: %.300q", len(told), told)
		}
	})
}

// A hook that is not there is told once a minute, however many tones there are.
func TestAFailingHookIsToldOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &safeBuffer{}
		noise := damp.New(slog.New(slog.NewTextHandler(log, nil)), time.Now)
		h := newHook("beeper", "/nowhere/beep", noise)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		hooks{beeper: h}.run(ctx, &running)
		const tones = 100
		for range tones {
			h.play(wire.ToneDown)
			time.Sleep(time.Second)
		}
		cancel()
		running.Wait()
		noise.Run(ctx)
		told := 0
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		for _, line := range lines {
			n := 1
			if _, count, found := strings.Cut(line, "count="); found {
				fmt.Sscan(count, &n)
			}
			told += n
		}
		if len(lines) > 3 || told != tones {
			t.Errorf("%d lines tell of %d: %s", len(lines), told, log)
		}
	})
}

// A hook that hangs is killed with its children, and nothing waits for it.
func TestHook(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "lamp")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho $1 $2 >> "+dir+"/seen\n[ $2 = down ] && sleep 600\nexit 0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	log := &safeBuffer{}
	h := newHook("lamp", script+" --bright", damp.New(slog.New(slog.NewTextHandler(log, nil)), time.Now))
	var running sync.WaitGroup
	hooks{lamp: h}.run(ctx, &running)
	for _, tone := range []string{wire.ToneUp, wire.ToneDown, wire.ToneKept} {
		h.play(tone)
	}
	want := "--bright up\n--bright down\n--bright kept\n"
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(30 * time.Second); ; {
		seen, _ := os.ReadFile(dir + "/seen") // not there yet
		if string(seen) == want {
			break
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%q", seen)
		}
	}
	for range 3 * hookQueue {
		h.play(wire.ToneDown) // more than it can: they are dropped, and play returns
	}
	cancel()
	running.Wait()
	if !strings.Contains(log.String(), "too slow") || !strings.Contains(log.String(), "hook failed") {
		t.Error(log)
	}
	var none *hook
	none.play(wire.ToneUp)
}
