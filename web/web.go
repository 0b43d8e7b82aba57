// Package web is everything that speaks HTTP: stations' scans, pages, the live
// feed. It knows neither the database nor the workflow engine: what it needs it
// declares here, and is given.
package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Intake stores commands and tells what they came to.
type Intake interface {
	Put(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error)
	ToDrawer(ctx context.Context, station custody.StationID, raw []byte, reason string) error
	Await(ctx context.Context, id custody.CommandID) (custody.Outcome, error)
	Mint(ctx context.Context, kind label.Kind) (label.Code, error)
}

// Registry says where files are.
type Registry interface {
	Board(ctx context.Context) (rows []custody.Row, seq int64, err error)
	File(ctx context.Context, code label.Code) (custody.Row, error)
	Entries(ctx context.Context, code label.Code) ([][]byte, error)
	Backlog(ctx context.Context) (n int, oldest time.Time, err error)
}

// Feed tells what changed.
type Feed interface {
	Feed(ctx context.Context, after int64, limit int) ([]custody.Event, error)
	Watch() (changed <-chan struct{}, stop func())
}

// Directory knows the office and its stations.
type Directory interface {
	Office(ctx context.Context, at time.Time) (*custody.Office, error)
	Authenticate(ctx context.Context, token string) (custody.StationID, error)
	Heartbeat(ctx context.Context, station custody.StationID, at time.Time) error
}

// Config is what a server is made of.
type Config struct {
	Intake    Intake
	Registry  Registry
	Feed      Feed
	Directory Directory
	Log       *slog.Logger
	// Open lets anybody read and act: for the demonstration on loopback only.
	Open bool
	// StationToken gives a station's token to its kiosk page, in the demonstration.
	StationToken func(custody.StationID) string
}

// Server serves pages and API. Run its hub while it serves.
type Server struct {
	Config
	pages *pages
	hub   *hub
	epoch string // of this process's feed ring
}

// New makes a server.
func New(c Config) (*Server, error) {
	pages, err := loadPages()
	if err != nil {
		return nil, err
	}
	s := &Server{Config: c, pages: pages, epoch: rand.Text()[:8]}
	s.hub = newHub(s)
	return s, nil
}

// Run keeps the live feed going until ctx ends.
func (s *Server) Run(ctx context.Context) { s.hub.run(ctx) }

// access says who may call a route.
type access int

const (
	anyone  access = iota
	reader         // an administrator, or anybody where the server is open
	station        // a station's token
)

// routes is every route with who may call it.
func (s *Server) routes() []route {
	return []route{
		{"GET /{$}", reader, s.boardPage},
		{"GET /files/{code}", reader, s.filePage},
		{"GET /files/{code}/{cover}", reader, s.cover},
		{"POST /files/{code}/{act}", reader, s.act},
		{"GET /rooms", reader, s.roomsPage},
		{"GET /rooms/{room}", reader, s.roomPage},
		{"GET /open", reader, s.openPage},
		{"POST /open", reader, s.openFile},
		{"GET /kiosk", anyone, s.kioskPage},
		{"GET /login", anyone, s.loginPage},
		{"POST /login", anyone, s.login},
		{"GET /language/{tag}", anyone, s.language},
		{"GET /static/{name}", anyone, s.static},
		{"GET /healthz", anyone, s.health},
		{"POST /api/v1/scans", station, s.scans},
		{"POST /api/v1/images", station, s.images},
		{"GET /api/v1/station", station, s.stationView},
		{"GET /api/v1/board", reader, s.boardJSON},
		{"GET /api/v1/rooms", reader, s.roomsJSON},
		{"POST /api/v1/files", reader, s.openJSON},
		{"GET /api/v1/files/{code}", reader, s.fileJSON},
		{"GET /api/v1/files/{code}/entries", reader, s.entriesJSON},
		{"GET /api/v1/live", reader, s.live},
	}
}

type route struct {
	pattern string
	access  access
	handle  func(http.ResponseWriter, *http.Request) error
}

// Handler returns the server's routes, each behind its access, under headers that
// let a page load nothing from elsewhere.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.guard(r))
	}
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		guarded.ServeHTTP(w, r)
	})
}
