package gate

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/lang"
)

// The cookies: the secret of a session, what a browser is known by after a sign-in, and
// the language that somebody chose.
const (
	Session        = "harkara"
	signedCookie   = "signed" // for the page's own script: see Tell
	deviceCookie   = "device"
	languageCookie = "lang"
)

const deviceFor = 400 * 24 * time.Hour // browsers keep no cookie longer

// Signed is who is signed in. The zero value is nobody.
type Signed struct {
	Person  people.Person
	Session people.Session // zero: he came by a token
}

type signedKey struct{}

// SignedOf returns who is signed in of a request that was let in.
func SignedOf(r *http.Request) Signed {
	s, _ := r.Context().Value(signedKey{}).(Signed)
	return s
}

func (s Signed) as(r *http.Request) *http.Request {
	if s.Person.ID == "" {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), signedKey{}, s))
}

// refusal is why a request is nobody's.
type refusal struct {
	why     string
	station custody.StationID
	err     error
}

func (r refusal) Error() string { return r.why }
func (r refusal) Unwrap() error { return r.err }

// signed is who is signed in, by a token in the header or by the session of a cookie. With
// people.ErrLocked it is who has to unlock. Errors: a refusal; people.ErrLocked; others
// where the ledger is away.
func (g *Gate) signed(r *http.Request) (Signed, error) {
	if token := inHeader(r); token != "" {
		station, err := g.authenticate(r.Context(), token)
		switch {
		case err == nil:
			return Signed{}, refusal{otherToken, station, ErrForbidden}
		case !errors.Is(err, custody.ErrNotFound):
			return Signed{}, err
		}
		p, err := g.bearer(r.Context(), token)
		if errors.Is(err, people.ErrNoSession) {
			err = refusal{wrongToken, "", ErrUnauthorised}
		}
		return Signed{Person: p}, err
	}
	c, err := r.Cookie(Session)
	if err != nil || g.People == nil {
		return Signed{}, refusal{noToken, "", ErrUnauthorised}
	}
	p, s, err := g.People.Who(r.Context(), c.Value)
	if errors.Is(err, people.ErrNoSession) {
		err = refusal{noToken, "", ErrUnauthorised}
	}
	return Signed{p, s}, err
}

// Locked is who has to unlock his session, or who is signed in: for the page that unlocks.
// ErrUnauthorised.
func (g *Gate) Locked(r *http.Request) (who Signed, locked bool, err error) {
	who, err = g.signed(r)
	if locked = errors.Is(err, people.ErrLocked); locked {
		err = nil
	}
	return who, locked, err
}

func (g *Gate) bearer(ctx context.Context, token string) (people.Person, error) {
	if g.People == nil {
		return people.Person{}, people.ErrNoSession
	}
	return g.People.Bearer(ctx, token)
}

// active notes that somebody does something. A feed that lives on is nobody's doing.
func (g *Gate) active(r *http.Request, who Signed) {
	if who.Session.ID == 0 || websocket.IsWebSocketUpgrade(r) {
		return
	}
	if err := g.People.Active(r.Context(), who.Session); err != nil {
		g.Noise.Warn("session is not noted", "session is not noted", "err", err)
	}
}

// FromOf is where a request comes from, as it counts for signing in.
func FromOf(r *http.Request) people.From {
	f := people.From{Network: Caller(r), Agent: r.UserAgent()}
	if c, err := r.Cookie(deviceCookie); err == nil {
		f.Device = c.Value
	}
	return f
}

