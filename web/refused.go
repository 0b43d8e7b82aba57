package web

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"harkara/internal/custody"
)

// Why a call was not admitted; pages have words for each.
const (
	noToken    = "no_token"
	wrongToken = "wrong_token"
	otherToken = "other_token" // a station's where an administrator's is needed, or the other way round
)

// refusedCall is what is known of calls that were not admitted for the same reason
// from the same address: never what token they brought.
type refusedCall struct {
	Addr    string            `json:"addr"`
	Why     string            `json:"why"`
	Path    string            `json:"path"` // of the newest
	Station custody.StationID `json:"station,omitempty"`
	Count   int               `json:"count"`
	First   time.Time         `json:"first"`
	Last    time.Time         `json:"last"`
}

// refusedCalls remembers refused calls while this server runs.
type refusedCalls struct {
	mu   sync.Mutex
	list map[refusedKey]*refusedCall
}

type refusedKey struct{ addr, why string }

const maxRefused = 200 // callers and reasons remembered

// refused notes a call that is not admitted, and logs its caller.
func (s *Server) refused(r *http.Request, why string, id custody.StationID) {
	addr, now := caller(r), s.Now()
	s.noise.Warn("call refused "+why+" "+addr, "call refused", "why", why, "addr", addr, "path", r.URL.Path, "station", id)
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	key := refusedKey{addr, why}
	call := s.calls.list[key]
	if call == nil {
		call = &refusedCall{Addr: addr, Why: why, First: now}
		s.calls.keep(key, call)
	}
	call.Count++
	call.Path, call.Station, call.Last = r.URL.Path, id, now
}

// keep adds a call; the one that was heard of longest ago makes room. Called with mu
// held.
func (c *refusedCalls) keep(key refusedKey, call *refusedCall) {
	if c.list == nil {
		c.list = map[refusedKey]*refusedCall{}
	}
	if len(c.list) >= maxRefused {
		var oldest refusedKey
		for k, other := range c.list {
			if was := c.list[oldest]; was == nil || other.Last.Before(was.Last) {
				oldest = k
			}
		}
		delete(c.list, oldest)
	}
	c.list[key] = call
}

// newest returns refused calls, newest first.
func (c *refusedCalls) newest(limit int) []refusedCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]refusedCall, 0, len(c.list))
	for _, call := range c.list {
		list = append(list, *call)
	}
	slices.SortFunc(list, func(a, b refusedCall) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Addr, b.Addr), cmp.Compare(a.Why, b.Why))
	})
	return list[:min(limit, len(list))]
}
