package web

import (
	"errors"
	"net/http"

	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/lang"
)

// loginPage asks who is there. With a one-time secret that fits it asks for a password or
// PIN of one's own.
type loginPage struct {
	layout
	To      string // where one wanted to go
	Name    string // as it was typed
	Secret  string // the one-time secret, while a password is chosen
	Own     bool   // the machine is nobody else's
	Known   bool   // somebody has signed in with this browser before
	Minimum int    // characters
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	page := loginPage{layout: s.layout(r, "login.title"), To: gate.Within(r.URL.Query().Get("to")), Minimum: people.LeastPassword}
	page.Section = "login"
	return s.site.render(w, http.StatusOK, "login", page)
}

// login lets a person in, and leads to where he wanted to go.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	page := loginPage{
		layout: s.layout(r, "login.title"), To: gate.Within(r.PostFormValue("to")), Name: r.PostFormValue("name"),
		Own: r.PostFormValue("own") != "", Minimum: people.LeastPassword,
	}
	page.Section = "login"
	secret, choice := r.PostFormValue("secret"), r.PostFormValue("choice")
	again := func(status int, key string) error {
		if key != "" {
			page.Problem = page.T(key)
		}
		return s.site.render(w, status, "login", page)
	}
	if _, choosing := r.PostForm["choice"]; choosing {
		page.Secret = secret
		if choice != r.PostFormValue("again") {
			return again(http.StatusUnprocessableEntity, "login.differ")
		}
	}
	_, err := s.gate.SignIn(w, r, people.Attempt{Name: page.Name, Secret: secret, Choice: choice, Shared: !page.Own})
	switch {
	case errors.Is(err, people.ErrChoose):
		page.Secret = secret
		return again(http.StatusOK, "")
	case choiceProblem(err) != "":
		return again(http.StatusUnprocessableEntity, choiceProblem(err))
	case errors.Is(err, people.ErrWrong):
		page.Secret = ""
		return again(http.StatusUnauthorized, "login.wrong")
	case errors.Is(err, people.ErrTooOften):
		page.Secret = ""
		return again(http.StatusTooManyRequests, "login.too_often")
	case err != nil:
		return err
	}
	http.Redirect(w, r, page.To, http.StatusSeeOther)
	return nil
}

// choiceProblem is the key of why a password or PIN is not taken; empty: that is not why.
func choiceProblem(err error) string {
	switch {
	case errors.Is(err, people.ErrShort):
		return "login.short"
	case errors.Is(err, people.ErrLong):
		return "login.long"
	case errors.Is(err, people.ErrObvious):
		return "login.obvious"
	}
	return ""
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if err := s.gate.SignOut(w, r); err != nil {
		return err
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

// chooseLanguage keeps the choice and goes back where it was made.
func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, gate.MaxForm)
	s.gate.Speak(w, r, lang.Parse(r.PostFormValue("lang")))
	http.Redirect(w, r, gate.Within(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}
