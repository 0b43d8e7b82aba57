package web

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/kiosk"
)

// counter is a station that registers a file on an unassigned label.
type counter struct {
	Token string // comes back with the form: a kiosk has no cookie
	Here  string // where the file begins
	Back  string // its kiosk
}

// registerPage answers a kiosk with the form for the label that it has scanned: the
// file begins where the station stands, in its room's department.
func (s *Server) registerPage(w http.ResponseWriter, r *http.Request) error {
	form := openForm{ID: custody.CommandID(uuid.NewString()), Code: r.PostFormValue("code")}
	if _, err := fileCode(form.Code); err != nil {
		return err
	}
	office, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return err
	}
	if here, ok := office.StationByID(gate.Of(r).Station); ok {
		room, _ := office.RoomByID(here.Room)
		form.Department = string(room.Department)
	}
	return s.showForm(w, r, http.StatusOK, form, nil)
}

// registerForm opens the file and goes back to the kiosk, ready for the next scan.
func (s *Server) registerForm(w http.ResponseWriter, r *http.Request) error {
	form := openingForm(r)
	form.Desk = ""
	if _, err := fileCode(form.Code); err != nil {
		return err
	}
	return s.submitted(w, r, form, func(code label.Code, done string) string {
		return s.kioskOf(r, url.Values{"done": {done}, "code": {string(code)}})
	})
}

// kioskOf is the address of a station's kiosk.
func (s *Server) kioskOf(r *http.Request, q url.Values) string {
	q.Set("lang", string(gate.Language(r)))
	if s.StationToken != nil {
		q.Set("station", string(gate.Of(r).Station))
	}
	return kiosk.Path + "?" + q.Encode()
}

// counterOf is the station that a request's form comes from; nil for an
// administrator's.
func (s *Server) counterOf(r *http.Request, p speaker) *counter {
	station, ok := p.office.StationByID(gate.Of(r).Station)
	if !ok {
		return nil
	}
	desk, _ := p.office.ReceivingDesk(station.Room)
	return &counter{Token: gate.Token(people.ByForm, r), Here: p.T("entry.at", p.desk(desk.ID), p.room(station.Room)), Back: s.kioskOf(r, url.Values{})}
}
