package web

import (
	"net/http"
	"time"

	"harkara/internal/custody"
)

// roomCount is a room with what is in it.
type roomCount struct {
	ID             custody.RoomID `json:"id"`
	Name           custody.Name   `json:"name"`
	Shown          string         `json:"-"`
	Place          string         `json:"-"`
	Files, Overdue int
	Coming         int
}

type roomsPage struct {
	frame
	Rooms []roomCount
}

type roomPage struct {
	frame
	Room         string
	Here, Coming []row
}

func (s *Server) counts(r *http.Request) (speaker, []roomCount, []custody.Row, error) {
	p, err := s.speaker(r)
	if err != nil {
		return p, nil, nil, err
	}
	rows, _, err := s.Registry.Board(r.Context())
	if err != nil {
		return p, nil, nil, err
	}
	at := map[custody.RoomID]*roomCount{}
	out := make([]roomCount, len(p.office.Rooms))
	for i, room := range p.office.Rooms {
		out[i] = roomCount{ID: room.ID, Name: room.Name, Shown: p.room(room.ID), Place: p.tag.Text("room.floor", room.Building, room.Floor)}
		at[room.ID] = &out[i]
	}
	for _, row := range rows {
		if c := at[row.Position.Room]; c != nil && row.Position.Phase != custody.Transit {
			c.Files++
			if overdue(row.Position, p.now) {
				c.Overdue++
			}
		}
		if c := at[row.Position.ToRoom]; c != nil && row.Position.Phase == custody.Transit {
			c.Coming++
		}
	}
	return p, out, rows, nil
}

func (s *Server) roomsPage(w http.ResponseWriter, r *http.Request) error {
	_, rooms, _, err := s.counts(r)
	if err != nil {
		return err
	}
	return s.pages.render(w, r, http.StatusOK, "rooms", roomsPage{frame: s.frame(r, "room.title"), Rooms: rooms})
}

func (s *Server) roomsJSON(w http.ResponseWriter, r *http.Request) error {
	_, rooms, _, err := s.counts(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"rooms": rooms})
}

func (s *Server) roomPage(w http.ResponseWriter, r *http.Request) error {
	p, _, rows, err := s.counts(r)
	if err != nil {
		return err
	}
	id := custody.RoomID(r.PathValue("room"))
	if _, ok := p.office.RoomByID(id); !ok {
		return custody.ErrNotFound
	}
	page := roomPage{frame: s.frame(r, "room.title"), Room: p.room(id)}
	page.Title = page.Room
	page.Here, page.Coming = p.split(rows, id)
	return s.pages.render(w, r, http.StatusOK, "room", page)
}

// split returns the files in a room and those on their way to it.
func (p speaker) split(rows []custody.Row, room custody.RoomID) (here, coming []row) {
	for _, r := range rows {
		switch pos := r.Position; {
		case pos.Phase == custody.Transit && pos.ToRoom == room:
			coming = append(coming, p.row(r))
		case pos.Phase != custody.Transit && pos.Room == room:
			here = append(here, p.row(r))
		}
	}
	sortRows(here)
	sortRows(coming)
	return here, coming
}

// stationView is what a kiosk shows beside its answers.
func (s *Server) stationView(w http.ResponseWriter, r *http.Request) error {
	p, _, rows, err := s.counts(r)
	if err != nil {
		return err
	}
	station, ok := p.office.StationByID(stationOf(r))
	if !ok {
		return custody.ErrNotFound
	}
	type item struct {
		Code   string `json:"code"`
		Number string `json:"number"`
		From   string `json:"from"`
	}
	view := struct {
		Room     string    `json:"room"`
		Now      time.Time `json:"now"`
		Expected []item    `json:"expected"`
		Overdue  []item    `json:"overdue"`
	}{Room: p.room(station.Room), Now: p.now, Expected: []item{}, Overdue: []item{}}
	here, coming := p.split(rows, station.Room)
	for _, c := range coming {
		if len(view.Expected) < 8 {
			view.Expected = append(view.Expected, item{c.Code, c.Number, c.Where})
		}
	}
	for _, h := range here {
		if h.Overdue && len(view.Overdue) < 8 {
			view.Overdue = append(view.Overdue, item{h.Code, h.Number, h.Whose})
		}
	}
	return writeJSON(w, http.StatusOK, view)
}
