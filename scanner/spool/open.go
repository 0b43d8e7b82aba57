package spool

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// lockWait is how long another program's hold on the file is waited for.
const lockWait = 2 * time.Second

// options find free pages anew at every start: a list of them on the disk would
// be one more thing to tear.
var options = bolt.Options{Timeout: lockWait, NoFreelistSync: true, FreelistType: bolt.FreelistMapType}

// Open opens a station's spool, or makes it. A torn file is set aside beside it
// (path.torn-...), said in the log, and what can be found in it is kept in a new
// one, to be sent again. ErrBusy.
func Open(path string, clock Clock, log *slog.Logger) (*Spool, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Spool{clock: clock, log: log}
	if err := s.open(path); err != nil {
		return nil, fmt.Errorf("open spool %s: %w", path, err)
	}
	return s, nil
}

func (s *Spool) open(path string) error {
	hold, err := lock(path + ".lock")
	if err != nil {
		return err
	}
	s.hold = hold
	if err := s.openHeld(path); err != nil {
		return errors.Join(err, hold.Close())
	}
	return nil
}

func (s *Spool) openHeld(path string) error {
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = create(path, book{}, found{})
	case err == nil:
		if torn := verify(raw); torn != nil {
			err = s.replace(path, raw, torn)
		}
	}
	if err != nil {
		return err
	}
	if s.db, err = openBolt(path); err != nil {
		return err
	}
	if err := s.load(); err != nil {
		return errors.Join(err, s.db.Close())
	}
	return nil
}

func openBolt(path string) (*bolt.DB, error) {
	db, err := bolt.Open(path, 0o600, &options)
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrBusy
	}
	return db, err
}

func (s *Spool) load() error {
	return s.db.View(func(tx *bolt.Tx) error {
		f, err := parseFrame(tx.Bucket(bucketBook).Get(bookKey))
		if err != nil {
			return err
		}
		return json.Unmarshal(f.payload, &s.book)
	})
}

// replace sets a torn file aside and puts a new one with what was found in its
// place. A crash on the way begins it again.
func (s *Spool) replace(path string, raw []byte, why error) error {
	f := salvage(raw)
	b := f.book
	b.Written, b.Sent, b.Lineage = b.Written+1, 0, rand.Text()[:8]
	aside := path + ".torn-" + s.clock().Wall.Format("20060102-150405") + "-" + b.Lineage
	s.log.Error("spool is torn: set aside, what can be read is kept and sent again", "err", why, "file", aside, "commands", len(f.commands), "drawer", len(f.drawer))
	if err := os.Link(path, aside); err != nil {
		return fmt.Errorf("set torn spool aside: %w", err)
	}
	return create(path, b, f)
}

// create makes a spool under another name, whole and on the disk, and then gives
// it its own.
func create(path string, b book, f found) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove unfinished spool: %w", err)
	}
	db, err := openBolt(fresh)
	if err != nil {
		return err
	}
	s := &Spool{db: db, book: b}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range allBuckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		// The second commit: from here on either meta page of the file is a spool's.
		err = s.write(b, func(tx *bolt.Tx, b *book) error { return f.restore(tx, b) })
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("make spool: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("make spool: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// found is what the bytes of a torn file still say.
type found struct {
	book     book
	commands []frame
	drawer   []frame
}

// salvage reads every whole frame. Pages that bbolt had freed hold older frames:
// their commands are sent again, which the office takes for what it is.
func salvage(raw []byte) (f found) {
	once := map[string]bool{}
	for _, fr := range frames(raw) {
		switch fr.kind {
		case kindBook:
			var b book
			if json.Unmarshal(fr.payload, &b) == nil && b.Written == fr.number && b.Written >= f.book.Written && b.Written > 0 {
				f.book = b
			}
		case kindScan:
			if id := commandID(fr.payload); id != "" && !once[id] {
				once[id] = true
				f.commands = append(f.commands, fr)
			}
		case kindDrawer:
			same := func(o frame) bool { return string(o.payload) == string(fr.payload) }
			if json.Valid(fr.payload) && !slices.ContainsFunc(f.drawer, same) {
				f.drawer = append(f.drawer, fr)
			}
		}
	}
	byNumber := func(a, b frame) int { return cmp.Compare(a.number, b.number) }
	slices.SortStableFunc(f.commands, byNumber)
	slices.SortStableFunc(f.drawer, byNumber)
	return f
}

func commandID(raw []byte) string {
	var c struct{ ID string }
	if json.Unmarshal(raw, &c) != nil || len(c.ID) != 36 {
		return ""
	}
	return c.ID
}

// restore writes what was found, in its order. A crash may have left two commands
// that were given one key: both are kept.
func (f found) restore(tx *bolt.Tx, b *book) error {
	b.Last = 0
	for _, c := range f.commands {
		b.Last = max(b.Last, c.number-1)
		var made struct {
			ID string
			At stamp
		}
		if err := json.Unmarshal(c.payload, &made); err != nil {
			return err
		}
		b.Seq = max(b.Seq, made.At.Seq)
		if err := b.append(tx, made.ID, c.payload); err != nil {
			return err
		}
	}
	for _, d := range f.drawer {
		var r Refused
		if err := json.Unmarshal(d.payload, &r); err != nil {
			return err
		}
		b.Last++
		r.Key = b.Last
		if err := r.keep(tx); err != nil {
			return err
		}
	}
	return nil
}
