package web

import (
	"net/http"
	"testing"
	"time"
)

// A token is believed for a moment without asking the ledger; a revoked one is worth
// nothing after it, and a refused one is asked about every time.
func TestTokensAreBelievedForAMoment(t *testing.T) {
	r := open(t, false)
	try := func() int { return r.call("GET", "/api/v1/station", "", bearer(doorToken)...).Code }
	set := func(known bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if delete(r.tokens, doorToken); known {
			r.tokens[doorToken] = door
		}
	}
	step := func(name string, want int) {
		t.Helper()
		if got := try(); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	step("enrolled", http.StatusOK)
	set(false)
	r.clock.wait(believed - time.Millisecond)
	step("revoked a moment ago", http.StatusOK)
	r.clock.wait(time.Millisecond)
	step("revoked", http.StatusUnauthorized)
	set(true)
	step("enrolled again", http.StatusOK)
	set(false)
	r.clock.wait(-time.Hour)
	step("the clock was set back", http.StatusUnauthorized)
}

// A station that scans all the time is noted now and then.
func TestHeartbeatsAreNotedNowAndThen(t *testing.T) {
	r := open(t, false)
	noted := func() time.Time {
		r.call("GET", "/api/v1/station", "", bearer(doorToken)...)
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.memory.heard[door]
	}
	first := noted()
	if !first.Equal(monday) {
		t.Fatalf("noted at %v", first)
	}
	r.clock.wait(noteEvery - time.Millisecond)
	if got := noted(); !got.Equal(first) {
		t.Errorf("noted again at %v", got)
	}
	r.clock.wait(time.Millisecond)
	if got := noted(); !got.Equal(monday.Add(noteEvery)) {
		t.Errorf("noted at %v", got)
	}
}
