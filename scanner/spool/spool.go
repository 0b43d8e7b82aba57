// Package spool keeps what a station reads on its disk until the office has it,
// and for a while longer.
//
// What survives what: a method that returned without error is on the disk (bbolt,
// fsync), so a kill or a power cut loses nothing that a sound was made for. The
// gesture reducer's state lies in the same transaction as the commands that came
// of it. A file that is torn all the same is set aside, never deleted, and every
// command that can be found in its bytes goes into a new one.
package spool

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"harkara/scanner/gesture"
)

// Kept is how long delivered commands are kept, by the office's clock: if the
// office is restored from a backup they are all sent again.
const Kept = 14 * 24 * time.Hour

// book is what the spool knows beside the commands. It is written with every
// change.
type book struct {
	Written uint64        `json:"written"`           // times, the frame's number
	Seq     int64         `json:"seq"`               // the station's newest, gapless
	Last    uint64        `json:"last"`              // key of the newest command
	Sent    uint64        `json:"sent"`              // the office has every command up to this key
	Epoch   string        `json:"epoch,omitempty"`   // of the office that has them
	Lineage string        `json:"lineage,omitempty"` // set where an earlier file was lost: Seq goes on in no known way
	State   gesture.State `json:"state,omitzero"`
	Drawn   drawn         `json:"drawn,omitzero"`
}

// Spool is one station's. It is safe for concurrent use; one process has it open.
type Spool struct {
	clock Clock
	log   *slog.Logger
	db    *bolt.DB
	hold  *os.File // the lock, held as long as db is open

	mu   sync.Mutex // owns book; held while it is written
	book book
}

// The buckets. Keys are 8 bytes, big endian, but for ids.
var (
	bucketBook   = []byte("book")   // bookKey -> book
	bucketScans  = []byte("scans")  // key -> command, as it is sent
	bucketIDs    = []byte("ids")    // command's id -> key
	bucketDrawer = []byte("drawer") // key -> Refused
	bucketMarks  = []byte("marks")  // office's hour -> key delivered by then
	bookKey      = []byte("now")

	allBuckets = [][]byte{bucketBook, bucketScans, bucketIDs, bucketDrawer, bucketMarks}
)

// Why something is not kept.
var (
	ErrForm = errors.New("no command: it has no id") // ids are UUIDs
	ErrBusy = errors.New("another program has the spool open")
)

