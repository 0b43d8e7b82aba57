package spool

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// On a full disk a read is refused, not lost in silence: what was kept is there,
// what was refused is not, and with room again the station goes on.
func TestFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
			t.Skip("a small disk can be mounted by root only: ", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
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
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
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
