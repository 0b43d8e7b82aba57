package web

import (
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
)

type kioskPage struct {
	frame
	Stations []option
	Station  string
	Token    string            // in the demonstration only
	Cards    map[string]string // code -> what the card does
	Words    map[string]string
}

// kioskPage is a room's scanning station in a browser. It holds no secrets of its
// own: the token is pasted once and kept in that browser.
func (s *Server) kioskPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaker(r)
	if err != nil {
		return err
	}
	page := kioskPage{frame: s.frame(r, "kiosk.title"), Words: p.tag.Script("kiosk.", "error.", "verdict.")}
	page.Cards = map[string]string{string(label.Onward): "onward", string(label.Undo): "undo", string(label.Done): "done"}
	if s.StationToken != nil {
		page.Station = r.URL.Query().Get("station")
		page.Token = s.StationToken(custody.StationID(page.Station))
		for _, st := range p.office.Stations {
			page.Stations = append(page.Stations, option{string(st.ID), named(p.tag, st.Name)})
		}
	}
	return s.pages.render(w, r, http.StatusOK, "kiosk", page)
}
