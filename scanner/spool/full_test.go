package spool

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"harkara/internal/smalldisk"
)

// On a full disk a read is refused, not lost in silence: what was kept is there,
// what was refused is not, and with room again the station goes on.
func TestFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	disk := smalldisk.On(t, dir, "256k")
	path, c := filepath.Join(dir, "spool.db"), newClock()
	s := at(t, path, c)
	kept := 0
	var refused error
	for n := uint64(0); refused == nil; n++ {
		if n > 100_000 {
			t.Fatal("the disk is never full")
		}
		if _, _, refused = s.Read(read(file(n))); refused == nil {
			kept++
		}
	}
	if !errors.Is(refused, syscall.ENOSPC) || kept == 0 {
		t.Fatal(kept, refused)
	}
	check := func(want int) {
		t.Helper()
		list := waiting(t, s)
		if len(list) != want || list[len(list)-1].At.Seq != int64(want) {
			t.Errorf("%d kept, want %d", len(list), want)
		}
	}
	check(kept)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = at(t, path, c) // the power went, and the disk is still full
	check(kept)
	if _, _, err := s.Read(read(file(1))); err == nil {
		kept++ // a page was free
	}
	disk.Resize("8m")
	if _, _, err := s.Read(read(file(2))); err != nil {
		t.Fatal("there is room again: ", err)
	}
	check(kept + 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if torn, _ := filepath.Glob(path + ".torn-*"); len(torn) > 0 {
		t.Error("a full disk tears the spool: ", torn)
	}
}
