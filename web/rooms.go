package web

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"harkara/internal/custody"
	"harkara/web/board"
	"harkara/web/gate"
)

// cell is a room with what is in it, as one square of the rooms' plan.
type cell struct {
	voice
	Room       custody.RoomID
	Name       string
	Department string
	Floor      string // the name of the row that it belongs to
	Here       int
	Overdue    int
	Soon       int
	Coming     int
	LateComing int
	Oldest     time.Time // since when the file lies there that does so longest; zero: none does
	Stay       string    // how long that is
	Mute       bool      // it leads nowhere: on a wall
	State      string    // worst of what is in it or comes: late, soon, calm, empty
}

// Unix gives an instant to the page's own clock.
func (c cell) Unix() int64 { return c.Oldest.Unix() }

// floor is a row of rooms in a building.
type floor struct {
	Building custody.Building
	Level    int
	Name     string
	Cells    []cell
}

// rooms is the rooms of who is spoken to, and others that have files of his or expect some,
// in the office's order; then those that are no more and yet do: together they have every
// open file that he sees.
func (p speaker) rooms(crowds map[custody.RoomID]board.Crowd) []custody.Room {
	var rooms []custody.Room
	for _, room := range p.office.Rooms {
		if c := crowds[room.ID]; p.eyes.Room(room.ID) || c.Here+c.Coming > 0 {
			rooms = append(rooms, room)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(crowds)) {
		if _, ok := p.office.RoomByID(id); ok || crowds[id].Here+crowds[id].Coming == 0 {
			continue
		}
		room, ok := find(p, id, (*custody.Office).RoomByID)
		if !ok {
			room = custody.Room{ID: id, Name: custody.Name{En: p.T("room.nameless")}}
		}
		rooms = append(rooms, room)
	}
	return rooms
}

// vanished is the rooms that are no more and have no files, in their order: what rooms
// leaves out.
func (p speaker) vanished(crowds map[custody.RoomID]board.Crowd) []custody.RoomID {
	gone := map[custody.RoomID]bool{}
	for id := range crowds {
		gone[id] = true
	}
	if p.office.Former != nil {
		for _, room := range p.office.Former.Rooms {
			gone[room.ID] = true
		}
	}
	for _, room := range p.rooms(crowds) {
		delete(gone, room.ID)
	}
	return slices.Sorted(maps.Keys(gone))
}

// cells is every room with what is in it, in the order of rooms.
func (p speaker) cells(crowds map[custody.RoomID]board.Crowd) []cell {
	rooms := p.rooms(crowds)
	out := make([]cell, len(rooms))
	for i, room := range rooms {
		c := crowds[room.ID]
		out[i] = cell{
			voice: p.voice, Room: room.ID, Name: p.named(room.Name), Department: p.department(room.Department), Floor: p.floorOf(room), Mute: p.eyes.Wall,
			Here: c.Here, Overdue: c.Overdue, Soon: c.Soon, Coming: c.Coming, LateComing: c.LateComing, Oldest: c.Oldest, Stay: p.span(p.now.Sub(c.Oldest)),
		}
	}
	for i := range out {
		c := &out[i]
		switch {
		case c.Overdue+c.LateComing > 0:
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

// floorOf is where a room is.
func (p speaker) floorOf(room custody.Room) string {
	return p.floor(p.named(custody.Name(room.Building)), room.Floor)
}

// floors puts cells where they are: buildings in order, top floor first.
func (p speaker) floors(crowds map[custody.RoomID]board.Crowd) []floor {
	var out []floor
	rooms := p.rooms(crowds)
	for i, c := range p.cells(crowds) {
		room := rooms[i]
		at := slices.IndexFunc(out, func(f floor) bool { return f.Building == room.Building && f.Level == room.Floor })
		if at < 0 {
			at = len(out)
			out = append(out, floor{Building: room.Building, Level: room.Floor, Name: c.Floor})
		}
		out[at].Cells = append(out[at].Cells, c)
	}
	slices.SortStableFunc(out, func(a, b floor) int {
		return cmp.Or(cmp.Compare(a.Building.En, b.Building.En), cmp.Compare(b.Level, a.Level))
	})
	return out
}

type roomsPage struct {
	layout
	Scope  liveScopeOf
	Banner banner
	Floors []floor
}

func (s *Server) roomsPage(w http.ResponseWriter, r *http.Request) error {
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	if err != nil {
		return err
	}
	sc := board.Scope{View: board.OnRooms}
	k := board.KeyOf(r, sc)
	r = r.WithContext(context.WithoutCancel(r.Context())) // others wait for the same page
	return s.kept(w, r, k, st, func() ([]byte, error) {
		p, err := s.speaker(r.Context(), k.Lang, k.Sight)
		if err != nil {
			return nil, err
		}
		page := roomsPage{layout: s.layout(r, "room.title"), Scope: s.liveScopeOf(sc, st), Banner: p.banner(st.Health), Floors: p.floors(st.Crowds())}
		page.Path, page.Section = "/rooms", "rooms"
		return s.site.page("rooms", page)
	})
}

// roomCount is a cell for programs.
type roomCount struct {
	ID         custody.RoomID       `json:"id"`
	Name       custody.Name         `json:"name"`
	Department custody.DepartmentID `json:"department"`
	Building   custody.Building     `json:"building"`
	Floor      int                  `json:"floor"`
	Here       int                  `json:"here"`
	Overdue    int                  `json:"overdue"`
	Soon       int                  `json:"soon"`
	Coming     int                  `json:"coming"`
	LateComing int                  `json:"late_coming"`
	Oldest     *time.Time           `json:"oldest,omitempty"`
}

func (s *Server) roomsJSON(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	if err != nil {
		return err
	}
	rooms := p.rooms(st.Crowds())
	out := make([]roomCount, len(rooms))
	for i, c := range p.cells(st.Crowds()) {
		room := rooms[i]
		out[i] = roomCount{room.ID, room.Name, room.Department, room.Building, room.Floor, c.Here, c.Overdue, c.Soon, c.Coming, c.LateComing, nil}
		if !c.Oldest.IsZero() {
			out[i].Oldest = &c.Oldest
		}
	}
	return gate.WriteJSON(w, http.StatusOK, map[string]any{"seq": st.Seq, "as_of": st.AsOf, "rooms": out})
}
