package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"harkara/internal/people"
	"harkara/web/gate"
)

// unlockPage stands in for a page of a locked session. Where a form was sent meanwhile it
// carries what was in it, and sends it on.
type unlockPage struct {
	layout
	Whose  string
	Action string
	Fields []carried
	Again  bool // a form is to be sent on
}

// carried is what stood in a field of the form.
type carried struct{ Name, Value string }

// unlockWith is the field of a form that unlocks: no other form has it.
const unlockWith = "unlock"

func (s *Server) unlockPage(w http.ResponseWriter, r *http.Request) error {
	return s.unlocking(w, r, "", http.StatusOK)
}

// unlocking asks for the secret, unless nothing is locked.
func (s *Server) unlocking(w http.ResponseWriter, r *http.Request, problem string, status int) error {
	to := gate.Within(r.URL.Query().Get("to"))
	who, locked, err := s.gate.Locked(r)
	switch {
	case err != nil:
		return err
	case !locked:
		s.goOn(w, r, to)
		return nil
	}
	page := unlockPage{layout: s.layout(r, "lock.title"), Action: "/unlock?to=" + url.QueryEscape(to), Again: sentOn(r)}
	page.Section, page.Mine, page.Guest, page.Whose = "lock", false, false, page.named(who.Person.Name)
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if name == unlockWith || name == "again" {
			continue
		}
		for _, value := range r.PostForm[name] {
			page.Fields = append(page.Fields, carried{name, value})
		}
	}
	if problem != "" {
		page.Problem = page.T(problem)
	}
	return s.site.render(w, status, "unlock", page)
}

// sentOn reports whether the form is another page's, that is sent on once it is unlocked.
func sentOn(r *http.Request) bool {
	_, unlocks := r.PostForm[unlockWith]
	return r.Method == http.MethodPost && (!unlocks || r.PostForm.Get("again") != "")
}

// goOn leads to where one was, with the form where there is one: its body comes along.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request, to string) {
	if sentOn(r) {
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// unlock goes on with a locked session, or carries another page's form until somebody does.
func (s *Server) unlock(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	if _, tries := r.PostForm[unlockWith]; !tries {
		return s.unlocking(w, r, "", http.StatusOK)
	}
	who, locked, err := s.gate.Locked(r)
	if err != nil {
		return err
	}
	if locked {
		err = s.door.Unlock(r.Context(), who.Person, who.Session, r.PostForm.Get(unlockWith), gate.FromOf(r))
	}
	switch {
	case errors.Is(err, people.ErrWrong):
		return s.unlocking(w, r, "lock.wrong", http.StatusUnauthorized)
	case errors.Is(err, people.ErrTooOften):
		return s.unlocking(w, r, "login.too_often", http.StatusTooManyRequests)
	case err != nil:
		return err
	}
	s.goOn(w, r, gate.Within(r.URL.Query().Get("to")))
	return nil
}

// lock locks a session of a machine that somebody has left.
func (s *Server) lock(w http.ResponseWriter, r *http.Request) error {
	if who := gate.SignedOf(r); who.Session.ID != 0 {
		if err := s.door.Lock(r.Context(), who.Session); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// stillHere is told of keys and mouse: being let in has noted it.
func (s *Server) stillHere(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}
