package gate

import (
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one caller may try one-time codes: so often at once, then one in so long.
// What others do costs him nothing, and no code ends by being tried. That guessing is
// hopeless all the same is the length of the code: see ledger.Store.Redeem.
const (
	triesAtOnce = 10
	triesEvery  = 6 * time.Second
	wrongAtOnce = 5 // of one code
	wrongEvery  = 10 * time.Minute

	codeName  = 4      // digits that a code is known by
	mostTried = 10_000 // callers, and callers of codes, that are remembered
)

// Try counts that a caller tries a one-time code. Errors: ErrTooOften.
func (g *Gate) Try(r *http.Request, code string) error {
	if g.tries.allow(Caller(r), code, g.Now()) {
		return nil
	}
	return ErrTooOften
}

// tries counts who tries one-time codes, and which.
type tries struct{ callers, codes budgets }

func newTries() *tries {
	return &tries{
		budgets{every: rate.Every(triesEvery), burst: triesAtOnce},
		budgets{every: rate.Every(wrongEvery), burst: wrongAtOnce},
	}
}

// allow reports whether a caller may try a code now.
func (t *tries) allow(caller, code string, now time.Time) bool {
	return t.callers.allow(caller, now) && t.codes.allow(caller+" "+code[:min(codeName, len(code))], now)
}

// budgets are limits of their own for everybody who is named. Only those are
// remembered who have used something up.
type budgets struct {
	every rate.Limit
	burst int

	mu   sync.Mutex
	used map[string]*rate.Limiter
}

func (b *budgets) allow(name string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used[name] == nil && len(b.used) >= mostTried {
		b.forget(now)
	}
	if b.used == nil {
		b.used = map[string]*rate.Limiter{}
	}
	if b.used[name] == nil {
		b.used[name] = rate.NewLimiter(b.every, b.burst)
	}
	return b.used[name].AllowN(now, 1)
}

// forget makes room: of whoever has his whole budget again, else of everybody.
func (b *budgets) forget(now time.Time) {
	for name, limit := range b.used {
		if limit.TokensAt(now) >= float64(b.burst) {
			delete(b.used, name)
		}
	}
	if len(b.used) >= mostTried {
		clear(b.used)
	}
}
