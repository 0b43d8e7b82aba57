package web

import (
	"context"
	"errors"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/web/board"
)

// Room on the ledger's disk, in bytes. With less than little the next segment of its
// log may find none, and nothing is stored.
const (
	roomLittle = 32 << 20
	roomAmple  = 512 << 20 // less is told
	roomMade   = 32 << 20  // that came since a refusal: somebody made room
)

// refusedFresh is how long one refusal to store speaks for the next scan: stations that
// wait try again within 20 s.
const refusedFresh = 45 * time.Second

// storing is the way to the ledger, which remembers whether it stores.
type storing struct {
	Intake
	now  func() time.Time
	room func() (free int64, known bool) // nil: not known here

	mu      sync.Mutex
	since   time.Time // of the first refusal since anything was stored; zero: it stores
	refused time.Time // the newest
	full    bool      // for want of room
	left    int64     // room at the newest
}

// Put implements Intake.
func (s *storing) Put(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error) {
	receipts, err := s.Intake.Put(ctx, commands)
	if len(commands) > 0 {
		s.note(ctx, err)
	}
	return receipts, err
}

// ToDrawer implements Intake.
func (s *storing) ToDrawer(ctx context.Context, station custody.StationID, raw []byte, reason string) (bool, error) {
	whole, err := s.Intake.ToDrawer(ctx, station, raw, reason)
	s.note(ctx, err)
	return whole, err
}

func (s *storing) note(ctx context.Context, err error) {
	now := s.now()
	free, _ := s.free()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.since, s.refused, s.full = time.Time{}, time.Time{}, false
	case ctx.Err() == nil && errors.Is(err, custody.ErrNotStored):
		if s.since.IsZero() {
			s.since = now
		}
		s.refused, s.full, s.left = now, errors.Is(err, custody.ErrFull), free
	}
}

func (s *storing) free() (int64, bool) {
	if s.room == nil {
		return 0, false
	}
	return s.room()
}

// state judges by what happened of late, and by the room there is.
func (s *storing) state() board.Storage {
	free, known := s.free()
	if !known {
		free = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	recent := !s.refused.IsZero() && now.Sub(s.refused) < refusedFresh
	if recent && s.full && known && free >= max(roomLittle, s.left+roomMade) {
		recent = false
	}
	switch {
	case recent && s.full, known && free < roomLittle:
		return board.Storage{Trouble: board.DiskFull, Since: s.since, Free: free}
	case recent:
		return board.Storage{Trouble: board.NotStored, Since: s.since, Free: free}
	case known && free < roomAmple:
		return board.Storage{Trouble: board.DiskLow, Free: free}
	}
	return board.Storage{Free: free}
}
