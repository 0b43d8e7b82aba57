package gate

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
	noToken     = "no_token"
	wrongToken  = "wrong_token"
	otherToken  = "other_token" // a station's where a person is needed, or the other way round
	wrongSecret = "wrong_secret"
	tooOften    = "too_often"
)

// RefusedCall is what is known of calls that were not admitted for the same reason
// from the same address: never what token they brought.
type RefusedCall struct {
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
	list map[refusedKey]*RefusedCall
}

type refusedKey struct{ addr, why string }

const maxRefused = 200 // callers and reasons remembered

// refuse notes a call that is not admitted, and logs its caller.
func (g *Gate) refuse(r *http.Request, why string, id custody.StationID) {
	addr, now := Caller(r), g.Now()
	g.Noise.Warn("call refused "+why+" "+addr, "call refused", "why", why, "addr", addr, "path", r.URL.Path, "station", id)
	g.refused.mu.Lock()
	defer g.refused.mu.Unlock()
	key := refusedKey{addr, why}
	call := g.refused.list[key]
	if call == nil {
		call = &RefusedCall{Addr: addr, Why: why, First: now}
		g.refused.keep(key, call)
	}
	call.Count++
	call.Path, call.Station, call.Last = r.URL.Path, id, now
}

// keep adds a call; the one that was heard of longest ago makes room. Called with mu
// held.
func (c *refusedCalls) keep(key refusedKey, call *RefusedCall) {
	if c.list == nil {
		c.list = map[refusedKey]*RefusedCall{}
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

// Refused returns calls that were refused since this server started, newest first.
func (g *Gate) Refused(limit int) []RefusedCall { return g.refused.newest(limit) }

// newest returns refused calls, newest first.
func (c *refusedCalls) newest(limit int) []RefusedCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]RefusedCall, 0, len(c.list))
	for _, call := range c.list {
		list = append(list, *call)
	}
	slices.SortFunc(list, func(a, b RefusedCall) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Addr, b.Addr), cmp.Compare(a.Why, b.Why))
	})
	return list[:min(limit, len(list))]
}
