// Package smalldisk is a disk of little room, for tests of what fills one.
package smalldisk

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// Disk is one, until its test ends.
type Disk struct {
	t   testing.TB
	dir string
}

// On mounts a disk of a size, such as 512k, on a folder, which is made where missing. Who
// may not mount skips the test, but not where CI is set.
func On(t testing.TB, dir, size string) *Disk {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d := &Disk{t, dir}
	if err := d.mount(size, 0); err != nil {
		if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
			t.Skip("a small disk can be mounted by root only: ", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

// Resize gives it another size: what lies on it stays.
func (d *Disk) Resize(size string) {
	d.t.Helper()
	if err := d.mount(size, syscall.MS_REMOUNT); err != nil {
		d.t.Fatal(err)
	}
}

// mount has others on the machine pass through the folder, as databases under users of
// their own do.
func (d *Disk) mount(size string, flags uintptr) error {
	return syscall.Mount("tmpfs", d.dir, "tmpfs", flags, "mode=711,size="+size)
}
