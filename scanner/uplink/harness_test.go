package uplink

import (
	"context"
	"crypto/ed25519"
	"testing"
	"testing/synctest"
	"time"
)

// station is an uplink in a bubble, with its queue and the wire it hangs on.
type station struct {
	*Uplink
	queue *memory
	wire  *network
	began time.Time
}

const (
	office1 = "office:80"
	office2 = "spare:80"
)

func start(t *testing.T, d *double, w *network, change func(*Config)) *station {
	t.Helper()
	s := &station{queue: &memory{}, wire: w, began: time.Now()}
	c := Config{
		Addresses: []string{"http://office", "http://spare"}, Key: d.key.Public().(ed25519.PublicKey), Token: d.token, Queue: s.queue, Dial: w.dial,
		Clock: func() Moment {
			return Moment{Wall: time.Now(), Boot: "boot", Monotonic: time.Since(s.began)}
		},
	}
	if change != nil {
		change(&c)
	}
	u, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.Uplink = u
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); u.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return s
}

// bubble runs a test with a clock that skips what nobody does anything in.
func bubble(t *testing.T, f func(t *testing.T, d *double, w *network)) {
	synctest.Test(t, func(t *testing.T) { f(t, newDouble(), &network{}) })
}

// within waits until f, and fails when it takes longer.
func within(t *testing.T, d time.Duration, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(d); ; time.Sleep(50 * time.Millisecond) { // the bubble's clock
		synctest.Wait()
		if f() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", d, what)
		}
	}
}
