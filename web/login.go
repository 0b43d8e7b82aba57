package web

import (
	"errors"
	"net/http"
	"strings"

	"harkara/web/gate"
	"harkara/web/lang"
)

type loginPage struct {
	layout
	To string // where one wanted to go
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	return s.site.render(w, http.StatusOK, "login", loginPage{s.layout(r, "login.title"), gate.Within(r.URL.Query().Get("to"))})
}

// login lets an administrator in, and leads to where he wanted to go.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, gate.MaxForm)
	to := gate.Within(r.PostFormValue("to"))
	err := s.gate.SignIn(w, r, strings.TrimSpace(r.PostFormValue("token")))
	if errors.Is(err, gate.ErrUnauthorised) {
		page := loginPage{s.layout(r, "login.title"), to}
		page.Problem = page.T("login.wrong")
		return s.site.render(w, http.StatusUnauthorized, "login", page)
	}
	if err == nil {
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
	return err
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	gate.SignOut(w, r)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

// chooseLanguage keeps the choice and goes back where it was made.
func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, gate.MaxForm)
	gate.Speak(w, r, lang.Parse(r.PostFormValue("lang")))
	http.Redirect(w, r, gate.Within(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}
