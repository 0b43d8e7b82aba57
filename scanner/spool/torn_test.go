package spool

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"harkara/internal/label"
)

// sample is a spool's file in which some hundred commands lie on several pages,
// some delivered, some refused, some let go; the last read opened a card.
var sample = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	c := newClock()
	path := filepath.Join(dir, "spool.db")
	s, err := Open(path, c.now, nil)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for n := range uint64(120) {
		if _, _, err := s.Read(read(file(n))); err != nil {
			return nil, err
		}
	}
	if err := s.Delivered(20, c.Wall); err != nil {
		return nil, err
	}
	c.Wall = c.Wall.Add(2 * Kept)
	if err := s.Delivered(50, c.Wall); err != nil {
		return nil, err
	}
	if err := s.Refuse(51, "too_large"); err != nil {
		return nil, err
	}
	for range 2 { // it takes the file before, and opens
		if _, _, err := s.Read(read(string(label.New(label.Desk, 7)))); err != nil {
			return nil, err
		}
	}
	return os.ReadFile(path)
})

func damaged(t testing.TB) []byte {
	t.Helper()
	raw, err := sample()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(raw)
}

// reopened opens a damaged file and checks that nothing readable was lost and that
// the spool works.
func reopened(t testing.TB, dir string, raw []byte) (torn bool) {
	t.Helper()
	path := filepath.Join(dir, "spool.db")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c := newClock()
	s, err := Open(path, c.now, logTo(&log))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	asides, err := filepath.Glob(path + ".torn-*")
	if err != nil {
		t.Fatal(err)
	}
	torn = len(asides) > 0
	if torn != strings.Contains(log.String(), "level=ERROR") {
		t.Fatalf("set aside: %v, log: %s", torn, &log)
	}
	have := map[string]bool{}
	for _, c := range waiting(t, s) {
		if have[c.ID] {
			t.Fatalf("command %s twice", c.ID)
		}
		have[c.ID] = true
	}
	if torn {
		if kept, err := os.ReadFile(asides[0]); err != nil || !bytes.Equal(kept, raw) {
			t.Fatal("the torn file is not kept as it was", err)
		}
		for _, f := range frames(raw) {
			if id := commandID(f.payload); f.kind == kindScan && id != "" && !have[id] {
				t.Fatalf("command %s can be read and is lost", id)
			}
		}
	}
	if _, _, err := s.Read(read(file(5000))); err != nil {
		t.Fatal(err)
	}
	list := waiting(t, s)
	last := list[len(list)-1]
	if string(last.Code) != file(5000) {
		t.Fatalf("the newest is %+v", last)
	}
	if torn && !strings.HasPrefix(last.At.Boot, c.Boot+".") {
		t.Fatal("seqs go on as if no file had been lost: ", last.At)
	}
	if err := s.Delivered(1<<62, c.Wall); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Waiting(); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	return torn
}

func TestWholeFileIsNotTorn(t *testing.T) {
	if reopened(t, t.TempDir(), damaged(t)) {
		t.Error("a whole spool is set aside")
	}
}

func TestTornFileIsSetAside(t *testing.T) {
	whole := damaged(t)
	zero := func(from, to int) func([]byte) []byte {
		return func(raw []byte) []byte { clear(raw[from:to]); return raw }
	}
	for name, f := range map[string]func([]byte) []byte{
		"empty":             func([]byte) []byte { return nil },
		"one byte":          func([]byte) []byte { return []byte{1} },
		"rubbish":           func([]byte) []byte { return bytes.Repeat([]byte("rubbish."), 4096) },
		"both metas":        zero(0, 8192),
		"half is cut":       func(raw []byte) []byte { return raw[:len(raw)/2] },
		"cut in a page":     func(raw []byte) []byte { return raw[:len(raw)/2+77] },
		"pages but no meta": func(raw []byte) []byte { return raw[8192:] },
		"its second half":   zero(len(whole)/4, len(whole)/2),
	} {
		t.Run(name, func(t *testing.T) {
			if !reopened(t, t.TempDir(), f(slices.Clone(whole))) {
				t.Error("not set aside")
			}
		})
	}
}

// newerMeta is where a file's newest meta page begins.
func newerMeta(raw []byte) int {
	if native.Uint64(raw[16+48:]) < native.Uint64(raw[4096+16+48:]) {
		return 4096
	}
	return 0
}

func TestWhatLiesBehindAMetaIsNoDamage(t *testing.T) {
	raw := damaged(t)
	at := newerMeta(raw)
	clear(raw[at+100 : at+4096])
	if reopened(t, t.TempDir(), raw) {
		t.Error("a whole spool is set aside")
	}
}

