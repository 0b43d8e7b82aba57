package web

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/board"
	"harkara/web/gate"
)

type boardPage struct {
	layout
	Scope       liveScopeOf
	Banner      banner
	Backup      backupBar
	Totals      []total
	Departments []choice
	Table       table
	Closed      *table // that a search finds too; nil: none
	More        more
	Floors      []floor
	Found       bool // a search is on
	Clear       string
	Sheet       string // the list for a spreadsheet
}

// liveScopeOf is what a page's script needs to go on from the first paint.
type liveScopeOf struct {
	Socket string
	Seq    int64
	Now    int64 // Unix milliseconds of the server
	AsOf   int64
}

func (s *Server) liveScopeOf(sc board.Scope, st board.State) liveScopeOf {
	return liveScopeOf{Socket: sc.Socket(), Seq: st.Seq, Now: s.Now().UnixMilli(), AsOf: st.AsOf.UnixMilli()}
}

// choice is one option of a filter or a form.
type choice struct {
	ID, Name string
	Current  bool
}

func (s *Server) boardPage(w http.ResponseWriter, r *http.Request) error {
	sc, err := board.BoardScope(r.URL.Query())
	if err != nil {
		return err
	}
	if page := s.scanned(r.Context(), gate.Of(r).Sight.Eyes(), sc.Search); page != "" {
		http.Redirect(w, r, page, http.StatusSeeOther)
		return nil
	}
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	if err != nil {
		return err
	}
	k := board.KeyOf(r, sc)
	r = r.WithContext(context.WithoutCancel(r.Context())) // others wait for the same page
	return s.kept(w, r, k, st, func() ([]byte, error) {
		p, err := s.speaker(r.Context(), k.Lang, k.Sight)
		if err != nil {
			return nil, err
		}
		page := boardPage{
			layout: s.layout(r, "board.title"), Scope: s.liveScopeOf(sc, st), Banner: p.banner(st.Health), Backup: p.backup(st.Health.Backup),
			Totals: p.totals(sc, st.Totals(sc)), Floors: p.floors(st.Crowds()), Found: sc.Search != "",
		}
		page.Path, page.Section, page.Search = sc.Address(), "board", sc.Search
		page.Clear = board.Scope{View: board.OnBoard, Show: sc.Show, Department: sc.Department}.Address()
		page.Sheet = "/files.csv" + strings.TrimPrefix(sc.At(1).Address(), "/")
		page.More = p.more(sc, page.Totals)
		page.Departments = p.departments(sc.Department)
		page.Table = p.table(sc, st.Outlook, "rows")
		if page.Closed, err = s.closedTable(r.Context(), p, sc); err != nil {
			return nil, err
		}
		return s.site.page("board", page)
	})
}

// Closed finds files that are closed.
type Closed interface {
	Closed(ctx context.Context, words []string, limit int) ([]custody.Row, error)
}

// shownClosed bounds the closed files of a search, of which the best come first.
const shownClosed = 100

// closed is what a search finds among closed files that its reader sees, at most so many;
// none where nothing is searched for, or open files alone are asked for.
func (s *Server) closed(ctx context.Context, p speaker, sc board.Scope, most int) ([]custody.Row, error) {
	words := sc.Words()
	if s.Closed == nil || len(words) == 0 || sc.Page > 0 || sc.Show != "all" {
		return nil, nil
	}
	among := most
	if !p.eyes.Wide() { // among others' that are not for him
		among *= 10
	}
	found, err := s.Closed.Closed(ctx, words, among)
	found = slices.DeleteFunc(found, func(r custody.Row) bool {
		return sc.Department != "" && r.File.Department != sc.Department || p.eyes.See(&r) != people.Whole
	})
	return found[:min(most, len(found))], err
}

// closedTable is the same for a page: nil where there are none, or the ledger does not
// answer soon, which the board says. Errors: none but the caller's.
func (s *Server) closedTable(ctx context.Context, p speaker, sc board.Scope) (*table, error) {
	within, cancel := context.WithTimeout(ctx, board.Brief)
	defer cancel()
	found, err := s.closed(within, p, sc, shownClosed)
	if err != nil {
		s.noise.Warn("closed files are not searched", "closed files are not searched", "err", err)
		return nil, ctx.Err()
	}
	if len(found) == 0 {
		return nil, nil
	}
	t := &table{voice: p.voice, List: "closed", Limit: shownClosed}
	for i := range found {
		t.Rows = append(t.Rows, p.row(&found[i], t.List))
	}
	return t, nil
}

