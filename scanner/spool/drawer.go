package spool

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Refused is what the office can never take, and why. A person looks at it; the
// queue behind it moves on.
type Refused struct {
	Key    uint64    `json:"key"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`               // when it was drawn, by this machine's clock
	Body   []byte    `json:"body"`             // as it came, or beyond the day's quota its beginning
	Length int       `json:"length,omitempty"` // of what came, as Digest, which is SHA-256; an older record says neither
	Digest []byte    `json:"digest,omitempty"`
}

// The drawer's quota of a day, as the office's: beyond it a record keeps length, digest
// and beginning, beyond drawerShort of these it is only counted.
const (
	drawerWhole = 200
	drawerBytes = 1 << 20 // of those that are whole
	drawerShort = 2000
	drawerHead  = 200 // bytes
)

// drawn is what the drawer took on its newest day, by this machine's clock.
type drawn struct {
	Day     string `json:"day"` // in UTC
	Whole   int    `json:"whole"`
	Bytes   int    `json:"bytes"` // of the whole ones
	Short   int    `json:"short"`
	Counted int    `json:"counted"` // on any day
}

// Refuse puts a command into the drawer; the queue goes on behind it.
func (s *Spool) Refuse(k uint64, reason string) error {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.book
	next.Sent = max(next.Sent, min(k, next.Last))
	err := s.write(next, func(tx *bolt.Tx, b *book) error {
		f, err := parseFrame(tx.Bucket(bucketScans).Get(key(k)))
		if err != nil {
			return fmt.Errorf("command %d: %w", k, err)
		}
		return b.draw(tx, Refused{Key: k, Reason: reason, At: now.Wall, Body: f.payload})
	})
	if err != nil {
		return fmt.Errorf("put into drawer: %w", err)
	}
	return nil
}

// draw puts a record into the drawer as its day's quota allows.
func (b *book) draw(tx *bolt.Tx, r Refused) error {
	if day := r.At.UTC().Format(time.DateOnly); day != b.Drawn.Day {
		b.Drawn = drawn{Day: day, Counted: b.Drawn.Counted}
	}
	digest := sha256.Sum256(r.Body)
	r.Length, r.Digest = len(r.Body), digest[:]
	switch d := &b.Drawn; {
	case d.Whole < drawerWhole && d.Bytes+r.Length <= drawerBytes && r.Length <= maxPayload/2:
		d.Whole, d.Bytes = d.Whole+1, d.Bytes+r.Length
	case d.Short < drawerShort:
		d.Short++
		r.Body = r.Body[:min(r.Length, drawerHead)]
	default:
		d.Counted++
		return nil
	}
	return r.keep(tx)
}

func (r Refused) keep(tx *bolt.Tx) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return tx.Bucket(bucketDrawer).Put(key(r.Key), frame{kindDrawer, r.Key, raw}.bytes())
}

// Counted returns how many records the drawer has only counted.
func (s *Spool) Counted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.Drawn.Counted
}

// Drawer returns what was refused, oldest first.
func (s *Spool) Drawer() (list []Refused, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketDrawer).ForEach(func(_, v []byte) error {
			f, err := parseFrame(v)
			if err != nil {
				return err
			}
			var r Refused
			if err := json.Unmarshal(f.payload, &r); err != nil {
				return err
			}
			list = append(list, r)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read drawer: %w", err)
	}
	return list, nil
}
