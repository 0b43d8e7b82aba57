package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/lang"
)

// settingsPage is what a person chooses for himself, and where he is signed in.
type settingsPage struct {
	layout
	Done     string
	ID       people.ID
	Badge    string // its digits; empty: he has none
	Language string
	Digits   string
	Sessions []session
	Others   bool // more than the one that reads
	Minimum  int
}

// session is a sign-in as its person sees it.
type session struct {
	ID      int64
	Where   string
	Agent   string
	Began   string
	Seen    string
	Shared  bool
	Current bool
}

func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSettings(w, r, http.StatusOK, r.URL.Query().Get("done"), "")
}

// settled are the words for what was chosen.
var settled = map[string]string{"language": "settings.language_done", "secret": "settings.secret_done", "session": "settings.session_done"}

func (s *Server) showSettings(w http.ResponseWriter, r *http.Request, status int, done, problem string) error {
	who := gate.SignedOf(r)
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	page := settingsPage{layout: s.layout(r, "settings.title"), ID: who.Person.ID, Language: string(gate.Language(r)), Digits: who.Person.Digits, Minimum: people.LeastPassword}
	page.Section, page.Title = "settings", p.named(who.Person.Name)
	if officer, ok := p.office.OfficerByID(who.Person.Officer); ok && who.Person.Officer != "" {
		page.Badge = officer.Code.Format()
	}
	if key := settled[done]; key != "" {
		page.Done = page.T(key)
	}
	if problem != "" {
		page.Problem = page.T(problem)
	}
	open, err := s.door.Open(r.Context(), who.Person.ID)
	if err != nil {
		return err
	}
	page.Sessions, page.Others = p.sessions(open, who.Session.ID), len(open) > 1
	return s.site.render(w, status, "settings", page)
}

// sessions words sign-ins; current is the one that reads.
func (p speaker) sessions(open []people.Session, current int64) (list []session) {
	for _, v := range open {
		list = append(list, session{v.ID, v.Network, browserOf(v.Agent), p.clock(v.Began), p.clock(v.Seen), v.Shared, v.ID == current})
	}
	return list
}

// settings keeps one choice.
func (s *Server) settings(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	who, what := gate.SignedOf(r), r.PathValue("what")
	var err error
	switch what {
	case "language":
		tag := lang.Parse(r.PostForm.Get("lang"))
		digits := ""
		if r.PostForm.Get("digits") == people.UrduDigits {
			digits = people.UrduDigits
		}
		if err = s.door.Prefer(r.Context(), who.Person, string(tag), digits); err == nil {
			who.Person.Language, who.Person.Digits = string(tag), digits
			s.gate.Speak(w, r, tag)
			s.gate.Tell(w, r, who)
		}
	case "secret":
		choice := r.PostForm.Get("choice")
		if choice != r.PostForm.Get("again") {
			return s.showSettings(w, r, http.StatusUnprocessableEntity, "", "login.differ")
		}
		err = s.door.Choose(r.Context(), who.Person, who.Session, r.PostForm.Get("secret"), choice, gate.FromOf(r))
		switch {
		case choiceProblem(err) != "":
			return s.showSettings(w, r, http.StatusUnprocessableEntity, "", choiceProblem(err))
		case errors.Is(err, people.ErrWrong):
			return s.showSettings(w, r, http.StatusUnauthorized, "", "settings.wrong")
		case errors.Is(err, people.ErrTooOften):
			return s.showSettings(w, r, http.StatusTooManyRequests, "", "login.too_often")
		}
	case "session":
		id, bad := strconv.ParseInt(r.PostForm.Get("session"), 10, 64)
		if bad != nil || id < 0 {
			return gate.ErrMalformed
		}
		if err = s.door.Revoke(r.Context(), who.Person.ID, id, who.Session.ID); errors.Is(err, custody.ErrNotFound) {
			err = nil // it has ended: that is what was wanted
		}
	default:
		return custody.ErrNotFound
	}
	if err == nil {
		http.Redirect(w, r, "/settings?done="+what, http.StatusSeeOther)
	}
	return err
}

// browserOf is what a browser calls itself, short enough to be known again.
func browserOf(agent string) string {
	for _, b := range []struct{ in, name string }{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if !strings.Contains(agent, b.in) {
			continue
		}
		for _, on := range []struct{ in, name string }{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}} {
			if strings.Contains(agent, on.in) {
				return b.name + ", " + on.name
			}
		}
		return b.name
	}
	return agent[:min(40, len(agent))]
}

// pinPage is where two officers have a colleague choose his PIN anew.
type pinPage struct {
	layout
	Slip *slip
}

func (s *Server) pinPage(w http.ResponseWriter, r *http.Request) error {
	page := pinPage{layout: s.layout(r, "pin.title")}
	page.Section = "settings"
	return s.site.render(w, http.StatusOK, "pin", page)
}

func (s *Server) renewPIN(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	page := pinPage{layout: s.layout(r, "pin.title")}
	page.Section = "settings"
	again := func(status int, key string) error {
		page.Problem = page.T(key)
		return s.site.render(w, status, "pin", page)
	}
	forgetful := r.PostForm.Get("person")
	once, err := s.door.RenewPIN(r.Context(), forgetful, gate.SignedOf(r).Person.ID, r.PostForm.Get("second"), r.PostForm.Get("secret"), gate.FromOf(r))
	switch {
	case errors.Is(err, custody.ErrNotFound):
		return again(http.StatusNotFound, "pin.nobody")
	case errors.Is(err, people.ErrNotHere):
		return again(http.StatusForbidden, "pin.console")
	case errors.Is(err, people.ErrSecond):
		return again(http.StatusUnprocessableEntity, "pin.second_other")
	case errors.Is(err, people.ErrWrong):
		return again(http.StatusUnauthorized, "pin.second_wrong")
	case errors.Is(err, people.ErrTooOften):
		return again(http.StatusTooManyRequests, "login.too_often")
	case err != nil:
		return err
	}
	page.Slip = &slip{page.voice, forgetful, once}
	return s.site.render(w, http.StatusOK, "pin", page)
}
