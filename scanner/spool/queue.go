package spool

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// maxBatch bounds what Next returns, in bytes: a server takes a megabyte.
const maxBatch = 512 << 10

// Item is a command that the office has not said it has.
type Item struct {
	Key  uint64          // its place in the queue
	Body json.RawMessage // as it is sent, the same every time
}

// Next returns the oldest commands that are not delivered, in order.
func (s *Spool) Next(limit int) (items []Item, err error) {
	s.mu.Lock()
	sent := s.book.Sent
	s.mu.Unlock()
	size := 0
	err = s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketScans).Cursor()
		for k, v := c.Seek(key(sent + 1)); k != nil && len(items) < limit; k, v = c.Next() {
			f, err := parseFrame(v)
			if err != nil {
				return err
			}
			if size += len(f.payload); size > maxBatch && len(items) > 0 {
				return nil
			}
			items = append(items, Item{f.number, append(json.RawMessage(nil), f.payload...)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read spool: %w", err)
	}
	return items, nil
}

// Delivered notes that the office has every command through the key, at an instant
// of its own clock; what it has had for longer than Kept is let go.
func (s *Spool) Delivered(through uint64, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.book
	next.Sent = max(next.Sent, min(through, next.Last))
	err := s.write(next, func(tx *bolt.Tx, b *book) error { return expire(tx, b.Sent, at) })
	if err != nil {
		return fmt.Errorf("note delivery: %w", err)
	}
	return nil
}

// expire notes the delivery of the hour and lets go what was delivered long before.
// Only the office's clock is asked: a station's may be wrong by decades.
func expire(tx *bolt.Tx, sent uint64, at time.Time) error {
	marks := tx.Bucket(bucketMarks)
	hour := at.Truncate(time.Hour).Unix()
	if hour < 0 {
		return nil
	}
	if err := marks.Put(key(uint64(hour)), frame{kindMark, uint64(hour), key(sent)}.bytes()); err != nil {
		return err
	}
	oldest := at.Add(-Kept).Unix()
	c := marks.Cursor()
	through := uint64(0)
	for k, v := c.First(); k != nil && int64(binary.BigEndian.Uint64(k)) < oldest-int64(time.Hour/time.Second); k, v = c.First() {
		f, err := parseFrame(v)
		if err != nil || len(f.payload) != 8 {
			return fmt.Errorf("hour of deliveries: %w", errFrame)
		}
		through = max(through, min(binary.BigEndian.Uint64(f.payload), sent))
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return forget(tx, through)
}

// forget removes commands through the key, with their ids.
func forget(tx *bolt.Tx, through uint64) error {
	scans, ids := tx.Bucket(bucketScans).Cursor(), tx.Bucket(bucketIDs)
	for k, v := scans.First(); k != nil && binary.BigEndian.Uint64(k) <= through; k, v = scans.First() {
		f, err := parseFrame(v)
		if err != nil {
			return err
		}
		var c struct{ ID string }
		if err := json.Unmarshal(f.payload, &c); err != nil {
			return err
		}
		if err := scans.Delete(); err != nil {
			return err
		}
		if err := ids.Delete([]byte(c.ID)); err != nil {
			return err
		}
	}
	return nil
}

// Epoch says which life of the office's ledger the station speaks with. Where it
// is another than before, all that is kept waits again; again says how many.
func (s *Spool) Epoch(epoch string) (again int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if epoch == s.book.Epoch {
		return 0, nil
	}
	next := s.book
	first := next.Epoch == ""
	next.Epoch = epoch
	err = s.write(next, func(tx *bolt.Tx, b *book) error {
		if first {
			return nil
		}
		c := tx.Bucket(bucketScans).Cursor()
		for k, _ := c.First(); k != nil && binary.BigEndian.Uint64(k) <= b.Sent; k, _ = c.Next() {
			again++
		}
		b.Sent = 0
		marks := tx.Bucket(bucketMarks).Cursor() // of another office's days
		for k, _ := marks.First(); k != nil; k, _ = marks.First() {
			if err := marks.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("note epoch: %w", err)
	}
	return again, nil
}

// Waiting counts what is not delivered.
func (s *Spool) Waiting() (n int, err error) {
	s.mu.Lock()
	sent := s.book.Sent
	s.mu.Unlock()
	err = s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketScans).Cursor()
		for k, _ := c.Seek(key(sent + 1)); k != nil; k, _ = c.Next() {
			n++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count spool: %w", err)
	}
	return n, nil
}
