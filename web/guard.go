package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"harkara/internal/custody"
)

// session is the cookie that carries an administrator's token.
const session = "harkara"

type stationKey struct{}

// stationOf returns the station that a request's token belongs to.
func stationOf(r *http.Request) custody.StationID {
	id, _ := r.Context().Value(stationKey{}).(custody.StationID)
	return id
}

// guard lets in who may call the route, and turns the handler's error into an
// answer.
func (s *Server) guard(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := s.admit(route.access, r)
		if err == nil {
			err = route.handle(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *Server) admit(a access, r *http.Request) (*http.Request, error) {
	if a == anyone || a == reader && s.Open {
		return r, nil
	}
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer && a == reader {
		if c, err := r.Cookie(session); err == nil {
			token = c.Value
		}
	}
	if token == "" {
		return r, errUnauthorised
	}
	id, err := s.Directory.Authenticate(r.Context(), token)
	switch {
	case errors.Is(err, custody.ErrNotFound):
		s.Log.Warn("token refused", "addr", r.RemoteAddr, "path", r.URL.Path)
		return r, errUnauthorised
	case err != nil:
		return r, err
	case (a == station) != (id != ""):
		return r, errUnauthorised
	}
	if a == station {
		if err := s.Directory.Heartbeat(r.Context(), id, time.Now()); err != nil {
			s.Log.Warn("heartbeat is not noted", "station", id, "err", err)
		}
	}
	return r.WithContext(context.WithValue(r.Context(), stationKey{}, id)), nil
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	return s.pages.render(w, r, http.StatusOK, "login", s.frame(r, "login.title"))
}

// login keeps an administrator's token in a cookie, until people have logins.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	token := r.PostFormValue("token")
	id, err := s.Directory.Authenticate(r.Context(), token)
	if err != nil || id != "" {
		s.Log.Warn("token refused", "addr", r.RemoteAddr, "path", r.URL.Path)
		page := s.frame(r, "login.title")
		page.Error = page.Lang.Text("login.wrong")
		return s.pages.render(w, r, http.StatusUnauthorized, "login", page)
	}
	http.SetCookie(w, &http.Cookie{Name: session, Value: token, Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := s.Registry.Backlog(r.Context()); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}
