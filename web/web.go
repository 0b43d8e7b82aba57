// Package web is everything that speaks HTTP: stations' scans, pages, the live
// feed. It knows neither the database nor the workflow engine: what it needs it
// declares here, and is given.
package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/internal/damp"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/asset"
	"harkara/web/board"
	"harkara/web/gate"
	"harkara/web/kiosk"
)

// Intake stores commands and tells what they came to. Put is the promise: once it
// returns without error the commands cannot be lost.
type Intake interface {
	Put(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error)
	ToDrawer(ctx context.Context, station custody.StationID, raw []byte, reason string) (whole bool, err error)
	Await(ctx context.Context, id custody.CommandID) (custody.Outcome, error)
	Mint(ctx context.Context, kind label.Kind) (label.Code, error)
}

// Commands remembers what was stored, and knows whether a number that is given is one
// more: Command's error is custody.ErrNotFound, PutNamed's a custody.NumberTaken where
// another file has the number and the command has no yes to that; then nothing is stored.
type Commands interface {
	Command(ctx context.Context, id custody.CommandID) (custody.Command, error)
	PutNamed(ctx context.Context, c custody.Command, lane custody.Lane) (custody.Receipt, error)
	Numbered(ctx context.Context, number string) ([]custody.Row, error)
	Alike(ctx context.Context, subject string, department custody.DepartmentID) ([]custody.Row, error)
}

// Registry says where files are and what they are called; a row has no subject where the
// file is not open to everybody. A file is found by every code that it was given. Words is
// what people typed into a file's commands: its entries have digests of it.
type Registry interface {
	board.Registry
	File(ctx context.Context, code label.Code) (custody.Row, error)
	Entries(ctx context.Context, code label.Code) ([][]byte, error)
	Words(ctx context.Context, code label.Code) (map[custody.CommandID]custody.Words, error)
}

// Directory knows the office and its stations.
type Directory interface {
	Office(ctx context.Context, at time.Time) (*custody.Office, error)
	Authenticate(ctx context.Context, token string) (custody.StationID, error)
	Heartbeat(ctx context.Context, station custody.StationID, at time.Time) error
	Heartbeats(ctx context.Context) (map[custody.StationID]time.Time, error)
}

// Config is what a server is made of. Intake, Commands, Registry, Feed and Directory
// are needed; one store may be all of them.
type Config struct {
	Intake    Intake
	Commands  Commands
	Registry  Registry
	Feed      board.Feed
	Directory Directory
	Seal      Seal         // nil: this server cannot prove whose it is
	Enrolment Enrolment    // nil: no machine becomes a station here
	People    people.Store // nil: nobody signs in here
	// Quarantine, Archive and Notices are what an administrator looks after. Without
	// one of them there is no page for that.
	Quarantine Quarantine
	Archive    Archive
	Notices    Notices
	// Establishment changes who is in which post; nil: that is not done here.
	Establishment Establishment
	Closed        Closed                          // nil: closed files are not searched here
	Backups       Backups                         // nil: nothing is known of them here
	Judge         Judge                           // of files; nil: nobody judges here
	Quota         Quota                           // of the drawer; nil: not known here
	Room          func() (free int64, known bool) // on the ledger's disk, in bytes; nil: not known here
	Decides       func() error                    // whether the workflow engine answers; nil: not known here
	// Addresses are where stations find the office, as they are told when they
	// enrol. Where there are any it proves itself under no other name.
	Addresses []string
	// Secure keeps cookies off everything but https: browsers reach the pages by that,
	// through a proxy.
	Secure bool
	Log    *slog.Logger // nil: nothing is logged
	// Open lets anybody read and act who reaches this machine by its own name or
	// address: for the demonstration on loopback.
	Open bool
	// StationToken gives a station's token to its kiosk page, in the demonstration.
	StationToken func(custody.StationID) string
	Now          func() time.Time // nil: the machine's clock
}

// Server serves pages and API. Run it while its Handler serves.
type Server struct {
	Config
	site  *site
	gate  *gate.Gate
	kiosk *kiosk.Kiosk
	board *board.Board
	door  *people.Door // nil: nobody signs in here
	epoch string       // of this process: tells its ETags from another's

	pages   keptPages
	reading *reading
	storing *storing  // Intake
	noise   *damp.Log // what a caller can cause to be logged
}

// New makes a server.
func New(c Config) (*Server, error) {
	if c.Intake == nil || c.Commands == nil || c.Registry == nil || c.Feed == nil || c.Directory == nil {
		return nil, fmt.Errorf("make web server: a part of the configuration is missing")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	site, err := newSite()
	if err != nil {
		return nil, fmt.Errorf("make web server: %w", err)
	}
	station, err := kiosk.New()
	if err != nil {
		return nil, fmt.Errorf("make web server: %w", err)
	}
	stores := &storing{Intake: c.Intake, now: c.Now, room: c.Room}
	c.Intake = stores
	s := &Server{Config: c, storing: stores, site: site, kiosk: station, epoch: rand.Text()[:8], reading: newReading(), noise: damp.New(c.Log, c.Now)}
	if c.People != nil {
		s.door = people.NewDoor(c.People, c.Now)
	}
	s.gate = gate.New(gate.Config{Directory: c.Directory, People: s.door, Secure: c.Secure, Open: c.Open, Failures: failures, Page: s.failed, Log: c.Log, Noise: s.noise, Now: c.Now})
	s.board = board.New(board.Config{Registry: c.Registry, Feed: c.Feed, Pages: painter{s}, Stuck: s.quarantined, Backup: s.newestBackup, Storage: stores.state, Decides: s.decides, Log: c.Log, Now: c.Now})
	for _, r := range s.routes() {
		if !r.rule.Stands() {
			return nil, fmt.Errorf("make web server: nobody says who may call %s", r.pattern)
		}
	}
	return s, nil
}

// Run keeps positions and the live feed going until ctx ends, then lets every
// socket go.
func (s *Server) Run(ctx context.Context) {
	var telling sync.WaitGroup
	telling.Go(func() { s.noise.Run(ctx) })
	s.board.Run(ctx)
	telling.Wait()
}

// quarantined counts what waits for an administrator.
func (s *Server) quarantined(ctx context.Context) (int, error) {
	if s.Quarantine == nil {
		return 0, nil
	}
	stuck, err := s.Quarantine.Quarantined(ctx)
	return len(stuck), err
}

// ErrStarting is what Config.Decides says of an engine that is not up yet and may be at
// any moment.
var ErrStarting = board.ErrStarting

// decides is whether the engine answers, where that is known.
func (s *Server) decides() error {
	if s.Decides == nil {
		return nil
	}
	return s.Decides()
}

// assets is where scripts, styles and pictures are served.
func (s *Server) assets() *asset.Set { return s.site.assets }

// Handler returns the server's routes.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.Handle(r.pattern, s.gate.Route(r.rule, r.limit(), r.handle))
	}
	mux.Handle("GET /static/", s.assets())
	mux.Handle("GET "+kiosk.AssetPath, s.kiosk.Assets())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.gate.Fail(w, r, custody.ErrNotFound) })
	return gate.Guard(mux)
}
