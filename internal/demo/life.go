package demo

import (
	"context"
	"fmt"
	"image"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
	"harkara/scanner/decode"
)

// Config is what the life of the sample needs of a running office.
type Config struct {
	Base   string // http://host:port
	Office custody.Office
	Files  int
	Token  func(custody.StationID) string
	Reader string // token that reads the board and closes files; empty where anybody may
	Mint   func(context.Context) (label.Code, error)
	Cover  func(paper.Cover) (*image.Gray, error)
	Log    *slog.Logger
}

// Pace of the sample's life.
const (
	step        = 125 * time.Millisecond // between two acts
	offlineFrom = 20 * time.Second       // of every minute one station is cut off
	offlineFor  = 20 * time.Second
	cycle       = time.Minute
	dawdlers    = 6  // one file in so many is dawdled over
	strays      = 40 // one delivery in so many goes to the wrong room
	couriers    = 4  // one file in so many goes to the record room with a runner
	closedDoors = 30 // one delivery in so many finds nobody, and comes back
	detours     = 6  // one stay in so many does not end with the next stop
	badges      = 3  // one read in so many comes after somebody's badge
)

// recordRoom keeps what has passed its route.
const (
	recordRoom custody.RoomID = "b-rec"
	recordDesk custody.DeskID = "rec-0"
)

// Life moves files about until ctx ends. It reads the board as anybody can and acts
// through stations, with what it decodes from photographs of covers; only files that
// have ended are closed as from their page.
type Life struct {
	cfg    Config
	random *rand.Rand
	http   *http.Client
	eye    *decode.Reader
	began  time.Time

	// Only Run's goroutine touches these.
	opened map[label.Code]bool // by us, not on the board yet
	cut    custody.StationID   // which is cut off now
	spool  map[custody.StationID][]custody.Command
	acted  map[label.Code]time.Time // our last act on an open file: the board needs a moment
}

// New makes a life.
func New(cfg Config) *Life {
	return &Life{
		cfg: cfg, random: rand.New(rand.NewPCG(1, 2)), http: &http.Client{Timeout: 15 * time.Second}, eye: decode.New(), began: time.Now(),
		opened: map[label.Code]bool{}, spool: map[custody.StationID][]custody.Command{}, acted: map[label.Code]time.Time{},
	}
}

