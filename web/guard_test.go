package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Calls that are not admitted are logged and shown, each for its own reason; what
// token they brought is not.
func TestRefusedCallsAreLogged(t *testing.T) {
	r := open(t, false)
	logged := func(why string) int { return strings.Count(r.log.String(), "why="+why) }
	for range 3 {
		r.call("GET", "/api/v1/board", "")
	}
	if got := logged(noToken); got != 1 {
		t.Errorf("three calls without a token in a minute are logged %d times", got)
	}
	r.clock.wait(refusedEvery)
	r.call("POST", "/api/v1/scans", "{}")
	if got := logged(noToken); got != 2 {
		t.Errorf("a minute later: %d times", got)
	}
	if logged(wrongToken) != 0 {
		t.Error("a missing token is called a wrong one")
	}
	for range 2 {
		r.call("GET", "/api/v1/board", "", bearer("guessed-secret")...)
	}
	r.form("/login", url.Values{"token": {"guessed-secret"}})
	if got := logged(wrongToken); got != 3 {
		t.Errorf("three wrong tokens are logged %d times", got)
	}
	r.call("GET", "/api/v1/board", "", bearer(doorToken)...)
	if logged(otherToken) != 1 {
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
	if len(calls) != 3 || counts[noToken] != 4 || counts[wrongToken] != 3 || counts[otherToken] != 1 || calls[0].Station != door && calls[1].Station != door && calls[2].Station != door {
		t.Errorf("%+v", calls)
	}
	if text := r.page("/attention"); !strings.Contains(text, "a wrong token") || !strings.Contains(text, "192.0.2.1") || strings.Contains(text, "guessed-secret") {
		t.Error("the page does not show refused calls")
	}
}

// Whoever calls from ever new addresses fills no memory.
func TestRefusedCallsAreBounded(t *testing.T) {
	r := open(t, false)
	for i := range 3 * maxRefused {
		req := r.request("GET", "/", "")
		req.RemoteAddr = strings.Repeat("1", i%50+1) + string(rune('a'+i/50)) + ":80"
		r.serve(req)
	}
	if n := len(r.server.calls.newest(10 * maxRefused)); n != maxRefused {
		t.Errorf("%d are remembered", n)
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
	for to, want := range map[string]string{
		"/open?code=10473829110222": "/open?code=10473829110222", "": "/", "/": "/", "https://evil.example": "/", "//evil.example": "/", `/\evil.example`: "/",
		"/\t/evil.example": "/", "/\n/evil.example": "/", "javascript:alert(1)": "/", "evil": "/",
	} {
		status, got := r.form("/login", url.Values{"token": {adminToken}, "to": {to}})
		if status != http.StatusSeeOther || got != want {
			t.Errorf("%q: %d %q", to, status, got)
		}
		if status, _ := r.form("/login", url.Values{"token": {"wrong"}, "to": {to}}); status != http.StatusUnauthorized {
			t.Errorf("%q: a wrong token: %d", to, status)
		}
	}
	if w := r.call("POST", "/open", "number=1", "Content-Type", "application/x-www-form-urlencoded"); w.Header().Get("Location") != "/login" {
		t.Errorf("a form that was sent leads to %q", w.Header().Get("Location"))
	}
}
