package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"harkara/internal/engine/postgres"
)

// Cluster is the one to be copied.
type Cluster interface {
	Size() (bytes int64, err error)
	Copy(ctx context.Context, to string, progress func(done, of int)) error
	CopyPasswords(to string) error
}

// Order is a backup that is to be made.
type Order struct {
	Data     string   // the office's data folder
	Along    []string // files of it that go along where they are there
	Dir      string   // the folder of backups; made where missing
	SameDisk bool     // it is taken all the same
	Keep     int      // so many of the newest; 0: all
	Office   string   // the fingerprint of its key
	Form     postgres.Form
	Progress func(done, of int) // nil: nobody asks
}

// Why a backup is not made.
var (
	ErrBusy      = errors.New("another backup of this office is being made")
	ErrForeign   = errors.New("it holds backups of another office: give each office a folder of its own")
	ErrNoRoom    = errors.New("too little room")
	ErrNoModes   = errors.New("its file system cannot keep secrets from others on the machine: take one that knows owners, such as ext4")
	ErrOlder     = errors.New("an older backup cannot be removed") // the new one stands
	ErrItsFolder = errors.New("it lies in the data folder itself")
)

// Check says what speaks against a place, before anything is begun. Errors: ErrSameDisk,
// ErrItsFolder.
func (o Order) Check() error {
	m, err := thisMachine()
	if err != nil {
		return err
	}
	data, err := nearest(o.Data)
	if err != nil {
		return fmt.Errorf("look at the data folder: %w", err)
	}
	dir, err := nearest(o.Dir)
	if err != nil {
		return fmt.Errorf("look at %s: %w", o.Dir, err)
	}
	if within(dir, data) {
		return fmt.Errorf("%s: %w", o.Dir, ErrItsFolder)
	}
	if err := m.apart(data, dir); err != nil && !(o.SameDisk && errors.Is(err, ErrSameDisk)) {
		return err
	}
	return nil
}

// Make makes a backup. The rename at its end is the commit point; what an earlier one
// left half made is removed. Errors: those of Check, ErrBusy, ErrForeign, ErrNoRoom,
// ErrNoModes, and ErrOlder, beside which the backup is made.
func (o Order) Make(ctx context.Context, c Cluster, now time.Time) (w Whole, err error) {
	if err := o.Check(); err != nil {
		return w, err
	}
	alone, err := o.lock()
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, alone.Close()) }()
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return w, fmt.Errorf("make folder of backups: %w", err)
	}
	old, halves, err := o.own()
	if err != nil {
		return w, err
	}
	for _, path := range halves {
		if err := os.RemoveAll(path); err != nil {
			return w, fmt.Errorf("remove interrupted backup: %w", err)
		}
	}
	size, err := c.Size()
	if err != nil {
		return w, err
	}
	if free := room(o.Dir); free < size {
		return w, o.noRoom(free, size)
	}
	name := prefix + now.UTC().Format(stamp)
	w = Whole{Path: filepath.Join(o.Dir, name), Office: o.Office, Taken: now.UTC(), Form: o.Form}
	path := half(w.Path, o.Office)
	err = o.fill(ctx, c, path, &w)
	if err == nil {
		_, _, err = o.own() // another office may have begun here too
	}
	if err != nil {
		err = errors.Join(err, os.RemoveAll(path))
		if errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("%w\n%w", o.noRoom(room(o.Dir), size), err)
		}
		return w, err
	}
	if err := os.Rename(path, w.Path); err != nil {
		return w, fmt.Errorf("keep backup: %w", err)
	}
	if err := syncFolder(o.Dir); err != nil {
		return w, fmt.Errorf("keep backup: %w", err)
	}
	for i, b := range old {
		if o.Keep > 0 && i+1 >= o.Keep {
			if err := remove(b); err != nil {
				return w, fmt.Errorf("%w: %w", ErrOlder, err)
			}
		}
	}
	return w, nil
}

// own are the backups in the folder, whole ones and halves. ErrForeign where one is of
// another office, also one that is being made.
func (o Order) own() (whole []Whole, halves []string, err error) {
	whole, halves, err = list(o.Dir)
	if err != nil {
		return nil, nil, err
	}
	if slices.ContainsFunc(whole, func(b Whole) bool { return b.Office != o.Office }) ||
		slices.ContainsFunc(halves, func(path string) bool { return !strings.HasSuffix(path, halfOf(o.Office)) }) {
		return nil, nil, fmt.Errorf("%s: %w", o.Dir, ErrForeign)
	}
	return whole, halves, nil
}

// fill writes everything that a backup has, and what it is at last.
func (o Order) fill(ctx context.Context, c Cluster, half string, w *Whole) error {
	if err := errors.Join(os.Mkdir(half, 0o700), os.Mkdir(filepath.Join(half, kept), 0o700)); err != nil {
		return fmt.Errorf("make folder of backup: %w", err)
	}
	if info, err := os.Stat(half); err != nil || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s: %w", o.Dir, errors.Join(ErrNoModes, err))
	}
	if err := c.Copy(ctx, filepath.Join(half, "data"), o.Progress); err != nil {
		return err
	}
	if err := c.CopyPasswords(filepath.Join(half, "pgpass")); err != nil {
		return err
	}
	for _, name := range o.Along {
		if err := carry(filepath.Join(o.Data, name), filepath.Join(half, kept, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	var err error
	if w.Bytes, err = sizeOf(half); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(w, "", "\t")
	if err != nil {
		return err
	}
	if err := postgres.ReplaceFile(filepath.Join(half, about), string(raw)+"\n"); err != nil {
		return fmt.Errorf("say what the backup is: %w", err)
	}
	return errors.Join(syncFolder(filepath.Join(half, kept)), syncFolder(half))
}

// carry copies a file for its owner alone. fs.ErrNotExist.
func carry(from, to string) error {
	text, err := os.ReadFile(from)
	if err == nil {
		err = postgres.ReplaceFile(to, string(text))
	}
	if err != nil {
		return fmt.Errorf("copy %s: %w", filepath.Base(from), err)
	}
	return nil
}

func (o Order) noRoom(free, size int64) error {
	return fmt.Errorf("%w in %s: %d MB are free, about %d MB are needed: make room there, remove old backups or let --keep do it", ErrNoRoom, o.Dir, free>>20, size>>20)
}

// room is what is free under a folder; nothing where that cannot be told.
func room(dir string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0
	}
	return int64(s.Bavail) * s.Bsize
}

func sizeOf(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// lock is held by the one who makes a backup of this office; his death gives it free.
func (o Order) lock() (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(o.Data, "backup.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock for backup: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(ErrBusy, f.Close())
	}
	return f, nil
}
