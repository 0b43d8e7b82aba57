package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"io"
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
	Mint   func(context.Context) (label.Code, error)
	Cover  func(paper.Cover) (*image.Gray, error)
	Log    *slog.Logger
}

// Pace of the sample's life.
const (
	step        = 250 * time.Millisecond // between two acts
	offlineFrom = 40 * time.Second       // of every minute and a half one station is cut off
	offlineFor  = 25 * time.Second
	cycle       = 90 * time.Second
	dawdlers    = 6  // one file in so many is dawdled over
	strays      = 40 // one delivery in so many goes to the wrong room
)

// Life moves files about until ctx ends. It reads the board as anybody can, and
// acts only through stations, with what it decodes from photographs of covers.
type Life struct {
	cfg    Config
	random *rand.Rand
	http   *http.Client
	began  time.Time

	// Only Run's goroutine touches these.
	opened map[label.Code]bool // by us, not on the board yet
	spool  map[custody.StationID][]custody.Command
	acted  map[label.Code]time.Time // our last act on a file: the board needs a moment
	covers map[label.Code]*image.Gray
}

// New makes a life.
func New(cfg Config) *Life {
	return &Life{
		cfg: cfg, random: rand.New(rand.NewPCG(1, 2)), http: &http.Client{Timeout: 15 * time.Second}, began: time.Now(),
		opened: map[label.Code]bool{},
		spool:  map[custody.StationID][]custody.Command{}, acted: map[label.Code]time.Time{}, covers: map[label.Code]*image.Gray{},
	}
}

// Run lives until ctx ends.
func (l *Life) Run(ctx context.Context) {
	tick := time.NewTicker(step)
	defer tick.Stop()
	var rows []custody.Row
	for n := 0; ctx.Err() == nil; n++ {
		if n%8 == 0 {
			fresh, err := l.board(ctx)
			if err != nil {
				l.cfg.Log.Debug("board is not read", "err", err)
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
		if l.random.IntN(strays) == 0 {
			room = l.cfg.Office.Rooms[l.random.IntN(len(l.cfg.Office.Rooms))].ID
		}
		return true, l.scan(ctx, row.File, room, custody.Context{})
	case pos.Phase != custody.Held || since < patience:
		return false, nil
	case pos.Room == "b-rec":
		return true, l.post(ctx, "/files/"+string(code)+"/close", "", nil)
	case pos.Next != "":
		return true, l.scan(ctx, row.File, pos.Room, custody.Context{Onward: true})
	default: // done: to the record room, with a runner now and then
		if l.random.IntN(4) == 0 {
			return true, l.scan(ctx, row.File, pos.Room, custody.Context{Runner: l.runner()})
		}
		rec, _ := l.cfg.Office.DeskByID("rec-0")
		return true, l.scan(ctx, row.File, pos.Room, custody.Context{Desk: rec.Code})
	}
}

func (l *Life) runner() label.Code {
	for _, o := range l.cfg.Office.Officers {
		if o.Role == custody.RoleRunner {
			return o.Code
		}
	}
	return ""
}

// scan photographs the cover, decodes the photograph, and sends what was read.
func (l *Life) scan(ctx context.Context, file custody.File, room custody.RoomID, card custody.Context) error {
	code := file.Code
	cover, ok := l.covers[code]
	if !ok {
		var err error
		if cover, err = l.cfg.Cover(paper.Cover{Code: code, Number: file.Number, Subject: file.Subject, Opened: file.Opened}); err != nil {
			return fmt.Errorf("draw cover of %s: %w", code, err)
		}
		l.covers[code] = cover
	}
	var read []decode.Symbol
	for tries := 0; len(read) == 0; tries++ {
		if tries == 5 {
			return fmt.Errorf("cover of %s cannot be read", code)
		}
		read = decode.All(decode.FromImage(photograph(cover, l.random))).Symbols
	}
	got, err := label.Check(read[0].Text)
	if err != nil {
		return fmt.Errorf("read %q: %w", read[0].Text, err)
	}
	method := custody.ByQR
	if read[0].Format == "CODE_128" {
		method = custody.ByCode128
	}
	return l.send(ctx, custody.Command{
		ID: custody.CommandID(uuid.NewString()), Kind: custody.Scan, Code: got, Station: StationOf(room), Method: method,
		At: custody.Stamp{Wall: time.Now().UTC()}, Context: card,
	})
}

// offline reports whether a station is cut off now: one at a time, in turn.
func (l *Life) offline(station custody.StationID) bool {
	since := time.Since(l.began)
	in := since % cycle
	stations := l.cfg.Office.Stations
	cut := stations[int(since/cycle*7)%len(stations)].ID
	return station == cut && in >= offlineFrom && in < offlineFrom+offlineFor
}

// send posts a command, or keeps it while its station is cut off.
func (l *Life) send(ctx context.Context, c custody.Command) error {
	l.acted[c.Code] = time.Now()
	if l.offline(c.Station) {
		l.spool[c.Station] = append(l.spool[c.Station], c)
		return nil
	}
	return l.post(ctx, "/api/v1/scans", l.cfg.Token(c.Station), c)
}

// catchUp sends what stations kept while they were cut off, in order.
func (l *Life) catchUp(ctx context.Context) error {
	for station, kept := range l.spool {
		if len(kept) == 0 || l.offline(station) {
			continue
		}
		if err := l.post(ctx, "/api/v1/scans", l.cfg.Token(station), kept); err != nil {
			return err
		}
		delete(l.spool, station)
	}
	return nil
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
		Opening: &custody.Opening{
			Number:  fmt.Sprintf("No.%s(%d)%d/2026", route.Department, 1+l.random.IntN(9), 100+l.random.IntN(900)),
			Subject: subjects[l.random.IntN(len(subjects))], Department: route.Department, Route: route.ID,
		},
	})
}

func (l *Life) board(ctx context.Context) ([]custody.Row, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.cfg.Base+"/api/v1/board", nil)
	if err != nil {
		return nil, err
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var b struct {
		Files []custody.Row `json:"files"`
	}
	return b.Files, json.NewDecoder(resp.Body).Decode(&b)
}

func (l *Life) post(ctx context.Context, path, token string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.cfg.Base+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s: %s: %s", path, resp.Status, answer)
	}
	return nil
}
