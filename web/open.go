package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
)

type option struct{ ID, Name string }

type openPage struct {
	frame
	Code                       string
	Departments, Desks, Routes []option
}

func (s *Server) openPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaker(r)
	if err != nil {
		return err
	}
	page := openPage{frame: s.frame(r, "open.title"), Code: r.URL.Query().Get("code")}
	for _, d := range p.office.Departments {
		page.Departments = append(page.Departments, option{string(d.ID), named(p.tag, d.Name)})
	}
	for _, d := range p.office.Desks {
		page.Desks = append(page.Desks, option{string(d.ID), p.desk(d.ID) + " – " + p.room(d.Room)})
	}
	for _, route := range p.office.Routes {
		page.Routes = append(page.Routes, option{string(route.ID), p.department(route.Department) + " – " + named(p.tag, route.Name)})
	}
	return s.pages.render(w, r, http.StatusOK, "open", page)
}

// openFile opens a file with a fresh code, or with the label scanned into the
// form, in one step.
func (s *Server) openFile(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	out, err := s.begin(r, r.PostFormValue("code"), custody.Opening{
		Number: r.PostFormValue("number"), Subject: r.PostFormValue("subject"), Department: custody.DepartmentID(r.PostFormValue("department")),
		Desk: custody.DeskID(r.PostFormValue("desk")), Route: custody.RouteID(r.PostFormValue("route")),
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/files/"+string(out)+"?new", http.StatusSeeOther)
	return nil
}

func (s *Server) begin(r *http.Request, text string, o custody.Opening) (label.Code, error) {
	var code label.Code
	var err error
	if text == "" {
		code, err = s.Intake.Mint(r.Context(), label.File)
	} else {
		code, err = label.Parse(text)
	}
	if err != nil {
		return "", err
	}
	c := s.byHand(custody.Open, code)
	c.Opening = &o
	out, err := s.decided(r, c)
	if err == nil && out != nil && out.Verdict == custody.Refused {
		err = fmt.Errorf("%w: %s", errMalformed, out.Reason)
	}
	return code, err
}

// openJSON is the same for programs: {"code": optional, "opening": {...}}.
func (s *Server) openJSON(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	if err != nil {
		return err
	}
	var in struct {
		Code    string          `json:"code"`
		Opening custody.Opening `json:"opening"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return fmt.Errorf("%w: %v", errMalformed, err)
	}
	code, err := s.begin(r, in.Code, in.Opening)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, map[string]label.Code{"code": code})
}