// Run lives until ctx ends.
func (l *Life) Run(ctx context.Context) {
	tick := time.NewTicker(step)
	defer tick.Stop()
	var rows []custody.Row
	for n := 0; ctx.Err() == nil; n++ {
		if n%16 == 0 {
			fresh, err := l.board(ctx)
			if err != nil {
				l.cfg.Log.Warn("sample stands still: board is not read", "err", err)
			} else {
				rows = fresh
			}
		}
		if err := l.turn(ctx, rows); err != nil && ctx.Err() == nil {
			l.cfg.Log.Debug("a turn failed", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// turn is one act: send what an absent station kept, open a file where there are
// too few, or move one that is ripe.
func (l *Life) turn(ctx context.Context, rows []custody.Row) error {
	l.cutOff(rows)
	if err := l.catchUp(ctx); err != nil {
		return err
	}
	for _, row := range rows {
		delete(l.opened, row.File.Code)
	}
	for range min(4, l.cfg.Files-len(rows)-len(l.opened)) {
		if err := l.open(ctx); err != nil {
			return err
		}
	}
	for range 20 {
		if len(rows) == 0 {
			return nil
		}
		row := rows[l.random.IntN(len(rows))]
		if time.Since(l.acted[row.File.Code]) < 3*time.Second {
			continue
		}
		if moved, err := l.move(ctx, row); moved || err != nil {
			return err
		}
	}
	return nil
}

// move does what is next for a file, if its time has come.
func (l *Life) move(ctx context.Context, row custody.Row) (bool, error) {
	pos, code := row.Position, row.File.Code
	since := custody.SecondsOf(time.Since(pos.Since))
	patience := pos.Budget * custody.Seconds(30+l.random.IntN(50)) / 100
	if code[5]%dawdlers == 0 {
		patience = pos.Budget * 17 / 10
	}
	switch {
	case pos.Phase == custody.Transit:
		if since < custody.Seconds(2+l.random.IntN(8)) {
			return false, nil
		}
		room := pos.ToRoom
		if room == "" {
			room = recordRoom // a runner has it whom nobody told where to
		}
		if l.random.IntN(closedDoors) == 0 {
			return true, l.read(ctx, row.File, pos.Room, custody.BackHere, custody.Undelivered{Why: l.reason("locked")})
		}
		if l.random.IntN(strays) == 0 {
			room = l.cfg.Office.Rooms[l.random.IntN(len(l.cfg.Office.Rooms))].ID
		}
		return true, l.scan(ctx, row.File, room, custody.Context{})
	case pos.Waits():
		if since < custody.Seconds(10+l.random.IntN(20)) {
			return false, nil
		}
		return true, l.read(ctx, row.File, pos.Room, custody.Resume, nil)
	case pos.Phase != custody.Held || since < patience:
		return false, nil
	case pos.Room == recordRoom:
		return true, l.close(ctx, code)
	case pos.Next != "":
		if l.random.IntN(detours) == 0 {
			return true, l.detour(ctx, row)
		}
		return true, l.scan(ctx, row.File, pos.Room, custody.Context{Onward: true})
	default: // done: to the record room, with a runner now and then
		if l.random.IntN(couriers) == 0 {
			return true, l.scan(ctx, row.File, pos.Room, custody.Context{Runner: l.runner()})
		}
		rec, _ := l.cfg.Office.DeskByID(recordDesk)
		return true, l.scan(ctx, row.File, pos.Room, custody.Context{Desk: rec.Code})
	}
}

// close ends a file for good.
func (l *Life) close(ctx context.Context, code label.Code) error {
	delete(l.acted, code)
	return l.post(ctx, "/api/v1/files/"+string(code)+"/close", l.cfg.Reader, map[string]string{"reason": "disposed of"})
}

func (l *Life) runner() label.Code {
	for _, o := range l.cfg.Office.Officers {
		if o.Role == custody.RoleRunner {
			return o.Code
		}
	}
	return ""
}

var subjects = []string{
	"Release of funds for repair of the district headquarters hospital", "تبادلہ و تقرری برائے اساتذہ", "Purchase of furniture for the committee room",
	"پنشن کے بقایا جات کی ادائیگی", "Construction of a check dam at Hanna Urak", "امن و امان کی صورت حال پر رپورٹ",
	"Sanction of medical reimbursement", "گاڑیوں کی مرمت کے لیے فنڈز", "Draft reply to Assembly Question No. 214", "ٹیوب ویلوں کی شمسی توانائی پر منتقلی",
}

// open begins a file at its department's R&I branch, as its clerk would.
func (l *Life) open(ctx context.Context) error {
	code, err := l.cfg.Mint(ctx)
	if err != nil {
		return err
	}
	l.opened[code] = true
	route := l.cfg.Office.Routes[l.random.IntN(len(l.cfg.Office.Routes))]
	desk, _ := l.cfg.Office.DeskByID(route.Stops[0].Desk)
	return l.send(ctx, custody.Command{
		ID: custody.CommandID(uuid.NewString()), Kind: custody.Open, Code: code, Station: StationOf(desk.Room), Method: custody.ByQR,
		At: custody.Stamp{Wall: time.Now().UTC()},
		With: custody.Opening{
			Number:  fmt.Sprintf("No.%s(%d)%d/2026", route.Department, 1+l.random.IntN(9), 100+l.random.IntN(900)),
			Subject: subjects[l.random.IntN(len(subjects))], Department: route.Department, Route: route.ID,
		},
	})
}
