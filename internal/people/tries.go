package people

import (
	"sync"
	"time"
)

// What wrong tries cost. Right ones cost nothing, so that an office that signs in through
// one address at nine o'clock is not held up. Nobody can shut a person out from everywhere:
// in a browser that he has signed in with before only its own tries count, and from a network
// that he has signed in from only those of that network.
var (
	ofAddress = budget{most: 10, every: 30 * time.Second} // whoever is asked for, from one network
	ofAccount = budget{most: 5, every: 5 * time.Minute}   // one person, from one browser or network
	ofStrange = budget{most: 20, every: 2 * time.Minute}  // one person, from all networks that he never was in
)

const mostCounted = 20_000 // names that are remembered

// budget is how many wrong tries there are at once, and how often one more.
type budget struct {
	most  float64
	every time.Duration
}

// tries counts wrong tries. It is safe for concurrent use.
type tries struct {
	mu   sync.Mutex
	used map[string]used
}

// used is what had been used of a budget by an instant.
type used struct {
	of budget
	n  float64
	at time.Time
}

// left is what is used now.
func (u used) now(now time.Time) float64 {
	back := now.Sub(u.at).Seconds() / u.of.every.Seconds()
	return max(0, u.n-max(0, back))
}

// claim is who asks for whom, and what is known of that.
type claim struct {
	account string // the person, or what was typed where there is none
	from    From
	device  bool // the person has signed in with this browser before
	network bool // or from this network
}

// counted are the budgets that a claim uses.
func (c claim) counted() map[string]budget {
	if c.device {
		return map[string]budget{"device " + c.from.Device + " " + c.account: ofAccount}
	}
	of := map[string]budget{"network " + c.from.Network + " " + c.account: ofAccount}
	if !c.network {
		of["address "+c.from.Network] = ofAddress
		of["strange "+c.account] = ofStrange
	}
	return of
}

// begin counts a try as a wrong one until it is proved right, so that many at once are
// counted too. suspect says how many wrong ones came from there, the least for who is
// known; ok, whether this one is judged at all.
func (t *tries) begin(c claim, now time.Time) (suspect float64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of := c.counted()
	for name, b := range of {
		n := t.used[name].nowOr(now)
		if n > b.most-1 {
			return 0, false
		}
		suspect = max(suspect, n)
	}
	if t.used == nil {
		t.used = map[string]used{}
	}
	if len(t.used) > mostCounted-len(of) {
		t.forget(now)
	}
	for name, b := range of {
		t.used[name] = used{b, t.used[name].nowOr(now) + 1, now}
	}
	if c.device || c.network {
		suspect = -1
	}
	return suspect, true
}

func (u used) nowOr(now time.Time) float64 {
	if u.at.IsZero() {
		return 0
	}
	return u.now(now)
}

// right gives a try back.
func (t *tries) right(c claim, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name := range c.counted() {
		if u, there := t.used[name]; there {
			u.n, u.at = max(0, u.now(now)-1), now
			t.used[name] = u
		}
	}
}

// forget makes room: of whoever has his whole budget again, else of who used the least.
func (t *tries) forget(now time.Time) {
	for least := 0.0; len(t.used) > mostCounted*3/4; least++ {
		for name, u := range t.used {
			if u.now(now) <= least {
				delete(t.used, name)
			}
		}
	}
}
