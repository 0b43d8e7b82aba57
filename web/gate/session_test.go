package gate

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"harkara/internal/people"
)

const password = "correct horse 7"

// browser keeps cookies as a browser does.
type browser struct {
	*double
	t       *testing.T
	cookies map[string]*http.Cookie
}

func newBrowser(t *testing.T, d *double) *browser {
	return &browser{d, t, map[string]*http.Cookie{}}
}

func (b *browser) request(method, path string) *http.Request {
	r := httptest.NewRequest(method, "http://localhost"+path, nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *browser) take(w *httptest.ResponseRecorder) {
	for _, c := range w.Result().Cookies() {
		if b.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
}

func (b *browser) signIn(name string, shared bool) error {
	w := httptest.NewRecorder()
	_, err := b.SignIn(w, b.request(http.MethodPost, "/login"), people.Attempt{Name: name, Secret: password, Shared: shared})
	b.take(w)
	return err
}

// reads is the status that a page of his own answers with.
func (b *browser) reads() int {
	w := httptest.NewRecorder()
	b.Route(people.SignedIn, RequestTime, func(w http.ResponseWriter, r *http.Request) error {
		return WriteJSON(w, http.StatusOK, SignedOf(r).Person.ID)
	}).ServeHTTP(w, b.request(http.MethodGet, "/api/v1/x"))
	return w.Code
}

func withPassword(t *testing.T) *double {
	t.Helper()
	d := newDouble(false)
	if err := d.People.Equip(t.Context(), people.Person{ID: "of-1"}, password, "a test"); err != nil {
		t.Fatal(err)
	}
	return d
}

// A session laid into a browser is not the one of who signs in there, a stolen one is worth
// nothing after sign-out, and the one before a sign-in ends by it.
func TestStolenAndLaidSessions(t *testing.T) {
	d := withPassword(t)
	b := newBrowser(t, d)
	b.cookies[Session] = &http.Cookie{Name: Session, Value: "laid-by-somebody"}
	if err := b.signIn("of-1", true); err != nil {
		t.Fatal(err)
	}
	first := b.cookies[Session].Value
	if first == "laid-by-somebody" || b.reads() != http.StatusOK {
		t.Fatal("the session is not a new one")
	}
	thief := newBrowser(t, d)
	thief.cookies[Session] = &http.Cookie{Name: Session, Value: first}
	if thief.reads() != http.StatusOK {
		t.Fatal("the thief stole nothing")
	}
	if err := b.signIn("of-1", true); err != nil {
		t.Fatal(err)
	}
	if status := thief.reads(); status != http.StatusUnauthorized || b.reads() != http.StatusOK {
		t.Error("the session before: ", status)
	}
	thief.cookies[Session] = &http.Cookie{Name: Session, Value: b.cookies[Session].Value}
	w := httptest.NewRecorder()
	if err := b.SignOut(w, b.request(http.MethodPost, "/logout")); err != nil {
		t.Fatal(err)
	}
	b.take(w)
	if status := thief.reads(); status != http.StatusUnauthorized {
		t.Error("after sign-out: ", status)
	}
	if b.cookies[Session] != nil || b.cookies[deviceCookie] == nil {
		t.Errorf("the browser keeps %v", b.cookies)
	}
}

// Where a sign-out cannot be kept the cookie stays, to try again.
func TestSignOutThatFails(t *testing.T) {
	d := withPassword(t)
	b := newBrowser(t, d)
	if err := b.signIn("of-1", true); err != nil {
		t.Fatal(err)
	}
	away := errors.New("the ledger is away")
	d.people.Before["End"] = away
	w := httptest.NewRecorder()
	if err := b.SignOut(w, b.request(http.MethodPost, "/logout")); !errors.Is(err, away) {
		t.Error(err)
	}
	if b.take(w); b.reads() != http.StatusOK {
		t.Error("the cookie is gone, and the session is not")
	}
}

// Cookies are the server's alone, and go over https alone where a setting says so: what a
// request says of itself counts for nothing.
func TestCookies(t *testing.T) {
	for _, c := range []struct {
		name    string
		secure  bool
		forward string
		shared  bool
		want    bool
	}{{"plain", false, "", true, false}, {"a header says https", false, "https", true, false}, {"behind a proxy", true, "", true, true}, {"one's own", true, "", false, true}} {
		d := withPassword(t)
		d.Secure = c.secure
		b := newBrowser(t, d)
		r := b.request(http.MethodPost, "/login")
		r.Header.Set("X-Forwarded-Proto", c.forward)
		w := httptest.NewRecorder()
		in, err := d.SignIn(w, r, people.Attempt{Name: "of-1", Secret: password, Shared: c.shared})
		if err != nil {
			t.Fatal(err)
		}
		b.take(w)
		s := b.cookies[Session]
		if s.Secure != c.want || !s.HttpOnly || s.SameSite != http.SameSiteStrictMode || s.Value != in.Secret || (s.MaxAge == 0) != c.shared {
			t.Errorf("%s: %+v", c.name, s)
		}
		for _, other := range b.cookies {
			if other.Name != Session && strings.Contains(other.Value, in.Secret) {
				t.Errorf("%s has the secret", other.Name)
			}
		}
	}
}

// A locked session is asked for its secret: a page leads there and back, a form comes along.
func TestLockedSessions(t *testing.T) {
	d := withPassword(t)
	b := newBrowser(t, d)
	if err := b.signIn("of-1", true); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(people.LockAfter + 3*time.Minute)
	for method, want := range map[string]int{http.MethodGet: http.StatusSeeOther, http.MethodPost: http.StatusTemporaryRedirect} {
		w := httptest.NewRecorder()
		d.Route(people.SignedIn, RequestTime, func(http.ResponseWriter, *http.Request) error {
			t.Error("it was answered")
			return nil
		}).ServeHTTP(w, b.request(method, "/settings?done=secret"))
		if w.Code != want || w.Header().Get("Location") != "/unlock?to=%2Fsettings%3Fdone%3Dsecret" {
			t.Errorf("%s: %d %s", method, w.Code, w.Header().Get("Location"))
		}
	}
	if status := b.reads(); status != http.StatusLocked {
		t.Error("of an API: ", status)
	}
}
