package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// machine is where disks are looked up.
type machine struct {
	mounts string                              // as /proc/self/mountinfo
	sys    string                              // folder, as /sys
	number func(device string) (uint64, error) // of a block device
}

func thisMachine() (machine, error) {
	raw, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return machine{}, fmt.Errorf("look for disks: %w", err)
	}
	return machine{string(raw), "/sys", func(device string) (uint64, error) {
		var s syscall.Stat_t
		err := syscall.Stat(device, &s)
		return s.Rdev, err
	}}, nil
}

// mount is what a folder lies on.
type mount struct {
	kind, source string
	number       string // major:minor of the file system
}

// under finds the mount of a path without symbolic links.
func (m machine) under(path string) (found mount) {
	longest := -1
	for line := range strings.Lines(m.mounts) {
		// 36 35 98:0 /root /mnt rw,noatime master:1 - ext3 /dev/root rw
		head, tail, ok := strings.Cut(line, " - ")
		f, rest := strings.Fields(head), strings.Fields(tail)
		if !ok || len(f) < 5 || len(rest) < 2 {
			continue
		}
		at := unescape(f[4])
		if within(path, at) && len(at) >= longest { // a later one lies over it
			longest, found = len(at), mount{rest[0], unescape(rest[1]), f[2]}
		}
	}
	return found
}

// within reports whether a path is a folder or below it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// unescape reads \040 and the like (proc(5)).
func unescape(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// memory reports whether it is gone when the power is.
func (m mount) memory() bool { return m.kind == "tmpfs" || m.kind == "ramfs" }

// disks names what breaks as one piece: physical disks, else the file system.
func (m machine) disks(on mount) []string {
	number := on.number
	if strings.HasPrefix(on.source, "/dev/") {
		if n, err := m.number(on.source); err == nil && n > 0 { // also of btrfs, whose own number is no disk's
			number = fmt.Sprintf("%d:%d", unix.Major(n), unix.Minor(n))
		}
	}
	if list := m.below(filepath.Join(m.sys, "dev", "block", number), 0); len(list) > 0 {
		return list
	}
	if on.kind == "zfs" {
		pool, _, _ := strings.Cut(on.source, "/")
		return []string{"zfs " + pool}
	}
	return []string{on.kind + " " + on.source + " " + on.number}
}

// deepest is more layers than anybody stacks: partition, encryption, volumes, RAID.
const deepest = 8

// below are the disks under a block device.
func (m machine) below(device string, depth int) (disks []string) {
	real, err := filepath.EvalSymlinks(device)
	if err != nil || depth > deepest {
		return nil
	}
	slaves, _ := os.ReadDir(filepath.Join(real, "slaves")) // a partition has none
	for _, s := range slaves {
		disks = append(disks, m.below(filepath.Join(real, "slaves", s.Name()), depth+1)...)
	}
	switch {
	case len(disks) > 0:
		return disks
	case exists(filepath.Join(real, "partition")):
		return []string{filepath.Base(filepath.Dir(real))}
	}
	return []string{filepath.Base(real)}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ErrSameDisk means that a backup would be lost with what it is a backup of.
var ErrSameDisk = errors.New("no backup there survives what the data folder does not")

// apart refuses a place that breaks together with the data folder.
func (m machine) apart(data, dir string) error {
	a, err := nearest(data)
	if err != nil {
		return err
	}
	b, err := nearest(dir)
	if err != nil {
		return err
	}
	on := m.under(b)
	if on.memory() {
		return fmt.Errorf("%w: %s lies in this machine's memory", ErrSameDisk, dir)
	}
	mine := m.disks(m.under(a))
	for _, disk := range m.disks(on) {
		if slices.Contains(mine, disk) {
			return fmt.Errorf("%w: %s and the data folder %s lie on the same disk (%s)", ErrSameDisk, dir, data, disk)
		}
	}
	return nil
}

// nearest is the path without symbolic links, as far as it is there.
func nearest(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for {
		real, err := filepath.EvalSymlinks(path)
		if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			return real, err
		}
		path = filepath.Dir(path)
	}
}
