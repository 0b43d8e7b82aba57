package spool

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"harkara/internal/label"
	"harkara/scanner/gesture"
)

// asStation makes the test binary a station that reads cards and files as fast as
// it can, and makes a sound, which is a line, for each that is kept.
const asStation = "HARKARA_TEST_SPOOL"

func TestMain(m *testing.M) {
	if path := os.Getenv(asStation); path != "" {
		fmt.Fprintln(os.Stderr, station(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func station(path string) error {
	clock, err := Machine()
	if err != nil {
		return err
	}
	s, err := Open(path, clock, nil)
	if err != nil {
		return err
	}
	for n := uint64(0); ; n++ {
		text := file(rand.Uint64N(1e9))
		switch rand.IntN(4) {
		case 0:
			text = string(label.New(label.Desk, rand.Uint64N(100)))
		case 1:
			items, err := s.Next(3)
			if err != nil {
				return err
			}
			if len(items) > 0 {
				if err := s.Delivered(items[len(items)-1].Key, time.Now()); err != nil {
					return err
				}
			}
		}
		commands, _, err := s.Read(read(text))
		if err != nil {
			return err
		}
		for _, c := range commands {
			fmt.Println(c.ID, c.Code, string(c.With)+".")
		}
	}
}

// A station that is killed at any moment has kept every scan that it made a sound
// for, with its card, once; and the card that was open is still open.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	heard := map[string]string{} // id -> code and desk
	rounds := 12
	if testing.Short() {
		rounds = 4
	}
	for range rounds {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), asStation+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, until := bufio.NewScanner(out), 1+rand.IntN(60)
		for lines.Scan() { // until the pipe is empty: what was said was heard
			id, what, ok := strings.Cut(lines.Text(), " ")
			if !ok || !strings.HasSuffix(what, ".") {
				continue // it was killed within the word
			}
			heard[id] = what
			if until--; until == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed
		cancel()
	}
	clock, err := Machine()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if torn, _ := filepath.Glob(path + ".torn-*"); len(torn) > 0 {
		t.Error("a kill tore the spool: ", torn)
	}
	if _, err := s.Epoch("first"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Epoch("restored"); err != nil { // all of them, delivered or not
		t.Fatal(err)
	}
	list := waiting(t, s)
	found := map[string]bool{}
	var open gesture.With
	for i, c := range list {
		if c.At.Seq != int64(i+1) {
			t.Fatalf("seq %d at place %d", c.At.Seq, i)
		}
		if found[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		found[c.ID], open = true, c.With
		if what, ok := heard[c.ID]; ok && what != fmt.Sprint(c.Code, " ", c.With, ".") {
			t.Errorf("%s: heard %q, kept %+v", c.ID, what, c)
		}
	}
	for id, what := range heard {
		if !found[id] {
			t.Errorf("a sound was made for %s (%s) and it is lost", id, what)
		}
	}
	if len(heard) < rounds {
		t.Errorf("only %d sounds", len(heard))
	}
	if open != "" && s.State().Context == (gesture.Context{}) {
		t.Error("the open card was forgotten")
	}
	t.Logf("%d kills, %d sounds, %d kept", rounds, len(heard), len(list))
}