// scanned is the page of the file whose cover was scanned into the search, an old one
// too; empty: it is a search.
func (s *Server) scanned(ctx context.Context, eyes *people.Eyes, search string) (page string) {
	search = custody.Plain(search)
	if code, err := label.Parse(search); err == nil && code.Kind() == label.File {
		return "/files/" + string(code)
	}
	old, err := label.Foreign(search)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, board.Brief)
	defer cancel()
	file, err := s.file(ctx, eyes, old)
	if err != nil {
		return "" // of no file; where the ledger is away the board says so
	}
	return "/files/" + string(file.File.Code)
}

// table is a list of files on a page.
type table struct {
	voice
	List  string
	Limit int // rows that the page keeps
	Rows  []row
	Greys []greyRow
}

// greyRow is files of which no more is told than that they are there.
type greyRow struct {
	Class, Badge string
	What         string
	From, To     place
	Transit      bool
}

// greys words those of one list of a scope.
func (p speaker) greys(sc board.Scope, o *board.Outlook, name string) []greyRow {
	var out []greyRow
	for _, g := range o.Greys(sc, name) {
		row := greyRow{Class: string(g.Class), Badge: p.T("badge." + string(g.Class)), What: p.N("row.grey", g.Count), From: p.place(g.Room), Transit: g.Transit}
		if g.ToRoom != "" {
			row.To = p.place(g.ToRoom)
		}
		out = append(out, row)
	}
	return out
}

// table words the first rows of one list of a scope.
func (p speaker) table(sc board.Scope, o *board.Outlook, name string) table {
	t := table{voice: p.voice, List: name, Limit: board.ShownRows, Greys: p.greys(sc, o, name)}
	for _, f := range o.First(sc, name, board.ShownRows) {
		row := p.row(f, name)
		row.Due.Order = sc.Order(f)
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (p speaker) departments(current custody.DepartmentID) []choice {
	var list []choice
	for _, d := range p.office.Departments {
		if p.eyes.Department(d.ID) {
			list = append(list, choice{string(d.ID), p.named(d.Name), d.ID == current})
		}
	}
	return list
}

// boardJSON is every open file with the feed number at which that is true.
func (s *Server) boardJSON(w http.ResponseWriter, r *http.Request) error {
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	if err != nil {
		return err
	}
	tag := fmt.Sprintf(`"%s-%x-%d"`, s.epoch, sha256.Sum256([]byte(gate.Of(r).Sight.String())), st.Edition)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	rows := make([]*custody.Row, 0, st.Len())
	for row := range st.Rows() {
		rows = append(rows, row)
	}
	return gate.WriteJSON(w, http.StatusOK, map[string]any{"seq": st.Seq, "as_of": st.AsOf, "files": rows, "grey": append([]board.Grey{}, st.Greys(board.Scope{View: board.OnBoard, Show: "all"}, "rows")...)})
}

// total is one filter with how many files fit it.
type total struct {
	voice
	Name, Label, Href string
	Count, Grey       int
	Current           bool
}

// totals words what was counted for a board's scope, filter by filter.
func (p speaker) totals(sc board.Scope, counted []board.Total) []total {
	out := make([]total, len(counted))
	for i, c := range counted {
		to := sc.At(1)
		to.Show = c.Name
		out[i] = total{voice: p.voice, Name: c.Name, Label: p.T("board." + c.Name), Href: to.Address(), Count: c.Count, Grey: c.Grey, Current: c.Name == sc.Show}
	}
	return out
}

// All is how many there are, also of those of which no more is told.
func (t total) All() int { return t.Count + t.Grey }

// more is the way through a list that a page does not show whole.
type more struct {
	voice
	Text           string // which of how many; empty: all are there
	Before, Behind string // addresses
	Still          bool   // it stands as it was loaded
}

func (p speaker) more(sc board.Scope, totals []total) more {
	m := more{voice: p.voice, Still: sc.Page > 0}
	page := max(sc.Page, 1)
	for _, n := range totals {
		if !n.Current || n.Count <= board.ShownRows && page == 1 {
			continue
		}
		from := (page - 1) * board.ShownRows
		m.Text = p.T("board.part", min(from+1, n.Count), min(from+board.ShownRows, n.Count), n.Count)
		if page > 1 {
			m.Before = sc.At(page - 1).Address()
		}
		if from+board.ShownRows < n.Count {
			m.Behind = sc.At(page + 1).Address()
		}
	}
	return m
}
