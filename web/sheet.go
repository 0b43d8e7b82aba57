package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/web/board"
	"harkara/web/gate"
)

// sheet is a list for a spreadsheet: CSV in UTF-8, with the mark by which Excel knows it.
type sheet struct {
	buf bytes.Buffer
	to  *csv.Writer
}

func newSheet(header ...string) *sheet {
	s := &sheet{}
	s.buf.WriteString("\ufeff")
	s.to = csv.NewWriter(&s.buf)
	s.to.UseCRLF = true
	s.line(header...)
	return s
}

// line writes cells, of which none is a formula to a program that opens the list: people
// typed them.
func (s *sheet) line(cells ...string) {
	for i, c := range cells {
		if strings.ContainsAny(c[:min(1, len(c))], "=+-@\t\r\n") {
			cells[i] = "'" + c
		}
	}
	_ = s.to.Write(cells) // into memory
}

// write answers with the list, named by what it is and when.
func (s *sheet) write(w http.ResponseWriter, name string, at time.Time) error {
	s.to.Flush()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, name, at.Format("20060102-1504")))
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write(s.buf.Bytes())
	return err
}

// instant is a time of a list, in the office's zone, which the headings name.
func (p speaker) instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(p.zone()).Format("2006-01-02 15:04")
}

// zoneName is the office's zone.
func (p speaker) zoneName() string { return "UTC" + p.now.In(p.zone()).Format("-07:00") }

// files is a sheet of files.
func (p speaker) files() *sheet {
	in := func(key string) string { return p.T(key) + " (" + p.zoneName() + ")" }
	return newSheet(
		p.T("open.number"), p.T("open.subject"), p.T("board.department"), p.T("list.code"), p.T("list.state"), p.T("list.room"), p.T("list.to"),
		p.T("board.with"), p.T("list.officer"), p.T("list.by"), in("list.since"), in("board.deadline"), p.T("board.overdue"), p.T("board.next"), p.T("list.next_room"),
	)
}

// file writes a line of it.
func (s *sheet) file(p speaker, r *custody.Row) {
	row, pos := p.row(r, ""), r.Position
	late := ""
	if row.Overdue {
		late = p.T("list.yes")
	}
	s.line(
		row.Number, row.Subject, p.department(r.File.Department), r.File.Code.Format(), p.T("phase."+pos.State()), row.From.Name, row.To.Name,
		row.Holder, row.Officer, p.actor(pos.By, ""), p.instant(pos.Since), p.instant(pos.Deadline), late, row.Next.Desk, row.Next.Name,
	)
}

// greys writes lines of files of which no more is told than that they are there.
func (s *sheet) greys(list []greyRow) {
	for _, g := range list {
		s.line(g.What+" ("+g.Badge+")", "", "", "", "", g.From.Name, g.To.Name, "", "", "", "", "", "", "")
	}
}

// sheetClosed bounds the closed files of a search in a sheet, of which the best come first.
const sheetClosed = 10_000

// filesSheet is the board's list, with its filters, whole; of a search closed files too.
func (s *Server) filesSheet(w http.ResponseWriter, r *http.Request) error {
	sc, err := board.BoardScope(r.URL.Query())
	if err != nil {
		return err
	}
	p, st, err := s.looking(r)
	if err != nil {
		return err
	}
	out := p.files()
	for _, f := range st.First(sc, "rows", math.MaxInt) {
		out.file(p, f)
	}
	out.greys(p.greys(sc, st.Outlook, "rows"))
	closed, err := s.closed(r.Context(), p, sc, sheetClosed)
	if err != nil {
		return err
	}
	for i := range closed {
		out.file(p, &closed[i])
	}
	return out.write(w, "files", p.now.In(p.zone()))
}

// roomSheet is what is in a room, and on the way from and to it.
func (s *Server) roomSheet(w http.ResponseWriter, r *http.Request) error {
	p, st, err := s.looking(r)
	if err != nil {
		return err
	}
	room, ok := find(p, custody.RoomID(r.PathValue("room")), (*custody.Office).RoomByID)
	if !ok {
		return custody.ErrNotFound
	}
	out := p.files()
	sc := board.Scope{View: board.OnRoom, Room: room.ID}
	for _, list := range board.RoomLists {
		for _, f := range st.First(sc, list, math.MaxInt) {
			out.file(p, f)
		}
		out.greys(p.greys(sc, st.Outlook, list))
	}
	return out.write(w, "room-"+string(room.ID), p.now.In(p.zone()))
}

// roomsSheet is how many files are in each room.
func (s *Server) roomsSheet(w http.ResponseWriter, r *http.Request) error {
	p, st, err := s.looking(r)
	if err != nil {
		return err
	}
	out := newSheet(p.T("list.room"), p.T("board.department"), p.T("list.block"), p.T("list.floor"), p.T("room.here"), p.T("room.overdue"), p.T("board.soon"), p.T("room.coming"), p.T("room.late_coming"), p.T("room.leaving"))
	crowds := st.Crowds()
	rooms := p.rooms(crowds)
	for i, c := range p.cells(crowds) {
		room := rooms[i]
		out.line(c.Name, c.Department, p.named(custody.Name(room.Building)), strconv.Itoa(room.Floor), strconv.Itoa(c.Here), strconv.Itoa(c.Overdue), strconv.Itoa(c.Soon), strconv.Itoa(c.Coming), strconv.Itoa(c.LateComing), strconv.Itoa(crowds[room.ID].Leaving))
	}
	return out.write(w, "rooms", p.now.In(p.zone()))
}

// looking is who speaks to a request, and what there is to speak of.
func (s *Server) looking(r *http.Request) (speaker, board.State, error) {
	p, err := s.speaks(r)
	if err != nil {
		return p, board.State{}, err
	}
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	return p, st, err
}
