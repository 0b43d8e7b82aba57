package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"harkara/internal/label"
	"harkara/internal/people"
)

// Every route says who may call it, and nobody else gets anything of it.
func TestRoutesAreGuarded(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	fill := strings.NewReplacer("{$}", "", "{room}", "a-303", "{post}", "fin-3", "{code}", string(code), "{cover}", "cover.svg", "{act}", "mark", "{name}", "urdu.ttf", "{id}", newID(), "{person}", "administrator", "{what}", "language")
	for _, route := range r.server.routes() {
		method, pattern, _ := strings.Cut(route.pattern, " ")
		path := fill.Replace(pattern)
		for _, who := range []struct {
			name  string
			token string
			may   bool
		}{
			{"nobody", "", route.rule.By == people.Unproved},
			{"a stranger", "guessed", route.rule.By == people.Unproved},
			{"a station", doorToken, route.rule.By != people.InPerson && route.rule.By != people.BySession},
			{"an administrator", adminToken, route.rule.By == people.Unproved || route.rule.By == people.BySession || slices.Contains(route.rule.Roles, people.Administrator)},
		} {
			var headers []string
			if who.token != "" {
				headers = bearer(who.token)
			}
			w := r.call(method, path, "", headers...)
			toLogin := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/login") && path != "/logout" && path != "/unlock"
			refused := w.Code == http.StatusUnauthorized && path != "/login" || w.Code == http.StatusForbidden && path != "/unlock" || toLogin
			if refused == who.may {
				t.Errorf("%s by %s: %d", route.pattern, who.name, w.Code)
			}
			if refused && strings.Contains(w.Body.String(), "Water supply") {
				t.Errorf("%s by %s: shows the file", route.pattern, who.name)
			}
		}
	}
}

// In the demonstration whoever is on this machine reads; a site that made its name
// lead here does not.
func TestDemonstrationIsForThisMachine(t *testing.T) {
	r := open(t, true)
	for host, status := range map[string]int{
		"localhost:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "harkara.localhost": 200,
		"evil.example": 403, "localhost.evil.example": 403,
	} {
		req := r.request("GET", "/", "")
		req.Host = host
		if w := r.serve(req); w.Code != status {
			t.Errorf("%s: %d", host, w.Code)
		}
	}
}

// Another site's page cannot make a browser act here.
func TestCrossSiteFormsAreRefused(t *testing.T) {
	r := open(t, true)
	w := r.call("POST", "/open", "number=1", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site")
	if w.Code != http.StatusForbidden {
		t.Errorf("%d", w.Code)
	}
}

// Requests that no person would make get a clear answer, never an internal error.
func TestOddRequests(t *testing.T) {
	r := open(t, true)
	unknown := string(label.New(label.File, 99))
	for path, status := range map[string]int{
		"/nothing": 404, "/files/abc": 400, "/files/" + unknown: 404, "/files/" + unknown + "/cover.pdf": 404,
		"/rooms/nowhere": 404, "/?show=everything": 400, "/?q=" + strings.Repeat("x", 200): 422, "/static/none.js": 404,
		"/static/../web.go": 307, "/font/../../etc/passwd": 307, "/font/passwd": 404,
		"/api/v1/files/abc": 400, "/api/v1/files/" + unknown + "/entries": 404, "/api/v1/live?after=x": 400, "/api/v1/live?after=-1": 400,
		"/api/v1/labels":              404,
		"/kiosk?station=%3Cscript%3E": 200,
	} {
		w := r.call("GET", path, "")
		if w.Code != status {
			t.Errorf("%.60s: %d, want %d", path, w.Code, status)
		}
		if strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s: what was asked became markup", path)
		}
	}
	if logs := r.log.String(); strings.Contains(logs, "level=ERROR") {
		t.Error(logs)
	}
}
