package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"harkara/internal/damp"
	"harkara/internal/people"
)

// Calls that are not admitted are logged and shown, each for its own reason; what
// token they brought is not.
func TestRefusedCallsAreLogged(t *testing.T) {
	r := open(t, false)
	logged := func(why string) int { return strings.Count(r.log.String(), "why="+why) }
	for range 3 {
		r.call("GET", "/api/v1/board", "")
	}
	if got := logged("no_token"); got != 1 {
		t.Errorf("three calls without a token in a minute are logged %d times", got)
	}
	r.clock.wait(damp.Every)
	r.call("POST", "/api/v1/scans", "{}")
	if got := logged("no_token"); got != 2 {
		t.Errorf("a minute later: %d times", got)
	}
	if logged("wrong_token") != 0 {
		t.Error("a missing token is called a wrong one")
	}
	for range 2 {
		r.call("GET", "/api/v1/board", "", bearer("guessed-secret")...)
	}
	r.form("/login", url.Values{"name": {"administrator"}, "secret": {"guessed-secret"}})
	if got := logged("wrong_token"); got != 1 {
		t.Errorf("two wrong tokens are logged %d times", got)
	}
	if logged("wrong_secret") != 1 {
		t.Error("a wrong password is not logged")
	}
	r.call("GET", "/api/v1/board", "", bearer(doorToken)...)
	if logged("other_token") != 1 {
		t.Error("a station's token for an administrator's call is not logged")
	}
	for _, secret := range []string{"guessed-secret", doorToken, adminToken} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log has the token %s", secret)
		}
	}
	calls := r.waiting().Calls
	counts := map[string]int{}
	for _, c := range calls {
		counts[c.Why] = c.Count
	}
	if len(calls) != 4 || counts["no_token"] != 4 || counts["wrong_token"] != 2 || counts["wrong_secret"] != 1 || counts["other_token"] != 1 || calls[0].Station != door && calls[1].Station != door && calls[2].Station != door && calls[3].Station != door {
		t.Errorf("%+v", calls)
	}
	if text := r.page("/attention"); !strings.Contains(text, "a wrong token") || !strings.Contains(text, "192.0.2.1") || strings.Contains(text, "guessed-secret") {
		t.Error("the page does not show refused calls")
	}
}

// Whatever a stranger does, and however often, he fills no log: a line a cause and
// minute, with the number.
func TestStrangersFillNoLog(t *testing.T) {
	r, _ := openSealed(t)
	r.server.Addresses = []string{"http://office.example"}
	r.away = errors.New("the ledger is away") // what fails inside is a stranger's cause too
	for name, call := range map[string]func() int{
		"wrong token":      func() int { return r.call("GET", "/api/v1/board", "", bearer("guess")...).Code },
		"wrong login":      func() int { status, _ := r.form("/login", url.Values{"token": {"guess"}}); return status },
		"another's name":   func() int { return r.call("GET", "/api/v1/office?challenge="+strings.Repeat("c", 30), "").Code },
		"wrong code":       func() int { return r.call("POST", "/api/v1/enrol", enrolling("1")).Code },
		"no page":          func() int { return r.call("GET", "/nowhere", "").Code },
		"a station's page": func() int { return r.call("GET", "/kiosk", "").Code },
		"health":           func() int { return r.call("GET", "/healthz", "").Code },
		"rubbish":          func() int { return r.call("POST", "/api/v1/scans", "{{{{", bearer(doorToken)...).Code },
		"no socket":        func() int { return r.call("GET", "/api/v1/live", "").Code },
	} {
		r.mu.Lock()
		away := r.away
		r.mu.Unlock()
		for range 2 { // with the ledger, and without
			before, statuses := strings.Count(r.log.String(), "\n"), map[int]bool{}
			for range 300 {
				statuses[call()] = true
			}
			if lines := strings.Count(r.log.String(), "\n") - before; lines > 3 {
				t.Errorf("%s: %d lines; %v", name, lines, statuses)
			}
			r.mu.Lock()
			if r.away == nil {
				r.away = away
			} else {
				r.away = nil
			}
			r.mu.Unlock()
		}
	}
	r.mu.Lock()
	r.away = nil
	r.mu.Unlock()
	r.clock.wait(damp.Every)
	r.call("GET", "/api/v1/board", "", bearer("guess")...)
	if !strings.Contains(r.log.String(), " count=") {
		t.Error("the next line does not tell how many they were")
	}
}

// Signing in leads to where one wanted to go, and never to another site.
func TestLoginGoesBack(t *testing.T) {
	r := open(t, false)
	w := r.call("GET", "/open?code=10473829110222", "")
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || to != "/login?to=%2Fopen%3Fcode%3D10473829110222" {
		t.Fatalf("%d %s", w.Code, to)
	}
	if w := r.call("GET", to, ""); !strings.Contains(w.Body.String(), `name="to" value="/open?code=10473829110222"`) {
		t.Error("the form does not keep where to go")
	}
	if err := r.server.door.Equip(t.Context(), people.Person{ID: "of-1"}, "correct horse 7", "a test"); err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]string{
		"/open?code=10473829110222": "/open?code=10473829110222", "": "/", "/": "/", "https://evil.example": "/", "//evil.example": "/", `/\evil.example`: "/",
		"/\t/evil.example": "/", "/\n/evil.example": "/", "javascript:alert(1)": "/", "evil": "/",
	} {
		status, got := r.form("/login", url.Values{"name": {"of-1"}, "secret": {"correct horse 7"}, "to": {to}})
		if status != http.StatusSeeOther || got != want {
			t.Errorf("%q: %d %q", to, status, got)
		}
		if status, _ := r.form("/login", url.Values{"name": {"of-1"}, "secret": {"wrong"}, "to": {to}}); status != http.StatusUnauthorized {
			t.Errorf("%q: a wrong password: %d", to, status)
		}
		r.clock.wait(time.Hour)
	}
	if w := r.call("POST", "/open", "number=1", "Content-Type", "application/x-www-form-urlencoded"); w.Header().Get("Location") != "/login" {
		t.Errorf("a form that was sent leads to %q", w.Header().Get("Location"))
	}
}
