package gate

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"harkara/internal/custody"
	"harkara/web/lang"
)

// The cookies: an administrator's token, and the language that somebody chose.
const (
	Session        = "harkara"
	languageCookie = "lang"
)

// SignIn keeps an administrator's token in a cookie, until people have logins.
// Errors: ErrUnauthorised.
func (g *Gate) SignIn(w http.ResponseWriter, r *http.Request, token string) error {
	station, err := g.Directory.Authenticate(r.Context(), token)
	switch {
	case err != nil && !errors.Is(err, custody.ErrNotFound):
		return err
	case err != nil, station != "":
		g.refuse(r, wrongToken, station)
		return ErrUnauthorised
	}
	setCookie(w, r, &http.Cookie{Name: Session, Value: token, SameSite: http.SameSiteStrictMode})
	return nil
}

// SignOut forgets it.
func SignOut(w http.ResponseWriter, r *http.Request) {
	setCookie(w, r, &http.Cookie{Name: Session, MaxAge: -1, SameSite: http.SameSiteStrictMode})
}

// Language is what the address, the cookie or the browser asks for.
func Language(r *http.Request) lang.Tag {
	if q := r.URL.Query().Get("lang"); q != "" {
		return lang.Parse(q)
	}
	if c, err := r.Cookie(languageCookie); err == nil {
		return lang.Parse(c.Value)
	}
	return lang.Parse(r.Header.Get("Accept-Language"))
}

// Speak keeps the language that somebody chose.
func Speak(w http.ResponseWriter, r *http.Request, tag lang.Tag) {
	setCookie(w, r, &http.Cookie{Name: languageCookie, Value: string(tag), MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode})
}

func setCookie(w http.ResponseWriter, r *http.Request, c *http.Cookie) {
	c.Path, c.HttpOnly, c.Secure = "/", true, r.TLS != nil
	http.SetCookie(w, c)
}

// Within returns an address of this site, whatever a form says.
func Within(back string) string {
	control := func(r rune) bool { return r < ' ' || r == 0x7f } // browsers leave tabs and line ends out
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.Contains(back, `\`) || strings.ContainsFunc(back, control) {
		return "/"
	}
	return back
}

// toLogin is where a page that asks for a token sends its reader, who comes back.
func toLogin(r *http.Request) string {
	to := Within(r.URL.RequestURI())
	if r.Method != http.MethodGet || to == "/" {
		return "/login"
	}
	return "/login?to=" + url.QueryEscape(to)
}
