package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// plug makes a gun at a name, as the kernel does for one that is plugged in.
func plug(t *testing.T, name string) *os.File {
	t.Helper()
	gun, line, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	t.Cleanup(func() { _, _ = line.Close(), gun.Close() }) // not earlier by the garbage collector: that is a gun unplugged
	_ = os.Remove(name)
	if err := os.Symlink(line.Name(), name); err != nil {
		t.Fatal(err)
	}
	return gun
}

// A part of a code that a gun paused in moves no file whose old cover has it: the clerk
// hears no, and why; the whole code counts. A gun that is unplugged sounds once, and is
// found again.
func TestGun(t *testing.T) {
	o := newOffice(t)
	at, _ := o.serve(t, "")
	dir := t.TempDir()
	name, played, script := filepath.Join(dir, "ttyGUN"), filepath.Join(dir, "played"), filepath.Join(dir, "play")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho $1 $2 >> "+played+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	gun := plug(t, name)
	s := startStation(t, o.enrolled(t, "http://"+at), "--serial", name, "--beeper", script+" beeper", "--lamp", script+" lamp")
	s.until("ok", func(v statusView) bool {
		return v.Server == "ok" && strings.Contains(s.log.String(), "source is there")
	})
	send := func(text, want string) {
		t.Helper()
		if _, err := gun.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if line := s.line(); !strings.HasPrefix(line, want) {
			t.Errorf("%q, want %q", line, want)
		}
	}
	send("16980", "down 16980 No. The end of the code is missing, or may be: nothing was moved.")
	send(file(1)+"\r", "up ")
	if got := o.has(); len(got) != 1 || string(got[0].Code) != file(1) {
		t.Errorf("%+v", got)
	}
	if err := gun.Close(); err != nil {
		t.Fatal(err)
	}
	sounds := func(what string) (n int) {
		raw, _ := os.ReadFile(played) // nothing was played yet
		return strings.Count(string(raw), what+"\n")
	}
	s.until("lost", func(statusView) bool { return sounds("beeper lost") > 0 })
	gun = plug(t, name)
	s.until("found", func(statusView) bool { return sounds("lamp found") > 0 })
	send(file(2)+"\r", "up ")
	if n := sounds("beeper lost"); n != 1 {
		t.Errorf("it sounded %d times\n%s", n, s.log)
	}
}
