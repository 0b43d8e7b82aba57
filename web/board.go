package web

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/web/lang"
)

// shownRows bounds the rows of one page: more cost the browser more than a
// reader gains. Filters narrow them.
const shownRows = 300

// row is one file on a board, worded.
type row struct {
	Lang     lang.Tag
	Code     string
	Number   string
	Subject  string
	Where    string
	Room     custody.RoomID
	Whose    string
	Since    time.Time
	Deadline time.Time
	Known    string
	Next     string
	States   string // filters it belongs to
	Order    int64  // overdue first, then by deadline: seconds
	Overdue  bool
	Badges   []string
}

// T is the words of a key, for the row's template.
func (r row) T(key string, args ...any) string { return r.Lang.Text(key, args...) }

// Unix gives an instant to the page's clock; 0 for none.
func (row) Unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func (p speaker) row(r custody.Row) row {
	pos := r.Position
	out := row{
		Lang: p.tag, Code: string(pos.File), Number: r.File.Number, Subject: r.File.Subject,
		Where: p.where(pos), Room: pos.Room, Whose: p.whose(pos), Since: pos.Since, Deadline: pos.Deadline, Known: p.known(pos),
		Overdue: overdue(pos, p.now),
	}
	if pos.Next != "" {
		out.Next = p.desk(pos.Next)
	}
	out.Order = 1 << 40
	if !pos.Deadline.IsZero() {
		out.Order = pos.Deadline.Unix()
	}
	states := []string{"all"}
	for _, f := range filters[1:] {
		if f.fits(r, p.now) {
			states = append(states, f.name)
			if f.name != "overdue" {
				out.Badges = append(out.Badges, p.tag.Text("board."+f.name))
			}
		}
	}
	out.States = strings.Join(states, " ")
	return out
}

func overdue(pos custody.Position, now time.Time) bool {
	return pos.Breached || !pos.Deadline.IsZero() && pos.Deadline.Before(now)
}

// filters are the numbers on top of the board.
var filters = []struct {
	name string
	fits func(custody.Row, time.Time) bool
}{
	{"all", func(custody.Row, time.Time) bool { return true }},
	{"overdue", func(r custody.Row, now time.Time) bool { return overdue(r.Position, now) }},
	{"transit", func(r custody.Row, _ time.Time) bool { return r.Position.Phase == custody.Transit }},
	{"off_route", func(r custody.Row, _ time.Time) bool { return r.Position.OffRoute }},
	{"missing", func(r custody.Row, _ time.Time) bool { return r.Position.Missing }},
	{"waiting", func(r custody.Row, _ time.Time) bool { return r.Pending > 0 || r.Quarantined }},
}

// number is one filter with how many files fit it.
type number struct {
	Name, Label string
	Count       int
	Current     bool
}

type boardPage struct {
	frame
	Numbers []number
	Rows    []row
	More    int
	Show    string
	Seq     int64
	Epoch   string
	Away    int // stored commands that wait for an engine which does not answer
	Words   map[string]string
}

// slow is how old a stored command must be for the board to say that decisions
// wait.
const slow = 5 * time.Second

func (s *Server) boardPage(w http.ResponseWriter, r *http.Request) error {
	rows, seq, err := s.Registry.Board(r.Context())
	if err != nil {
		return err
	}
	p, err := s.speaker(r)
	if err != nil {
		return err
	}
	page := boardPage{frame: s.frame(r, "board.title"), Seq: seq, Epoch: s.epoch, Show: r.URL.Query().Get("show"), Words: p.tag.Script("live.", "board.new", "board.pause", "board.resume", "time.", "board.away")}
	if !slices.ContainsFunc(filters, func(f struct {
		name string
		fits func(custody.Row, time.Time) bool
	},
	) bool {
		return f.name == page.Show
	}) {
		page.Show = "all"
	}
	for _, f := range filters {
		n := number{Name: f.name, Label: p.tag.Text("board." + f.name), Current: f.name == page.Show}
		for _, row := range rows {
			if f.fits(row, p.now) {
				n.Count++
				if n.Current {
					page.Rows = append(page.Rows, p.row(row))
				}
			}
		}
		page.Numbers = append(page.Numbers, n)
	}
	sortRows(page.Rows)
	if page.More = len(page.Rows) - shownRows; page.More > 0 {
		page.Rows = page.Rows[:shownRows]
	}
	if n, oldest, err := s.Registry.Backlog(r.Context()); err == nil && n > 0 && p.now.Sub(oldest) > slow {
		page.Away = n
	}
	return s.pages.render(w, r, http.StatusOK, "board", page)
}

func sortRows(rows []row) {
	slices.SortFunc(rows, func(a, b row) int {
		late := func(r row) int {
			if r.Overdue {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(late(a), late(b)), cmp.Compare(a.Order, b.Order), cmp.Compare(a.Code, b.Code))
	})
}

// html renders a row as the first paint does, for the live feed.
func (p *pages) html(r row) (string, error) {
	var b bytes.Buffer
	if err := p.templates["board"].ExecuteTemplate(&b, "row", r); err != nil {
		return "", fmt.Errorf("render row %s: %w", r.Code, err)
	}
	return b.String(), nil
}

func (s *Server) boardJSON(w http.ResponseWriter, r *http.Request) error {
	rows, seq, err := s.Registry.Board(r.Context())
	if err != nil {
		return err
	}
	tag := fmt.Sprintf(`"%s-%d"`, s.epoch, seq)
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, map[string]any{"seq": seq, "files": rows})
}
