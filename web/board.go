package web

import (
	"context"
	"fmt"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
)

// shownRows bounds the rows of one page: more cost the browser more than a reader
// gains. Filters narrow them.
const shownRows = 300

type boardPage struct {
	layout
	Scope       liveScopeOf
	Banner      banner
	Totals      []total
	Departments []choice
	Table       table
	More        more
	Floors      []floor
	Found       bool // a search is on
	Clear       string
}

// liveScopeOf is what a page's script needs to go on from the first paint.
type liveScopeOf struct {
	Socket string
	Seq    int64
	Now    int64 // Unix milliseconds of the server
	AsOf   int64
}

func (s *Server) liveScopeOf(sc scope, st state) liveScopeOf {
	return liveScopeOf{Socket: sc.socket(), Seq: st.seq, Now: s.Now().UnixMilli(), AsOf: st.asOf.UnixMilli()}
}

// choice is one option of a filter or a form.
type choice struct {
	ID, Name string
	Current  bool
}

func (s *Server) boardPage(w http.ResponseWriter, r *http.Request) error {
	sc, err := boardScope(r.URL.Query())
	if err != nil {
		return err
	}
	if page := s.scanned(r.Context(), sc.search); page != "" {
		http.Redirect(w, r, page, http.StatusSeeOther)
		return nil
	}
	st, err := s.live.latest(r.Context())
	if err != nil {
		return err
	}
	k := keyOf(r, sc)
	r = r.WithContext(context.WithoutCancel(r.Context())) // others wait for the same page
	return s.kept(w, r, k, st, func() ([]byte, error) {
		p, err := s.speaker(r.Context(), k.lang)
		if err != nil {
			return nil, err
		}
		page := boardPage{
			layout: s.layout(r, "board.title"), Scope: s.liveScopeOf(sc, st), Banner: p.banner(st.health),
			Totals: p.totals(sc, st.counted(sc.question())), Floors: p.floors(st.crowds), Found: sc.search != "",
		}
		page.Path, page.Section, page.Search = sc.board(), "board", sc.search
		page.Clear = scope{view: onBoard, show: sc.show, department: sc.department}.board()
		page.More = p.more(page.Totals)
		page.Departments = p.departments(sc.department)
		page.Table = p.table(sc, st.snapshot, "rows")
		return s.site.page("board", page)
	})
}

// scanned is the page of the file whose cover was scanned into the search, an old one
// too; empty: it is a search.
func (s *Server) scanned(ctx context.Context, search string) (page string) {
	search = custody.Plain(search)
	if code, err := label.Parse(search); err == nil && code.Kind() == label.File {
		return "/files/" + string(code)
	}
	old, err := label.Foreign(search)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, brief)
	defer cancel()
	file, err := s.Registry.File(ctx, old)
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
}

// table words the first rows of one list of a scope.
func (p speaker) table(sc scope, snap snapshot, name string) table {
	t := table{voice: p.voice, List: name, Limit: shownRows}
	for _, f := range snap.first(sc, name, shownRows) {
		t.Rows = append(t.Rows, p.row(f.Row, name))
	}
	return t
}

func (p speaker) departments(current custody.DepartmentID) []choice {
	list := make([]choice, len(p.office.Departments))
	for i, d := range p.office.Departments {
		list[i] = choice{string(d.ID), p.named(d.Name), d.ID == current}
	}
	return list
}

// boardJSON is every open file with the feed number at which that is true.
func (s *Server) boardJSON(w http.ResponseWriter, r *http.Request) error {
	st, err := s.live.latest(r.Context())
	if err != nil {
		return err
	}
	tag := fmt.Sprintf(`"%s-%s-%d"`, s.epoch, gate.Of(r).Sight, st.edition)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	rows := make([]*custody.Row, 0, st.order.Len())
	for f := range st.all() {
		rows = append(rows, f.Row)
	}
	return gate.WriteJSON(w, http.StatusOK, map[string]any{"seq": st.seq, "as_of": st.asOf, "files": rows})
}

// total is one filter with how many files fit it.
type total struct {
	voice
	Name, Label, Href string
	Count             int
	Current           bool
}

// totals words what was counted for a board's scope, filter by filter.
func (p speaker) totals(sc scope, counted counts) []total {
	out := make([]total, len(filters))
	for i, f := range filters {
		to := sc
		to.show = f.name
		out[i] = total{voice: p.voice, Name: f.name, Label: p.T("board." + f.name), Href: to.board(), Count: counted[i], Current: f.name == sc.show}
	}
	return out
}

// more is the line below a board that does not show everything.
type more struct {
	voice
	Hidden int
}

func (p speaker) more(totals []total) more {
	for _, n := range totals {
		if n.Current && n.Count > shownRows {
			return more{p.voice, n.Count - shownRows}
		}
	}
	return more{p.voice, 0}
}
