// Package gate decides who may call, gives every request its principal and its limits,
// and answers what comes to nothing. It is the one way between routes and net/http, and
// the only part that looks at tokens, cookies and addresses.
package gate

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"harkara/internal/custody"
	"harkara/internal/damp"
	"harkara/internal/people"
	"harkara/web/wire"
)

// Directory tells which station's a token is, custody.ErrNotFound for no station's, and
// notes that a station was heard of.
type Directory interface {
	Office(ctx context.Context, at time.Time) (*custody.Office, error)
	Authenticate(ctx context.Context, token string) (custody.StationID, error)
	Heartbeat(ctx context.Context, station custody.StationID, at time.Time) error
}

// Config is what a gate is made of.
type Config struct {
	Directory Directory
	People    *people.Door // nil: nobody signs in here
	// Secure keeps cookies off everything but https: browsers reach the pages by that
	// through a proxy, which a request alone cannot prove.
	Secure bool
	// Open lets anybody read and act who reaches this machine by its own name or
	// address: for the demonstration on loopback.
	Open     bool
	Failures []Failure // the first that fits counts; what fits none is an internal error and goes to the log
	// Page answers a request with a page that says what went wrong.
	Page  func(w http.ResponseWriter, r *http.Request, status int, problem *wire.Problem) error
	Log   *slog.Logger
	Noise *damp.Log // for what a caller can cause to be logged
	Now   func() time.Time
}

// Gate is the one adapter between routes and net/http. It is safe for concurrent use.
type Gate struct {
	Config
	tokens  tokens
	refused refusedCalls
	tries   *tries // of one-time codes
}

// New makes a gate.
func New(c Config) *Gate {
	return &Gate{Config: c, tries: newTries()}
}

// Limits of a request.
const (
	RequestTime = 15 * time.Second
	MaxForm     = 64 << 10 // bytes of a form or of one command
)

// Route makes a handler of what answers those whom a rule lets in within a limit; 0: it
// is a socket, which lives on. Errors are answered here.
func (g *Gate) Route(rule people.Rule, limit time.Duration, answer func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer g.recovered(w, r)
		if limit > 0 {
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			r = r.WithContext(ctx)
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(limit)) // where the connection has one
		}
		r, err := g.admit(rule, r)
		if err == nil {
			err = answer(w, r)
		}
		if err != nil {
			g.Fail(w, r, err)
		}
	})
}

// recovered turns a panic into an answer and a line in the log.
func (g *Gate) recovered(w http.ResponseWriter, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	g.Fail(w, r, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
}

// policy lets a page load nothing from elsewhere, run no script of its text, and
// stand in nobody's frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Guard keeps other sites out of everything that next answers: their forms change
// nothing here, and browsers let their pages have nothing of it.
func Guard(next http.Handler) http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
		guarded.ServeHTTP(w, r)
	})
}
