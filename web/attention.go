package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/board"
	"harkara/web/gate"
)

// Archive is what nobody must act on and somebody may ask for, newest first.
type Archive interface {
	Drawer(ctx context.Context, limit int) ([]Drawn, error)
	Refusals(ctx context.Context, limit int) ([]Refusal, error)
	// RefusedAt is what a station was refused and has not scanned again since.
	RefusedAt(ctx context.Context, station custody.StationID, past time.Duration, limit int) ([]Refused, error)
	Changes(ctx context.Context, limit int) ([]Change, error)
}

// Drawn is what a station sent that no file can take.
type Drawn struct {
	Station  custody.StationID `json:"station"`
	Received time.Time         `json:"received"`
	Reason   string            `json:"reason"`
	Body     []byte            `json:"body"`   // its beginning, beyond the station's quota
	Length   int64             `json:"length"` // of what came, as Digest, which is SHA-256
	Digest   []byte            `json:"digest"`
}

// Refusal is a command that was refused.
type Refusal struct {
	Code     label.Code      `json:"code"`
	Number   string          `json:"number,omitempty"` // of the file; empty: there is none
	Outcome  custody.Outcome `json:"outcome"`
	Received time.Time       `json:"received"`
}

// attention is everything that an administrator should know of beside the files.
type attention struct {
	Quarantined []Stuck            `json:"quarantined"`
	Audit       []Audited          `json:"audit"`
	Untold      []Told             `json:"untold"`
	Calls       []gate.RefusedCall `json:"calls"` // refused by this server since it started
	Refusals    []Refusal          `json:"refusals"`
	Drawer      []Drawn            `json:"drawer"`
	Overdrawn   []Overdrawn        `json:"overdrawn"`
	Changes     []Change           `json:"changes"`
	Examined    []Examination      `json:"examined"`
}

const (
	attentionLines = 50  // of each list, unless more are asked for
	attentionMost  = 500 // of each list
)

// attention reads what waits for a person; custody.ErrNotFound where this server
// keeps no such things.
func (s *Server) attention(r *http.Request) (a attention, err error) {
	if s.Quarantine == nil || s.Archive == nil || s.Notices == nil {
		return a, custody.ErrNotFound
	}
	limit := attentionLines
	if text := r.URL.Query().Get("limit"); text != "" {
		if limit, err = strconv.Atoi(label.Latin(text)); err != nil || limit < 1 {
			return a, fmt.Errorf("%w: limit=%q", gate.ErrMalformed, text)
		}
	}
	limit = min(limit, attentionMost)
	ctx := r.Context()
	if a.Quarantined, err = s.Quarantine.Quarantined(ctx); err != nil {
		return a, err
	}
	if a.Audit, err = s.Quarantine.Audit(ctx, limit); err != nil {
		return a, err
	}
	if a.Untold, err = s.Notices.Untold(ctx, limit); err != nil {
		return a, err
	}
	if a.Refusals, err = s.Archive.Refusals(ctx, limit); err != nil {
		return a, err
	}
	if a.Drawer, err = s.Archive.Drawer(ctx, limit); err != nil {
		return a, err
	}
	if a.Changes, err = s.Archive.Changes(ctx, limit); err != nil {
		return a, err
	}
	if s.Quota != nil {
		if a.Overdrawn, err = s.Quota.Overdrawn(ctx, "", limit); err != nil {
			return a, err
		}
	}
	if s.Judge != nil {
		if a.Examined, err = s.Judge.Examinations(ctx, 2, limit); err != nil {
			return a, err
		}
	}
	a.Calls = s.gate.Refused(limit)
	s.board.Summon(len(a.Quarantined))
	return a, s.discreet(gate.Of(r).Sight.Eyes()).attention(ctx, &a)
}

func (s *Server) attentionJSON(w http.ResponseWriter, r *http.Request) error {
	a, err := s.attention(r)
	if err != nil {
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, a)
}

type attentionPage struct {
	layout
	Sections []string // in their order, of the template attention-NAME
	Done     string   // what freeing a command came to
	Bad      bool
	Backup   backupBar
	Place    string // where the newest backup lies
	Lanes    []laneLine
	Stuck    []stuckLine
	Audit    []auditLine
	Untold   []toldLine
	Calls    []callLine
	Refusals []refusalLine
	Drawer   []drawerLine
	Over     []overdrawnLine
	Changes  []changeLine
	Judged   bool // somebody examines this office
	Examined []examinationLine
	MaxNote  int
	Frees    bool // its reader may free commands
}

// sections are what the page has, in their order: those that say nothing come last.
func (page attentionPage) sections() []string {
	waits := slices.ContainsFunc(page.Lanes, func(l laneLine) bool { return l.Waits })
	var full, empty []string
	for _, s := range []struct {
		name     string
		is, says bool
	}{
		{"backup", page.Backup.State != "", true},
		{"stuck", true, len(page.Stuck)+len(page.Audit) > 0},
		{"lanes", true, waits},
		{"examined", page.Judged, len(page.Examined) > 0},
		{"untold", true, len(page.Untold) > 0},
		{"calls", true, len(page.Calls) > 0},
		{"refusals", true, len(page.Refusals) > 0},
		{"drawer", true, len(page.Drawer)+len(page.Over) > 0},
		{"changes", true, len(page.Changes) > 0},
	} {
		switch {
		case s.is && s.says:
			full = append(full, s.name)
		case s.is:
			empty = append(empty, s.name)
		}
	}
	return append(full, empty...)
}

// laneLine is how late a lane's decisions are.
type laneLine struct {
	Name, What  string
	Waits, Late bool
}

