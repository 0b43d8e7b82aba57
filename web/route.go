package web

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"harkara/web/kiosk"
)

// access says who may call a route.
type access int

const (
	anyone      access = iota
	reader             // an administrator; in the demonstration anybody on this machine
	station            // a station's token
	stationForm        // the same in a form of its kiosk
)

// route is a pattern, who may call it, and what answers.
type route struct {
	pattern string
	access  access
	handle  func(http.ResponseWriter, *http.Request) error
}

// routes is every route. What is not named here, and no file of the assets, does
// not exist.
func (s *Server) routes() []route {
	return []route{
		{"GET /{$}", reader, s.boardPage},
		{"GET /rooms", reader, s.roomsPage},
		{"GET /rooms/{room}", reader, s.roomPage},
		{"GET /officers/{officer}", reader, s.officerPage},
		{"GET /open", reader, s.openPage},
		{"POST /open", reader, s.openForm},
		{"GET /files/{code}", reader, s.filePage},
		{"GET /files/{code}/{cover}", reader, s.cover},
		{"POST /files/{code}/{act}", reader, s.actForm},
		{"GET /attention", reader, s.attentionPage},
		{"POST /attention/{id}/{act}", reader, s.freeForm},

		{"GET " + kiosk.Path, anyone, s.kioskPage},
		{"GET " + kiosk.WorkerPath, anyone, s.kioskWorker},
		{"POST /kiosk/register", stationForm, s.registerPage},
		{"POST /kiosk/open", stationForm, s.registerForm},
		{"GET /login", anyone, s.loginPage},
		{"POST /login", anyone, s.login},
		{"POST /logout", anyone, s.logout},
		{"POST /language", anyone, s.chooseLanguage},
		{"GET /font/{name}", anyone, s.font},
		{"GET /healthz", anyone, s.health},

		{"POST /api/v1/scans", station, s.scans},
		{"POST /api/v1/images", station, s.images},
		{"GET /api/v1/station", station, s.stationView},
		{"GET /api/v1/frames", station, s.frames},

		{"GET /api/v1/office", anyone, s.prove},
		{"POST /api/v1/enrol", anyone, s.enrol},
		{"POST /api/v1/stations/{station}/invitation", reader, s.invite},

		{"GET /api/v1/board", reader, s.boardJSON},
		{"GET /api/v1/rooms", reader, s.roomsJSON},
		{"GET /api/v1/rooms/{room}", reader, s.roomJSON},
		{"GET /api/v1/reference", reader, s.referenceJSON},
		{"POST /api/v1/labels", reader, s.labelsJSON},
		{"POST /api/v1/files", reader, s.openJSON},
		{"GET /api/v1/files/{code}", reader, s.fileJSON},
		{"GET /api/v1/files/{code}/entries", reader, s.entriesJSON},
		{"POST /api/v1/files/{code}/{act}", reader, s.actJSON},
		{"GET /api/v1/attention", reader, s.attentionJSON},
		{"POST /api/v1/quarantine/{id}/{act}", reader, s.freeJSON},
		{"GET /api/v1/live", reader, s.socket},
	}
}

// Limits of a request. A picture over a slow line takes longer than a command.
const (
	requestTime = 15 * time.Second
	uploadTime  = 90 * time.Second
	maxForm     = 64 << 10 // bytes of a form or of one command
)

// admitted is the one adapter between routes and net/http: who may, how long, and
// what an error is answered with.
func (s *Server) admitted(route route) http.Handler {
	limit := requestTime
	if route.pattern == "POST /api/v1/images" {
		limit = uploadTime
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.recovered(w, r)
		if route.pattern != "GET /api/v1/live" && route.pattern != "GET /api/v1/frames" { // a socket lives on
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			r = r.WithContext(ctx)
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(limit)) // where the connection has one
		}
		r, err := s.admit(route.access, r)
		if err == nil {
			err = route.handle(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

// recovered turns a panic into an answer and a line in the log.
func (s *Server) recovered(w http.ResponseWriter, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	s.fail(w, r, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
}

// policy lets a page load nothing from elsewhere, run no script of its text, and
// stand in nobody's frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}
