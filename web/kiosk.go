package web

import (
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/scanner/decode"
	"harkara/web/gate"
	"harkara/web/kiosk"
)

// kioskPage is a room's scanning station in a browser. It holds no secrets of its
// own: the token is pasted once and kept in that browser.
func (s *Server) kioskPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	page := kiosk.Page{Lang: p.Lang, Office: p.named(p.office.Name), East: east(p.office), Sample: p.office.Sample, Home: "/"}
	if code, err := label.Parse(r.URL.Query().Get("code")); err == nil { // a form led back here
		switch r.URL.Query().Get("done") {
		case string(custody.Opened):
			page.Done = p.T("kiosk.opened", "\u2066"+code.Format()+"\u2069") // left to right, whatever stands around it
		case waits:
			page.Done = p.T("file.waits")
		}
	}
	if s.StationToken != nil {
		page.Station = r.URL.Query().Get("station")
		page.Token = s.StationToken(custody.StationID(page.Station))
	}
	if s.StationToken != nil && page.Token == "" {
		page.Station = ""
		for _, st := range p.office.Stations {
			page.Stations = append(page.Stations, kiosk.Choice{ID: string(st.ID), Name: p.named(st.Name)})
		}
	}
	html, err := s.kiosk.Render(page)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	return gate.Write(w, html)
}

func (s *Server) kioskWorker(w http.ResponseWriter, r *http.Request) error {
	s.kiosk.ServeWorker(w, r)
	return nil
}

// frames reads what a kiosk's camera sees.
func (s *Server) frames(w http.ResponseWriter, r *http.Request) error {
	return kiosk.ServeFrames(w, r, &eye{decode.NewViewer()})
}

// eye makes a viewer of pictures one of frames.
type eye struct{ viewer *decode.Viewer }

func (e *eye) Look(pixels []byte, width, height int, at time.Duration) any {
	return e.viewer.Look(&decode.Gray{Pix: pixels, Stride: width, W: width, H: height}, at)
}