// SignIn lets a person in and keeps in his browser by what he is known: a new session, so
// that none that somebody laid there becomes his, and the one before it ends. Errors: those
// of people.Door.SignIn.
func (g *Gate) SignIn(w http.ResponseWriter, r *http.Request, a people.Attempt) (people.In, error) {
	if g.People == nil {
		return people.In{}, people.ErrWrong
	}
	a.From = FromOf(r)
	in, err := g.People.SignIn(r.Context(), a)
	switch {
	case errors.Is(err, people.ErrWrong):
		g.refuse(r, wrongSecret, "")
	case errors.Is(err, people.ErrTooOften):
		g.refuse(r, tooOften, "")
	}
	if err != nil {
		return in, err
	}
	if before, _, err := g.Locked(r); err == nil && before.Session.ID != 0 {
		if err := g.People.SignOut(r.Context(), before.Session); err != nil {
			return in, err
		}
	}
	session := &http.Cookie{Name: Session, Value: in.Secret, SameSite: http.SameSiteStrictMode}
	if !a.Shared { // elsewhere it goes with the browser's window
		session.MaxAge = int(in.Session.Ends.Sub(in.Session.Began).Seconds())
	}
	g.setCookie(w, r, session)
	g.Tell(w, r, Signed{in.Person, in.Session})
	g.setCookie(w, r, &http.Cookie{Name: deviceCookie, Value: in.Device, MaxAge: int(deviceFor.Seconds()), SameSite: http.SameSiteStrictMode})
	if in.Person.Language != "" {
		g.Speak(w, r, lang.Parse(in.Person.Language))
	}
	return in, nil
}

// SignOut ends a session for everybody who has its secret, then forgets it here. The commit
// point is in the ledger: where that fails the cookie stays, to try again.
func (g *Gate) SignOut(w http.ResponseWriter, r *http.Request) error {
	who, _, err := g.Locked(r)
	var no refusal
	if err != nil && !errors.As(err, &no) {
		return err
	}
	if who.Session.ID != 0 {
		if err := g.People.SignOut(r.Context(), who.Session); err != nil {
			return err
		}
	}
	g.setCookie(w, r, &http.Cookie{Name: Session, MaxAge: -1, SameSite: http.SameSiteStrictMode})
	g.setCookie(w, r, &http.Cookie{Name: signedCookie, MaxAge: -1, SameSite: http.SameSiteStrictMode})
	return nil
}

// told is what a page's script knows of who reads it.
type told struct {
	Name   custody.Name `json:"name"`
	Lock   int          `json:"lock"`   // seconds of nothing done until the page locks; 0: it never does
	Digits string       `json:"digits"` // see people.Person
}

// Tell has the pages of a browser say who is signed in: pages are kept for several readers,
// and name none. Nothing is let in by it.
func (g *Gate) Tell(w http.ResponseWriter, r *http.Request, who Signed) {
	say := told{Name: who.Person.Name, Digits: who.Person.Digits}
	if who.Session.Shared {
		say.Lock = int(people.LockAfter.Seconds())
	}
	raw, _ := json.Marshal(say) // has no error
	c := &http.Cookie{Name: signedCookie, Value: base64.RawURLEncoding.EncodeToString(raw), SameSite: http.SameSiteStrictMode}
	if !who.Session.Shared {
		c.MaxAge = int(who.Session.Ends.Sub(g.Now()).Seconds())
	}
	g.setCookie(w, r, c)
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
func (g *Gate) Speak(w http.ResponseWriter, r *http.Request, tag lang.Tag) {
	g.setCookie(w, r, &http.Cookie{Name: languageCookie, Value: string(tag), MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode})
}

func (g *Gate) setCookie(w http.ResponseWriter, r *http.Request, c *http.Cookie) {
	c.Path, c.HttpOnly, c.Secure = "/", c.Name != signedCookie, g.Secure || r.TLS != nil
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

// toLogin is where a page that asks for a sign-in sends its reader, who comes back.
func toLogin(r *http.Request) string {
	to := Within(r.URL.RequestURI())
	if r.Method != http.MethodGet || to == "/" {
		return "/login"
	}
	return "/login?to=" + url.QueryEscape(to)
}

// unlockAt is where a locked session is unlocked, to go on with the request.
func unlockAt(r *http.Request) string {
	return "/unlock?to=" + url.QueryEscape(Within(r.URL.RequestURI()))
}
