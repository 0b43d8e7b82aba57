package web

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"harkara/internal/custody"
)

const (
	believed  = 5 * time.Second // a token is believed without asking again: so long after it was revoked it may still work
	noteEvery = 5 * time.Second // a station that is heard of is noted once in so long
)

// callers remembers who was admitted, so that a scan costs the ledger no more than
// its own storing. Tokens are remembered by their hash.
type callers struct {
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]admitted
	noted  map[custody.StationID]time.Time
}

type admitted struct {
	station custody.StationID
	at      time.Time
}

const maxKnown = 10_000 // tokens remembered

// authenticate is Directory.Authenticate, not asked again for a while. What is
// refused is asked about every time.
func (s *Server) authenticate(ctx context.Context, token string) (custody.StationID, error) {
	key, now := sha256.Sum256([]byte(token)), s.Now()
	s.callers.mu.Lock()
	was, ok := s.callers.tokens[key]
	s.callers.mu.Unlock()
	if age := now.Sub(was.at); ok && age >= 0 && age < believed {
		return was.station, nil
	}
	id, err := s.Directory.Authenticate(ctx, token)
	s.callers.mu.Lock()
	defer s.callers.mu.Unlock()
	if err != nil {
		delete(s.callers.tokens, key)
		return "", err
	}
	if s.callers.tokens == nil || len(s.callers.tokens) >= maxKnown {
		s.callers.tokens = map[[sha256.Size]byte]admitted{}
	}
	s.callers.tokens[key] = admitted{id, now}
	return id, nil
}

// heard notes that a station was heard of, now and then.
func (s *Server) heard(ctx context.Context, id custody.StationID) {
	now := s.Now()
	s.callers.mu.Lock()
	if age := now.Sub(s.callers.noted[id]); age >= 0 && age < noteEvery {
		s.callers.mu.Unlock()
		return
	}
	if s.callers.noted == nil {
		s.callers.noted = map[custody.StationID]time.Time{}
	}
	s.callers.noted[id] = now
	s.callers.mu.Unlock()
	if err := s.Directory.Heartbeat(ctx, id, now); err != nil {
		s.noise.Warn("heartbeat is not noted", "heartbeat is not noted", "station", id, "err", err)
	}
}
