package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"harkara/internal/custody"
	"harkara/web/gate"
)

// cell is a room with what is in it, as one square of the rooms' plan.
type cell struct {
	voice
	Room       custody.RoomID
	Name       string
	Department string
	Here       int
	Overdue    int
	Soon       int
	Coming     int
	State      string // worst of what is in it: late, soon, calm, empty
}

// floor is a row of rooms in a building.
type floor struct {
	Building string
	Level    int
	Name     string
	Cells    []cell
}

// cells is every room with what is in it, in the office's order.
func (p speaker) cells(crowds map[custody.RoomID]crowd) []cell {
	out := make([]cell, len(p.office.Rooms))
	for i, room := range p.office.Rooms {
		c := crowds[room.ID]
		out[i] = cell{
			voice: p.voice, Room: room.ID, Name: p.named(room.Name), Department: p.department(room.Department),
			Here: c.here, Overdue: c.overdue, Soon: c.soon, Coming: c.coming,
		}
	}
	for i := range out {
		c := &out[i]
		switch {
		case c.Overdue > 0:
			c.State = "late"
		case c.Soon > 0:
			c.State = "soon"
		case c.Here > 0:
			c.State = "calm"
		default:
			c.State = "empty"
		}
	}
	return out
}

// floors puts cells where they are: buildings in order, top floor first.
func (p speaker) floors(crowds map[custody.RoomID]crowd) []floor {
	var out []floor
	for i, c := range p.cells(crowds) {
		room := p.office.Rooms[i]
		at := slices.IndexFunc(out, func(f floor) bool { return f.Building == room.Building && f.Level == room.Floor })
		if at < 0 {
			at = len(out)
			out = append(out, floor{Building: room.Building, Level: room.Floor, Name: p.T("room.floor", room.Building, room.Floor)})
		}
		out[at].Cells = append(out[at].Cells, c)
	}
	slices.SortStableFunc(out, func(a, b floor) int {
		return cmp.Or(cmp.Compare(a.Building, b.Building), cmp.Compare(b.Level, a.Level))
	})
	return out
}

type roomsPage struct {
	frame
	Scope  liveScopeOf
	Notice notice
	Floors []floor
}

func (s *Server) roomsPage(w http.ResponseWriter, r *http.Request) error {
	st, err := s.live.latest(r.Context())
	if err != nil {
		return err
	}
	sc := scope{view: onRooms}
	k := keyOf(r, sc)
	r = r.WithContext(context.WithoutCancel(r.Context())) // others wait for the same page
	return s.kept(w, r, k, st, func() ([]byte, error) {
		p, err := s.speaker(r.Context(), k.lang)
		if err != nil {
			return nil, err
		}
		page := roomsPage{frame: s.frame(r, "room.title"), Scope: s.liveScopeOf(sc, st), Notice: p.notice(st.health), Floors: p.floors(st.crowds)}
		page.Path, page.Section = "/rooms", "rooms"
		return s.site.page("rooms", page)
	})
}

// list is the files of a room that are here, coming or leaving.
type list struct {
	voice
	Tally tally
	Table table
}

// tally is a list's heading.
type tally struct {
	voice
	List, Title string
	Count       int
}

var roomLists = []string{"here", "coming", "leaving"}

func (p speaker) tallies(c crowd) []tally {
	count := map[string]int{"here": c.here, "coming": c.coming, "leaving": c.leaving}
	out := make([]tally, len(roomLists))
	for i, name := range roomLists {
		out[i] = tally{p.voice, name, p.T("room." + name), count[name]}
	}
	return out
}

type roomPage struct {
	frame
	Scope      liveScopeOf
	Notice     notice
	Department string
	Place      string
	Desks      []deskLine
	Stations   []stationLine
	Lists      []list
	Told       toldList
}

// deskLine is a desk of a room and who sits there.
type deskLine struct {
	Post, Officer string
	Vacant        bool
	Receiving     bool
	ID            custody.OfficerID
}

// stationLine is a station of a room and when it was last heard of.
type stationLine struct {
	voice
	Name  string
	At    time.Time // zero: never
	Ago   string
	Quiet bool
}

// Unix gives an instant to the page's own clock.
func (l stationLine) Unix() int64 { return l.At.Unix() }

