package intake

import (
	"context"
	"sync"
	"time"
)

// Health says since when a service that the dispatcher needs has not answered. A
// zero time: it answers.
type Health struct {
	EngineAway time.Time
	LedgerAway time.Time
}

// Health returns what the dispatcher last saw. Safe for concurrent use.
func (d *Dispatcher) Health() Health {
	d.watch.mu.Lock()
	defer d.watch.mu.Unlock()
	return Health{EngineAway: d.watch.since[engineService], LedgerAway: d.watch.since[ledgerService]}
}

// service is one of those that can be away.
type service int

const (
	engineService service = iota
	ledgerService
	services
)

var serviceNames = [services]string{"workflow engine", "ledger"}

// watch is what is known of the services.
type watch struct {
	mu    sync.Mutex
	since [services]time.Time // away since; zero: it answers
	began time.Time           // of the latest-begun call that the engine has answered
}

// seen notes how a call to a service ended, and logs when that changes.
func (d *Dispatcher) seen(ctx context.Context, s service, err error) {
	if err != nil && ctx.Err() != nil {
		return // the dispatcher is stopping
	}
	d.watch.mu.Lock()
	was := d.watch.since[s]
	switch {
	case err == nil:
		d.watch.since[s] = time.Time{}
	case was.IsZero():
		d.watch.since[s] = time.Now()
	}
	d.watch.mu.Unlock()
	switch {
	case err != nil && was.IsZero():
		d.Log.Warn("commands wait: "+serviceNames[s]+" does not answer", "err", err)
	case err == nil && !was.IsZero():
		d.Log.Info(serviceNames[s]+" answers again", "took", time.Since(was))
	}
}

func (w *watch) away() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.since {
		if !t.IsZero() {
			return true
		}
	}
	return false
}

// answered notes that the engine answered a call that began then.
func (w *watch) answered(began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if began.After(w.began) {
		w.began = began
	}
}

// answeredSince reports whether the engine has answered a call that began later.
func (w *watch) answeredSince(began time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.began.After(began)
}
