package web

import (
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
)

type kioskPage struct {
	frame
	Stations   []choice
	Station    string
	Token      string            // in the demonstration only
	Cards      map[string]string // code -> what the card does
	KioskWords map[string]string
}

// kioskPage is a room's scanning station in a browser. It holds no secrets of its
// own: the token is pasted once and kept in that browser.
func (s *Server) kioskPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaker(r.Context(), language(r))
	if err != nil {
		return err
	}
	page := kioskPage{frame: s.frame(r, "kiosk.title"), KioskWords: p.Lang.Script("kiosk.", "error.", "verdict.")}
	page.Cards = map[string]string{string(label.Onward): "onward", string(label.Undo): "undo", string(label.Done): "done"}
	if s.StationToken != nil {
		page.Station = r.URL.Query().Get("station")
		page.Token = s.StationToken(custody.StationID(page.Station))
		for _, st := range p.office.Stations {
			page.Stations = append(page.Stations, choice{ID: string(st.ID), Name: p.named(st.Name)})
		}
	}
	return s.site.render(w, http.StatusOK, "kiosk", page)
}
