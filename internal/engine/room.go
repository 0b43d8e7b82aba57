package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
)

// Room that the data folder's disk should have, in bytes. A new office takes some
// 120 MB with its write-ahead log; a day of a busy one some tens of MB.
const (
	roomToBegin = 256 << 20 // for a new office: else it is not begun
	roomToRun   = 64 << 20  // for one that is there: it is tried with less
	roomAmple   = 1 << 30   // less is told at a start
)

// Room returns how much the program may still write on the disk of the data folder;
// known is false where the database is elsewhere.
func (e *Engine) Room() (free int64, known bool) {
	if e.cfg.DatabaseURL != "" {
		return 0, false
	}
	free, err := room(e.cfg.Dir)
	return free, err == nil
}

// room is what a disk has for those who are not root, as PostgreSQL's user is; of the
// nearest folder that is there.
func room(dir string) (free int64, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return 0, err
	}
	var s syscall.Statfs_t
	for err = syscall.Statfs(dir, &s); errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir); err = syscall.Statfs(dir, &s) {
		dir = filepath.Dir(dir)
	}
	if err != nil {
		return 0, fmt.Errorf("look for room in %s: %w", dir, err)
	}
	return int64(s.Bavail) * s.Bsize, nil
}

// ErrNoRoom means that the disk of the data folder is too full to begin on.
var ErrNoRoom = errors.New("too little room on the disk")

// checkRoom refuses to begin an office that could not even be made, and says what a
// start on little room may come to. fresh: there is no cluster yet.
func (c Config) checkRoom(fresh bool) error {
	free, err := room(c.Dir)
	if err != nil {
		return nil // making the folder says why
	}
	switch {
	case fresh && free < roomToBegin:
		return fmt.Errorf("begin an office: %w", c.noRoom(free, roomToBegin))
	case free < roomToRun:
		c.Log.Error("the disk of the data folder is full: scans may not be stored; make room on it", "folder", c.Dir, "free", megabytes(free), "wanted", megabytes(roomToRun))
	case free < roomAmple:
		c.Log.Warn("the disk of the data folder is nearly full: make room on it", "folder", c.Dir, "free", megabytes(free), "wanted", megabytes(roomAmple))
	}
	return nil
}

// Explain adds to why a start failed what to do where the disk is full.
func (c Config) Explain(err error) error {
	if err == nil || c.DatabaseURL != "" || errors.Is(err, ErrNoRoom) {
		return err
	}
	if free, lookErr := room(c.Dir); lookErr == nil && free < roomToRun {
		return fmt.Errorf("%w\n%w", c.noRoom(free, roomToRun), err)
	}
	return err
}

func (c Config) noRoom(free, wanted int64) error {
	return fmt.Errorf("%w of the data folder %s: %s are free, %s are wanted. Make room on that disk, or name another folder by --data", ErrNoRoom, c.Dir, megabytes(free), megabytes(wanted))
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", n>>20) }