// Read takes one read: the reducer's step and the command that comes of it are on
// the disk when Read returns. A read whose id gave a command before gives none.
func (s *Spool) Read(r gesture.Read) (commands []gesture.Command, says gesture.Feedback, err error) {
	now := s.clock()
	r.At, r.Boot = now.Monotonic, now.Boot
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.has(r.ID) {
		return nil, gesture.File, nil
	}
	next := s.book
	next.State, commands, says = gesture.Step(s.book.State, r)
	if len(commands) == 0 && next.State == s.book.State {
		return nil, says, nil
	}
	err = s.write(next, func(tx *bolt.Tx, b *book) error {
		for _, c := range commands {
			b.Seq++
			raw, err := json.Marshal(struct {
				gesture.Command
				At stamp `json:"at"`
			}{c, b.stamp(now)})
			if err != nil {
				return err
			}
			if err := b.append(tx, c.ID, raw); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, says, fmt.Errorf("keep read: %w", err)
	}
	return commands, says, nil
}

// Put keeps a command that a page made, which may have held it for long. It gets the
// station's seq; its own wall time stays. What the page's clocks show as it sends tells
// when that was by the station's; where it tells nothing the wall time is all there is.
// A repeated id is kept once. What has no id goes to the drawer, with ErrForm.
func (s *Spool) Put(raw []byte, page Moment) (id string, err error) {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	body := map[string]json.RawMessage{}
	var at stamp
	good := json.Unmarshal(raw, &body) == nil && json.Unmarshal(body["id"], &id) == nil && len(id) == 36 && len(raw) <= maxPayload/2
	if good {
		compact, err := json.Marshal(body) // escapes, and so may be longer
		good = err == nil && len(compact) <= maxPayload/2
	}
	if good && body["at"] != nil && json.Unmarshal(body["at"], &at) == nil && !at.Wall.IsZero() {
		now.Wall = at.Wall.UTC()
	}
	age := page.Monotonic - at.Monotonic
	told := at.Boot != "" && at.Boot == page.Boot && at.Monotonic >= 0 && age >= 0 && age <= now.Monotonic
	now.Monotonic -= age
	err = s.write(s.book, func(tx *bolt.Tx, b *book) error {
		if !good {
			b.Last++
			return b.draw(tx, Refused{Key: b.Last, Reason: ErrForm.Error(), At: now.Wall, Body: raw})
		}
		if known(tx, id) != 0 {
			return nil
		}
		b.Seq++
		at := b.stamp(now)
		if !told {
			at.Boot, at.Monotonic = "", 0
		}
		stamped, err := json.Marshal(at)
		if err != nil {
			return err
		}
		body["at"] = stamped
		whole, err := json.Marshal(body)
		if err != nil {
			return err
		}
		return b.append(tx, id, whole)
	})
	switch {
	case err != nil:
		return id, fmt.Errorf("keep command %s: %w", id, err)
	case !good:
		return "", ErrForm
	}
	return id, nil
}

// State is the reducer's, as it is now: what has lasted its time is over.
func (s *Spool) State() gesture.State {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.book.State.Boot != now.Boot {
		return gesture.State{}
	}
	return s.book.State.At(now.Monotonic)
}

// Lineage names this file among those that the station has had: another one after
// a torn file was set aside.
func (s *Spool) Lineage() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.book.Lineage == "" {
		return "first"
	}
	return s.book.Lineage
}

// Left is how long the open card's context lasts, 0 if none is open.
func (s *Spool) Left() time.Duration {
	state := s.State()
	if state.Context == (gesture.Context{}) {
		return 0
	}
	return max(0, state.Until-s.clock().Monotonic)
}

// stamp is a command's time, as the office takes it.
type stamp struct {
	Wall      time.Time     `json:"wall"`
	Boot      string        `json:"boot"`
	Monotonic time.Duration `json:"monotonic"`
	Seq       int64         `json:"seq"`
}

func (b *book) stamp(now Moment) stamp {
	boot := now.Boot
	if b.Lineage != "" {
		boot += "." + b.Lineage // seqs of the lost file may come again
	}
	return stamp{now.Wall, boot, now.Monotonic, b.Seq}
}

// append adds a command as the newest.
func (b *book) append(tx *bolt.Tx, id string, raw []byte) error {
	b.Last++
	if err := tx.Bucket(bucketIDs).Put([]byte(id), frame{kindScan, b.Last, nil}.bytes()); err != nil {
		return err
	}
	return tx.Bucket(bucketScans).Put(key(b.Last), frame{kindScan, b.Last, raw}.bytes())
}

// write changes the spool: f and the new book in one transaction, on the disk when
// write returns. Called with mu held.
func (s *Spool) write(next book, f func(*bolt.Tx, *book) error) error {
	next.Written++
	err := s.db.Update(func(tx *bolt.Tx) error {
		if err := f(tx, &next); err != nil {
			return err
		}
		raw, err := json.Marshal(next)
		if err != nil {
			return err
		}
		return tx.Bucket(bucketBook).Put(bookKey, frame{kindBook, next.Written, raw}.bytes())
	})
	if err == nil {
		s.book = next
	}
	return err
}

// has reports whether a command with the id is kept.
func (s *Spool) has(id string) (has bool) {
	_ = s.db.View(func(tx *bolt.Tx) error { has = known(tx, id) != 0; return nil }) // nothing in it fails
	return has
}

// known returns the key of the command with the id, 0 if there is none.
func known(tx *bolt.Tx, id string) uint64 {
	f, err := parseFrame(tx.Bucket(bucketIDs).Get([]byte(id)))
	if err != nil {
		return 0
	}
	return f.number
}

func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// Close gives the file back.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.db.Close(), s.hold.Close())
}