// quietAfter is how long a station may say nothing before its room's page says so:
// a kiosk calls every few seconds.
const quietAfter = 5 * time.Minute

func (s *Server) roomPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaker(r.Context(), gate.Language(r))
	if err != nil {
		return err
	}
	room, ok := p.office.RoomByID(custody.RoomID(r.PathValue("room")))
	if !ok {
		return custody.ErrNotFound
	}
	st, err := s.live.latest(r.Context())
	if err != nil {
		return err
	}
	heard, err := s.Directory.Heartbeats(r.Context())
	if err != nil {
		s.noise.Warn("stations' heartbeats are not read", "stations' heartbeats are not read", "err", err)
	}
	sc := scope{view: onRoom, room: room.ID}
	page := roomPage{
		frame: s.frame(r, "room.title"), Scope: s.liveScopeOf(sc, st), Notice: p.notice(st.health),
		Department: p.department(room.Department), Place: p.T("room.floor", room.Building, room.Floor),
		Desks: p.desks(room.ID), Stations: p.stations(room.ID, heard),
	}
	if page.Told, err = s.toldIn(r.Context(), p, room.ID); err != nil {
		return err
	}
	page.Title, page.Section = p.named(room.Name), "rooms"
	for _, t := range p.tallies(st.crowds[room.ID]) {
		page.Lists = append(page.Lists, list{p.voice, t, p.table(sc, st.snapshot, t.List)})
	}
	return s.site.render(w, http.StatusOK, "room", page)
}

func (p speaker) desks(room custody.RoomID) []deskLine {
	var out []deskLine
	for _, d := range p.office.Desks {
		if d.Room == room {
			officer, in := p.office.OfficerIn(d.Post)
			out = append(out, deskLine{Post: p.post(d.Post), Officer: p.named(officer.Name), ID: officer.ID, Vacant: !in, Receiving: d.Receiving})
		}
	}
	return out
}

func (p speaker) stations(room custody.RoomID, heard map[custody.StationID]time.Time) []stationLine {
	var out []stationLine
	for _, st := range p.office.Stations {
		if st.Room == room {
			at := heard[st.ID]
			out = append(out, stationLine{p.voice, p.named(st.Name), at, p.ago(at), p.now.Sub(at) > quietAfter})
		}
	}
	return out
}

// roomCount is a cell for programs.
type roomCount struct {
	ID         custody.RoomID       `json:"id"`
	Name       custody.Name         `json:"name"`
	Department custody.DepartmentID `json:"department"`
	Building   string               `json:"building"`
	Floor      int                  `json:"floor"`
	Here       int                  `json:"here"`
	Overdue    int                  `json:"overdue"`
	Soon       int                  `json:"soon"`
	Coming     int                  `json:"coming"`
}

func (s *Server) roomsJSON(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaker(r.Context(), gate.Language(r))
	if err != nil {
		return err
	}
	st, err := s.live.latest(r.Context())
	if err != nil {
		return err
	}
	out := make([]roomCount, len(p.office.Rooms))
	for i, c := range p.cells(st.crowds) {
		room := p.office.Rooms[i]
		out[i] = roomCount{room.ID, room.Name, room.Department, room.Building, room.Floor, c.Here, c.Overdue, c.Soon, c.Coming}
	}
	return gate.WriteJSON(w, http.StatusOK, map[string]any{"seq": st.seq, "as_of": st.asOf, "rooms": out})
}

func (s *Server) roomJSON(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaker(r.Context(), gate.Language(r))
	if err != nil {
		return err
	}
	room, ok := p.office.RoomByID(custody.RoomID(r.PathValue("room")))
	if !ok {
		return custody.ErrNotFound
	}
	st, err := s.live.latest(r.Context())
	if err != nil {
		return err
	}
	out := map[string]any{"seq": st.seq, "as_of": st.asOf, "room": room}
	lists := map[string][]*custody.Row{}
	sc := scope{view: onRoom, room: room.ID}
	for f := range st.inRoom(room.ID) {
		name := sc.list(sc.question(), f)
		lists[name] = append(lists[name], f.Row)
	}
	for _, name := range roomLists {
		out[name] = append([]*custody.Row{}, lists[name]...)
	}
	return gate.WriteJSON(w, http.StatusOK, out)
}
