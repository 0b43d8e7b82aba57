package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/internal/people/peopletest"
	"harkara/web/gate"
)

// monday is a Monday morning in Quetta, 09:00.
var monday = time.Date(2026, 1, 12, 4, 0, 0, 0, time.UTC)

// clock is a clock that stands until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// running is an office with its pages.
type running struct {
	t testing.TB
	*memory
	persons *peopletest.Memory
	signed  string // whose session is in the browser; empty: nobody's
	clock   *clock
	server  *Server
	handler http.Handler
	log     *logged
}

const (
	adminToken = "administrators-token" // of his session, and in a header
	doorToken  = "token-of-a-door"      // of the station in Finance's section, room 303
	door       = custody.StationID("st-a-303")
)

// open starts an office; in the demonstration anybody may read.
func open(t testing.TB, demo bool, changes ...func(*Config)) *running {
	t.Helper()
	c := &clock{at: monday}
	m := newMemory(c.now)
	m.tokens[doorToken] = door
	persons := peopletest.New(c.now)
	persons.Seat(people.Person{ID: "administrator", Name: custody.Name{En: "Administrator", Ur: "منتظم"}, Grants: []people.Grant{{Role: people.Administrator, Clearance: custody.Secret}}}, adminToken)
	log := &logged{}
	cfg := Config{Intake: m, Commands: m, Registry: m, Feed: m, Directory: m, Quarantine: m, Archive: m, Notices: m, Judge: m, Closed: m, Quota: m, People: persons, Open: demo, Now: c.now, Log: log.logger()}
	if demo {
		cfg.StationToken = func(id custody.StationID) string { return map[custody.StationID]string{door: doorToken}[id] }
	}
	for _, change := range changes {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &running{t: t, memory: m, persons: persons, clock: c, server: s, handler: s.Handler(), log: log}
}

// staffed starts an office with one person of each role.
func staffed(t testing.TB) *running {
	r := open(t, false)
	for token, p := range roles {
		r.persons.Seat(p, token)
	}
	return r
}

// file opens a file at Finance's R&I branch on the usual route.
func (r *running) file(number, subject string) label.Code {
	r.t.Helper()
	code, err := r.Mint(r.t.Context(), label.File)
	if err != nil {
		r.t.Fatal(err)
	}
	r.do(custody.Command{Kind: custody.Open, Code: code, Method: custody.ByHand, With: custody.Opening{
		Number: number, Subject: subject, Department: "fin", Desk: "fin-3", Route: "fin-usual",
	}})
	return code
}

// do stores a command that happens now.
func (r *running) do(c custody.Command) custody.Outcome {
	r.t.Helper()
	c.ID, c.At.Wall = custody.CommandID(uuid.NewString()), r.clock.now()
	if _, err := r.Put(r.t.Context(), []custody.Command{c}); err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outcomes[c.ID]
}

func (r *running) scan(code label.Code, room string, ctx custody.Context) custody.Outcome {
	r.t.Helper()
	return r.do(custody.Command{Kind: custody.Scan, Code: code, Station: custody.StationID("st-" + room), Method: custody.ByQR, With: ctx})
}

// request makes a request to this machine; headers are pairs.
func (r *running) request(method, path, body string, headers ...string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req := httptest.NewRequestWithContext(r.t.Context(), method, path, reader)
	req.Host = "localhost"
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if r.signed != "" && req.Header.Get("Authorization") == "" {
		req.AddCookie(&http.Cookie{Name: gate.Session, Value: r.signed})
	}
	return req
}

func (r *running) serve(req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	return w
}

// call makes a request and serves it.
func (r *running) call(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.serve(r.request(method, path, body, headers...))
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

// scanJSON is the JSON of a scan of a file.
func scanJSON(id string, code label.Code) string {
	return fmt.Sprintf(`{"id":%q,"kind":"scan","code":%q,"method":"qr","at":{"wall":"2026-01-12T04:00:00Z"}}`, id, code)
}
