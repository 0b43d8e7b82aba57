package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"

	"harkara/internal/custody"
	"harkara/web/kiosk"
)

// session is the cookie that carries an administrator's token.
const session = "harkara"

type stationKey struct{}

// stationOf returns the station that a request's token belongs to.
func stationOf(r *http.Request) custody.StationID {
	id, _ := r.Context().Value(stationKey{}).(custody.StationID)
	return id
}

// admit lets a request in or says why not: errUnauthorised, errForbidden. A
// station is known by its token alone, whatever the request says.
func (s *Server) admit(a access, r *http.Request) (*http.Request, error) {
	switch {
	case s.Open && !local(r.Host): // another site's name that leads here reads nothing
		return r, errForbidden
	case a == anyone, a == reader && s.Open:
		return r, nil
	}
	token := tokenOf(r, a)
	if token == "" {
		s.refused(r, noToken, "")
		return r, errUnauthorised
	}
	id, err := s.authenticate(r.Context(), token)
	switch {
	case errors.Is(err, custody.ErrNotFound):
		s.refused(r, wrongToken, "")
		return r, errUnauthorised
	case err != nil:
		return r, err
	case (a != reader) != (id != ""):
		s.refused(r, otherToken, id)
		return r, errForbidden
	}
	if a != reader {
		s.heard(r.Context(), id)
	}
	return r.WithContext(context.WithValue(r.Context(), stationKey{}, id)), nil
}

// tokenOf returns a request's token: from its header, for who reads pages from the
// cookie that login set, for a camera's socket from its protocols, for a kiosk's form
// from a field of it.
func tokenOf(r *http.Request, a access) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(token)
	}
	if c, err := r.Cookie(session); err == nil && a == reader {
		return c.Value
	}
	switch a {
	case station:
		for _, p := range websocket.Subprotocols(r) {
			if token, ok := strings.CutPrefix(p, kiosk.TokenProtocol); ok {
				return token
			}
		}
	case stationForm:
		r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
		return strings.TrimSpace(r.PostFormValue("token"))
	}
	return ""
}

// local reports whether a host is this machine's own name or a bare address. A
// page of another site can only come here under its own name.
func local(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil
}

type loginPage struct {
	frame
	To string // where one wanted to go
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	return s.site.render(w, http.StatusOK, "login", loginPage{s.frame(r, "login.title"), within(r.URL.Query().Get("to"))})
}

// toLogin is where a page that asks for a token sends its reader, who comes back.
func toLogin(r *http.Request) string {
	to := within(r.URL.RequestURI())
	if r.Method != http.MethodGet || to == "/" {
		return "/login"
	}
	return "/login?to=" + url.QueryEscape(to)
}

// login keeps an administrator's token in a cookie, until people have logins.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	token, to := strings.TrimSpace(r.PostFormValue("token")), within(r.PostFormValue("to"))
	id, err := s.Directory.Authenticate(r.Context(), token)
	switch {
	case err != nil && !errors.Is(err, custody.ErrNotFound):
		return err
	case err != nil, id != "":
		s.refused(r, wrongToken, id)
		page := loginPage{s.frame(r, "login.title"), to}
		page.Problem = page.T("login.wrong")
		return s.site.render(w, http.StatusUnauthorized, "login", page)
	}
	setCookie(w, r, &http.Cookie{Name: session, Value: token, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	setCookie(w, r, &http.Cookie{Name: session, MaxAge: -1, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

func setCookie(w http.ResponseWriter, r *http.Request, c *http.Cookie) {
	c.Path, c.HttpOnly, c.Secure = "/", true, r.TLS != nil
	http.SetCookie(w, c)
}