// stuckLine is a quarantined command, worded.
type stuckLine struct {
	ID             custody.CommandID
	Code           label.Code
	Number, Digits string // either names the file
	What           string // the command's kind
	By             string // station or person
	At, Ago        string // when it was stored
	Cause          string
	Tries, Behind  int
	Noted          string
}

type auditLine struct{ At, What, Who, Reason, ID string }

type callLine struct{ At, Why, Addr, Path, Station, Times string }

// refusalLine is a refused command, worded; without a number there is no file.
type refusalLine struct {
	At           string
	Code         label.Code
	Number, What string
}

// Digits are those of its code.
func (l refusalLine) Digits() string { return l.Code.Format() }

type drawerLine struct{ At, Station, Reason, Body, Rest string }

type overdrawnLine struct{ At, Station, What string }

func (s *Server) attentionPage(w http.ResponseWriter, r *http.Request) error {
	a, err := s.attention(r)
	if err != nil {
		return err
	}
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	page := p.attention(a)
	if page.Untold, err = s.toldLines(r.Context(), p, a.Untold); err != nil {
		return err
	}
	page.Judged, page.Frees = s.Judge != nil, p.eyes.Has(people.Administrator)
	newest := s.board.Health().Backup
	page.Backup, page.Place = p.backup(newest), newest.Place
	page.Lanes = p.lanes(s.board.Health().Lanes)
	page.Sections = page.sections()
	page.layout = s.layout(r, "attention.title")
	page.Section, page.Path = "attention", "/attention"
	if done := r.URL.Query().Get("done"); done != "" {
		key := "reason." + done
		if done == waits || done == stuckAgain {
			key = "attention." + done
		}
		if text := p.T(key, 0); text != key { // not any text that an address brings
			page.Done, page.Bad = text, done == stuckAgain
		}
	}
	return s.site.render(w, http.StatusOK, "attention", page)
}

func (p speaker) lanes(lanes custody.Lanes[custody.Waiting]) []laneLine {
	var lines []laneLine
	for lane, of := range lanes {
		line := laneLine{Name: p.T("lane." + custody.LaneNames[lane]), What: p.T("lane.none")}
		if of.Commands > 0 {
			line.Waits, line.What, line.Late = true, p.T("lane.waits", of.Commands, p.ago(of.Since)), lane == int(custody.People) && p.now.Sub(of.Since) > board.Slow
		}
		lines = append(lines, line)
	}
	return lines
}

func (p speaker) attention(a attention) attentionPage {
	page := attentionPage{MaxNote: custody.MaxReason, Examined: p.examinations(a.Examined)}
	for _, c := range a.Quarantined {
		line := stuckLine{
			ID: c.Command.ID, Code: c.File, Number: c.Number, Digits: c.File.Format(), What: p.T("command." + string(c.Command.Kind)), By: p.actor(c.Command.By, ""),
			At: p.clock(c.Received), Ago: p.ago(c.Received),
			Cause: p.T("cause." + c.Cause), Tries: c.Attempts, Behind: c.Behind, Noted: c.Error,
		}
		if c.File == "" {
			line.Digits = p.N("row.grey", 1)
		}
		if c.Command.Station != "" {
			line.By = p.station(c.Command.Station)
		}
		page.Stuck = append(page.Stuck, line)
	}
	for _, l := range a.Audit {
		page.Audit = append(page.Audit, auditLine{p.clock(l.At), p.T("attention.did_" + l.Act), p.actor(l.By, ""), l.Reason, string(l.Command)})
	}
	for _, c := range a.Calls {
		line := callLine{At: p.clock(c.Last), Why: p.T("attention." + c.Why), Addr: c.Addr, Path: c.Path, Times: p.N("attention.times", c.Count)}
		if c.Station != "" {
			line.Station = p.station(c.Station)
		}
		page.Calls = append(page.Calls, line)
	}
	for _, l := range a.Refusals {
		if l.Outcome.Reason == custody.NotRegistered { // it is not that file
			l.Number = ""
		}
		page.Refusals = append(page.Refusals, refusalLine{p.clock(l.Received), l.Code, l.Number, p.reason(l.Outcome.Reason, l.Outcome.Position.Rung)})
	}
	for _, d := range a.Drawer {
		line := drawerLine{At: p.clock(d.Received), Station: p.station(d.Station), Reason: d.Reason, Body: excerpt(d.Body)}
		if d.Length > int64(len(d.Body)) {
			line.Rest = p.T("attention.drawer_short", len(d.Body), d.Length, hex.EncodeToString(d.Digest))
		}
		page.Drawer = append(page.Drawer, line)
	}
	for _, o := range a.Overdrawn {
		page.Over = append(page.Over, overdrawnLine{p.clock(o.Last), p.station(o.Station), p.T("attention.overdrawn", o.Day.UTC().Format(time.DateOnly), o.Whole, o.Short, o.Counted, p.size(o.Bytes))})
	}
	for _, c := range a.Changes {
		page.Changes = append(page.Changes, p.changeLine(c))
	}
	return page
}

// size is a number of bytes as people say it.
func (v voice) size(n int64) string {
	if n < 1<<20 {
		return v.T("size.kb", (n+1023)>>10)
	}
	return v.T("size.mb", fmt.Sprintf("%.1f", float64(n)/(1<<20)))
}

const maxExcerpt = 300 // characters of a record in the drawer that a page shows

// excerpt is the beginning of what a station sent, as text that can be shown.
func excerpt(raw []byte) string {
	text := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) && r != ' ' {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(string(raw), "·"))
	if runes := []rune(text); len(runes) > maxExcerpt {
		return string(runes[:maxExcerpt]) + "…"
	}
	return text
}
