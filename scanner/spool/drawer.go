package spool

import (
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
	At     time.Time `json:"at"`   // when it was drawn, by this machine's clock
	Body   []byte    `json:"body"` // as it came
}

// Refuse puts a command into the drawer; the queue goes on behind it.
func (s *Spool) Refuse(k uint64, reason string) error {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.book
	next.Sent = max(next.Sent, min(k, next.Last))
	err := s.write(next, func(tx *bolt.Tx, _ *book) error {
		f, err := parseFrame(tx.Bucket(bucketScans).Get(key(k)))
		if err != nil {
			return fmt.Errorf("command %d: %w", k, err)
		}
		return draw(tx, Refused{Key: k, Reason: reason, At: now.Wall, Body: f.payload})
	})
	if err != nil {
		return fmt.Errorf("put into drawer: %w", err)
	}
	return nil
}

func draw(tx *bolt.Tx, r Refused) error {
	if len(r.Body) > maxPayload/2 {
		r.Body = r.Body[:maxPayload/2]
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return tx.Bucket(bucketDrawer).Put(key(r.Key), frame{kindDrawer, r.Key, raw}.bytes())
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
