// Package backup makes verified copies of an embedded office on another disk, and offices
// of such copies.
//
// In the folder of backups:
//
//	harkara-20261129T213000Z           a whole one, by the time (UTC) when it was begun
//	    data          the cluster: ledger, Temporal's store and settings, as pg_basebackup writes it
//	    pgpass        the passwords that open it
//	    kept          what else of the data folder an office needs
//	    backup.json   what it is; written last
//	.harkara-20261129T213000Z.1f0c9a3e.partial  one that is being made, or was interrupted,
//	                                   with the first digits of the SHA-256 of its office's
//
// The rename at its end makes a backup a whole one. A folder is for one office.
package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"harkara/internal/engine/postgres"
)

const (
	prefix  = "harkara-"
	partial = ".partial"
	stamp   = "20060102T150405Z"
	about   = "backup.json"
	kept    = "kept"
)

// Whole is a backup that can be restored.
type Whole struct {
	Path   string        `json:"-"`
	Office string        `json:"office"` // the fingerprint of its key
	Taken  time.Time     `json:"taken"`  // what was stored by then is in it
	Bytes  int64         `json:"bytes"`
	Form   postgres.Form `json:"form"`
}

// ErrNone means that there is no whole backup in a folder.
var ErrNone = errors.New("no whole backup")

// Find returns the backup that a folder is, or else the newest in it. Errors: ErrNone,
// fs.ErrNotExist.
func Find(dir string) (Whole, error) {
	if w, err := read(dir); !errors.Is(err, fs.ErrNotExist) {
		return w, err
	}
	list, halves, err := list(dir)
	switch {
	case err != nil:
		return Whole{}, err
	case len(list) == 0 && len(halves) > 0:
		return Whole{}, fmt.Errorf("%w in %s, but %d that were interrupted or are being made", ErrNone, dir, len(halves))
	case len(list) == 0:
		return Whole{}, fmt.Errorf("%w in %s", ErrNone, dir)
	}
	return list[0], nil
}

func read(path string) (w Whole, err error) {
	raw, err := os.ReadFile(filepath.Join(path, about))
	if err == nil {
		err = json.Unmarshal(raw, &w)
	}
	if err != nil {
		return w, fmt.Errorf("read backup: %w", err)
	}
	w.Path = path
	return w, nil
}

// half is the path of a backup of an office that is not whole.
func half(whole, office string) string {
	return filepath.Join(filepath.Dir(whole), "."+filepath.Base(whole)+halfOf(office))
}

// halfOf is how the halves of an office end.
func halfOf(office string) string {
	sum := sha256.Sum256([]byte(office))
	return "." + hex.EncodeToString(sum[:4]) + partial
}

// list returns the whole backups in a folder, newest first, and the paths of the others.
func list(dir string) (whole []Whole, halves []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("look for backups: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		path := filepath.Join(dir, name)
		switch {
		case strings.HasPrefix(name, "."+prefix) && strings.HasSuffix(name, partial):
			halves = append(halves, path)
		case strings.HasPrefix(name, prefix) && e.IsDir():
			w, err := read(path)
			if errors.Is(err, fs.ErrNotExist) { // none of ours
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			whole = append(whole, w)
		}
	}
	slices.SortFunc(whole, func(a, b Whole) int { return b.Taken.Compare(a.Taken) })
	return whole, halves, nil
}

// remove takes a backup away such that half of it is never a whole one.
func remove(w Whole) error {
	path := half(w.Path, w.Office)
	if err := os.Rename(w.Path, path); err != nil {
		return fmt.Errorf("remove old backup: %w", err)
	}
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("remove old backup: %w", err)
	}
	return nil
}

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
