package gate

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"harkara/internal/custody"
)

const (
	believed  = 2 * time.Second // a token is believed without asking again: so long after it was revoked it may still work
	noteEvery = 5 * time.Second // a station that is heard of is noted once in so long
)

// tokens remembers who was admitted, so that a scan costs the ledger no more than
// its own storing. Tokens are remembered by their hash.
type tokens struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]admitted
	noted map[custody.StationID]time.Time
}

type admitted struct {
	station custody.StationID
	at      time.Time
}

const maxKnown = 10_000 // tokens remembered

// authenticate is Directory.Authenticate, not asked again for a while. What is
// refused is asked about every time.
func (g *Gate) authenticate(ctx context.Context, token string) (custody.StationID, error) {
	key, now := sha256.Sum256([]byte(token)), g.Now()
	g.tokens.mu.Lock()
	was, ok := g.tokens.known[key]
	g.tokens.mu.Unlock()
	if age := now.Sub(was.at); ok && age >= 0 && age < believed {
		return was.station, nil
	}
	id, err := g.Directory.Authenticate(ctx, token)
	if err == nil && id == "" {
		err = custody.ErrNotFound
	}
	g.tokens.mu.Lock()
	defer g.tokens.mu.Unlock()
	if err != nil {
		delete(g.tokens.known, key)
		return "", err
	}
	if g.tokens.known == nil || len(g.tokens.known) >= maxKnown {
		g.tokens.known = map[[sha256.Size]byte]admitted{}
	}
	g.tokens.known[key] = admitted{id, now}
	return id, nil
}

// heard notes that a station was heard of, now and then.
func (g *Gate) heard(ctx context.Context, id custody.StationID) {
	now := g.Now()
	g.tokens.mu.Lock()
	if age := now.Sub(g.tokens.noted[id]); age >= 0 && age < noteEvery {
		g.tokens.mu.Unlock()
		return
	}
	if g.tokens.noted == nil {
		g.tokens.noted = map[custody.StationID]time.Time{}
	}
	g.tokens.noted[id] = now
	g.tokens.mu.Unlock()
	if err := g.Directory.Heartbeat(ctx, id, now); err != nil {
		g.Noise.Warn("heartbeat is not noted", "heartbeat is not noted", "station", id, "err", err)
	}
}