// The page that leads to the newest scan is damaged, or the other: a scan that was
// told as kept is sent all the same.
func TestDamagedMetaPageLosesNothing(t *testing.T) {
	s, c, path := fresh(t)
	for n := range uint64(10) {
		if _, _, err := s.Read(read(file(n))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, meta := range []int{0, 4096} {
		for at := meta + pageHeader; at < meta+pageHeader+metaSize; at++ {
			bad := slices.Clone(raw)
			bad[at] ^= 1
			if err := verify(bad); !errors.Is(err, errTorn) {
				t.Errorf("byte %d: %v", at, err)
			}
		}
		raw := slices.Clone(raw)
		raw[meta+64] ^= 0xff
		path := filepath.Join(t.TempDir(), "spool.db")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		s := at(t, path, c)
		if list := waiting(t, s); len(list) != 10 || string(list[9].Code) != file(9) {
			t.Errorf("meta at %d: %+v", meta, list)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A crash within a commit leaves its pages, and of the meta page that comes last
// nothing or a part. With nothing the commit never began; a part cannot be told from
// damage, and the scan that nobody was told of is sent.
func TestCommitThatDidNotEnd(t *testing.T) {
	s, _, path := fresh(t)
	keep := func(n uint64) (raw []byte) {
		t.Helper()
		if _, _, err := s.Read(read(file(n))); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	before, after := keep(1), keep(2)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	meta := newerMeta(after)
	for name, c := range map[string]struct {
		written int // bytes of the meta page
		torn    bool
		want    string // the newest command
	}{
		"nothing":       {0, false, file(1)},
		"up to its sum": {pageHeader + metaSize - 8, true, file(2)},
		"all":           {4096, false, file(2)},
	} {
		raw := slices.Clone(after)
		copy(raw[meta+c.written:meta+4096], before[meta+c.written:])
		if torn := verify(raw) != nil; torn != c.torn {
			t.Errorf("%s: torn: %v", name, torn)
		}
		path := filepath.Join(t.TempDir(), "spool.db")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		s := at(t, path, newClock())
		if list := waiting(t, s); !slices.ContainsFunc(list, func(c sent) bool { return string(c.Code) == file(1) }) || string(list[len(list)-1].Code) != c.want {
			t.Errorf("%s: %+v", name, list)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryPageMayBeLost(t *testing.T) {
	whole := damaged(t)
	dir := t.TempDir()
	for at := 8192; at < len(whole); at += 4096 {
		sub := filepath.Join(dir, "p", filepath.Base(t.Name()))
		if err := os.RemoveAll(sub); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		raw := slices.Clone(whole)
		clear(raw[at : at+4096])
		reopened(t, sub, raw)
	}
}

func TestSalvageKeepsStateAndDrawer(t *testing.T) {
	raw := damaged(t)
	clear(raw[:8192])
	f := salvage(raw)
	if f.book.State.Context.With != card(string(label.New(label.Desk, 7))) {
		t.Error("the open card is lost")
	}
	if len(f.drawer) != 1 {
		t.Errorf("%d in the drawer", len(f.drawer))
	}
	for i := uint64(51); i <= 120; i++ {
		if !slices.ContainsFunc(f.commands, func(fr frame) bool { return fr.number == i }) {
			t.Errorf("command %d is lost", i)
		}
	}
	if !slices.IsSortedFunc(f.commands, func(a, b frame) int { return int(a.number) - int(b.number) }) {
		t.Error("salvaged out of order")
	}
}

// FuzzOpen damages a spool's file: whatever was done to it, it opens, keeps what
// can be read, and works.
func FuzzOpen(f *testing.F) {
	f.Add(uint32(0), []byte{}, uint32(0))
	f.Add(uint32(4096+16+40), []byte{1, 0, 0, 0, 0, 0, 0, 0}, uint32(0))
	f.Add(uint32(20), []byte{0xff}, uint32(100))
	f.Add(uint32(8192), bytes.Repeat([]byte{0xff}, 64), uint32(0))
	for at := uint32(8192); at < 65536; at += 4096 {
		f.Add(at, []byte{9}, uint32(0))
		f.Add(at+8, []byte{1}, uint32(0))
		f.Add(at+12, []byte{1}, uint32(0))
		f.Add(at+24, []byte{3}, uint32(0))
	}
	f.Fuzz(func(t *testing.T, at uint32, what []byte, cut uint32) {
		raw := damaged(t)
		copy(raw[int(at)%len(raw):], what)
		reopened(t, t.TempDir(), raw[:len(raw)-int(cut)%len(raw)])
	})
}

func FuzzFrames(f *testing.F) {
	f.Add(frame{kindScan, 7, []byte("{}")}.bytes())
	f.Add([]byte(frameMagic))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, fr := range frames(raw) {
			if !bytes.Contains(raw, fr.bytes()) {
				t.Fatalf("%+v is not in the bytes", fr)
			}
		}
		inside := append(append(slices.Clone(raw), frame{kindScan, 9, []byte("payload")}.bytes()...), raw...)
		if !slices.ContainsFunc(frames(inside), func(fr frame) bool { return fr.number == 9 && string(fr.payload) == "payload" }) {
			t.Fatal("a whole frame is not found")
		}
	})
}
