package web

import (
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/web/board"
	"harkara/web/gate"
)

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

func (p speaker) tallies(c board.Crowd) []tally {
	count := map[string]int{"here": c.Here, "coming": c.Coming, "leaving": c.Leaving}
	out := make([]tally, len(board.RoomLists))
	for i, name := range board.RoomLists {
		out[i] = tally{p.voice, name, p.T("room." + name), count[name]}
	}
	return out
}

type roomPage struct {
	layout
	Scope      liveScopeOf
	Banner     banner
	Room       custody.RoomID
	Department string
	Where      string
	Desks      []deskLine
	Stations   []stationLine
	Lists      []list
	Told       toldList
}

// deskLine is a desk of a room and who sits there.
type deskLine struct {
	At            custody.PostID
	Post, Officer string
	Why           string // he is there: for whom he stands in, or has charge; empty: it is his post
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
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	room, ok := find(p, custody.RoomID(r.PathValue("room")), (*custody.Office).RoomByID)
	if !ok {
		return custody.ErrNotFound
	}
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	if err != nil {
		return err
	}
	heard, err := s.Directory.Heartbeats(r.Context())
	if err != nil {
		s.noise.Warn("stations' heartbeats are not read", "stations' heartbeats are not read", "err", err)
	}
	sc := board.Scope{View: board.OnRoom, Room: room.ID}
	page := roomPage{
		layout: s.layout(r, "room.title"), Scope: s.liveScopeOf(sc, st), Banner: p.banner(st.Health),
		Room: room.ID, Department: p.department(room.Department), Where: p.floor(p.named(custody.Name(room.Building)), room.Floor),
		Desks: p.desks(room.ID), Stations: p.stations(room.ID, heard),
	}
	if page.Told, err = s.toldIn(r.Context(), p, room.ID); err != nil {
		return err
	}
	page.Title, page.Section = p.named(room.Name), "rooms"
	for _, t := range p.tallies(st.Crowds()[room.ID]) {
		page.Lists = append(page.Lists, list{p.voice, t, p.table(sc, st.Outlook, t.List)})
	}
	return s.site.render(w, http.StatusOK, "room", page)
}

func (p speaker) desks(room custody.RoomID) []deskLine {
	var out []deskLine
	for _, d := range p.office.Desks {
		if d.Room == room {
			in := p.in(d.Post)
			out = append(out, deskLine{At: d.Post, Post: p.post(d.Post), Officer: in.Name, Why: in.Why, ID: in.ID, Vacant: in.Vacant, Receiving: d.Receiving})
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

func (s *Server) roomJSON(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	room, ok := find(p, custody.RoomID(r.PathValue("room")), (*custody.Office).RoomByID)
	if !ok {
		return custody.ErrNotFound
	}
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	if err != nil {
		return err
	}
	out := map[string]any{"seq": st.Seq, "as_of": st.AsOf, "room": room}
	lists := map[string][]*custody.Row{}
	for name, row := range st.InRoom(room.ID) {
		lists[name] = append(lists[name], row)
	}
	greys := []board.Grey{}
	for _, name := range board.RoomLists {
		out[name] = append([]*custody.Row{}, lists[name]...)
		greys = append(greys, st.Greys(board.Scope{View: board.OnRoom, Room: room.ID}, name)...)
	}
	out["grey"] = greys
	return gate.WriteJSON(w, http.StatusOK, out)
}
