package spool

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A page that gives rubbish without end is always taken, and fills no disk: beyond the
// day's quota length, digest and beginning are kept, beyond that the number.
func TestDrawerHasAQuota(t *testing.T) {
	now := Moment{Wall: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), Boot: "b"}
	path := filepath.Join(t.TempDir(), "spool.db")
	open := func() *Spool {
		t.Helper()
		s, err := Open(path, func() Moment { return now }, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.db.NoSync = true // many small writes
		return s
	}
	s := open()
	put := func(raw []byte) {
		t.Helper()
		if _, err := s.Put(raw, Moment{}); !errors.Is(err, ErrForm) {
			t.Fatal(err)
		}
	}
	rubbish := func(n int) []byte { return fmt.Appendf(nil, `{"n":%d,"x":%q}`, n, strings.Repeat("x", 400)) }
	list := func() []Refused {
		t.Helper()
		all, err := s.Drawer()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	const counted = 5
	for n := range drawerWhole + drawerShort {
		put(rubbish(n))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open() // what was taken today is known after a start
	for n := range counted {
		put(rubbish(n))
	}
	all := list()
	if len(all) != drawerWhole+drawerShort || s.Counted() != counted {
		t.Fatalf("%d kept, %d counted", len(all), s.Counted())
	}
	for i, r := range all {
		raw := rubbish(i)
		digest := sha256.Sum256(raw)
		want := raw
		if i >= drawerWhole {
			want = raw[:drawerHead]
		}
		if !bytes.Equal(r.Body, want) || r.Length != len(raw) || !bytes.Equal(r.Digest, digest[:]) {
			t.Fatalf("record %d: %d of %d bytes", i, len(r.Body), r.Length)
		}
	}
	now.Wall = now.Wall.AddDate(0, 0, 1)
	put(rubbish(1))
	if all := list(); !bytes.Equal(all[len(all)-1].Body, rubbish(1)) || s.Counted() != counted {
		t.Error("the next day has no quota of its own")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// What the office refuses of a large queue moves the queue on, however much it is.
func TestRefusalsMoveTheQueueOnBeyondTheQuota(t *testing.T) {
	now := Moment{Wall: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), Boot: "b"}
	s, err := Open(filepath.Join(t.TempDir(), "spool.db"), func() Moment { return now }, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.db.NoSync = true
	const commands = drawerWhole + 10
	for n := range commands {
		if _, err := s.Put(fmt.Appendf(nil, `{"id":"00000000-0000-4000-8000-%012d","kind":"scan","note":%q}`, n, strings.Repeat("n", 300)), Moment{}); err != nil {
			t.Fatal(err)
		}
	}
	items, err := s.Next(commands)
	if err != nil || len(items) != commands {
		t.Fatal(len(items), err)
	}
	for _, i := range items {
		if err := s.Refuse(i.Key, "malformed"); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Waiting(); n != 0 || err != nil {
		t.Error(n, err)
	}
	all, err := s.Drawer()
	if err != nil || len(all) != commands || len(all[0].Body) != all[0].Length || len(all[commands-1].Body) != drawerHead {
		t.Error(len(all), err)
	}
}
