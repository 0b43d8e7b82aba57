package backup

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A machine with two disks: sda has the system and, encrypted and in a volume, the data;
// sdb is a USB disk. What the mounts say is taken from such machines.
func TestSameDisk(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sys := filepath.Join(root, "sys")
	device := func(number, path string, below ...string) {
		t.Helper()
		full := filepath.Join(sys, "devices", path)
		if err := errors.Join(os.MkdirAll(filepath.Join(full, "slaves"), 0o700), os.MkdirAll(filepath.Join(sys, "dev", "block"), 0o700)); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(full, filepath.Join(sys, "dev", "block", number)); err != nil {
			t.Fatal(err)
		}
		for _, b := range below {
			if err := os.Symlink(filepath.Join(sys, "devices", b), filepath.Join(full, "slaves", filepath.Base(b))); err != nil {
				t.Fatal(err)
			}
		}
		if filepath.Dir(path) != "." {
			if err := os.WriteFile(filepath.Join(full, "partition"), []byte("1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	device("8:0", "sda")
	device("8:1", "sda/sda1")
	device("8:2", "sda/sda2")
	device("8:16", "sdb")
	device("8:17", "sdb/sdb1")
	device("253:0", "dm-0", "sda/sda2") // LUKS
	device("253:1", "dm-1", "dm-0")     // and a volume in it
	numbers := map[string]uint64{"/dev/sda1": unix.Mkdev(8, 1), "/dev/sda2": unix.Mkdev(8, 2), "/dev/sdb1": unix.Mkdev(8, 17), "/dev/mapper/srv": unix.Mkdev(253, 1)}
	for _, dir := range []string{"srv/data", "mnt/usb stick/backups", "mnt/nfs", "mnt/btrfs", "run/mem", "tank/a", "tank/b"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	m := machine{
		sys: sys, mounts: "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" +
			"23 22 253:1 / " + root + "/srv rw,noatime shared:2 - ext4 /dev/mapper/srv rw\n" +
			"24 22 8:17 / " + root + `/mnt/usb\040stick rw - ext4 /dev/sdb1 rw` + "\n" +
			"25 22 0:40 / " + root + "/mnt/nfs rw - nfs4 server:/backup rw\n" +
			"26 22 0:41 /@ " + root + "/mnt/btrfs rw - btrfs /dev/sda2 rw\n" +
			"27 22 0:42 / " + root + "/run rw - tmpfs tmpfs rw\n" +
			"28 22 0:43 / " + root + "/tank/a rw - zfs tank/a rw\n" +
			"29 22 0:44 / " + root + "/tank/b rw - zfs tank/b rw\n",
		number: func(device string) (uint64, error) {
			if n := numbers[device]; n > 0 {
				return n, nil
			}
			return 0, os.ErrNotExist
		},
	}
	for _, tt := range []struct {
		data, dir string
		same      bool
	}{
		{"srv/data", "mnt/usb stick/backups", false},
		{"srv/data", "mnt/usb stick/not yet/there", false},
		{"srv/data", "mnt/nfs", false},
		{"srv/data", "srv/backups", true},
		{"srv/data", "backups", true}, // the system's part of the same disk
		{"srv/data", "mnt/btrfs", true},
		{"srv/data", "run/mem", true},
		{"mnt/usb stick", "mnt/nfs", false},
		{"tank/a", "tank/b", true},
		{"tank/a", "srv", false},
	} {
		err := m.apart(filepath.Join(root, tt.data), filepath.Join(root, tt.dir))
		if (err != nil) != tt.same || err != nil && !errors.Is(err, ErrSameDisk) {
			t.Errorf("%s beside %s: %v", tt.dir, tt.data, err)
		}
	}
}
