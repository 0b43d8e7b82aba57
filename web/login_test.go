package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/live"
)

const password = "correct horse 7"

// hire gives a person a password.
func (r *running) hire(p people.Person) {
	r.t.Helper()
	if err := r.server.door.Equip(r.t.Context(), p, password, "a test"); err != nil {
		r.t.Fatal(err)
	}
}

// cookies are what a browser keeps of an answer, and had before.
func cookies(w http.ResponseWriter, had string) string {
	for _, c := range (&http.Response{Header: w.Header()}).Cookies() {
		had += "; " + c.Name + "=" + c.Value
	}
	return strings.TrimPrefix(had, "; ")
}

// as sends a form with cookies.
func (r *running) as(cookies, path string, form url.Values) (status int, location, body string) {
	r.t.Helper()
	w := r.call("POST", path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Cookie", cookies)
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

// Who is no administrator comes to what is his own, and to nothing else yet.
func TestWhoIsNoAdministrator(t *testing.T) {
	r := open(t, false)
	r.hire(people.Person{ID: "clerk", Grants: []people.Grant{{Role: people.Clerk}}})
	w := r.call("POST", "/login", url.Values{"name": {"clerk"}, "secret": {password}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	mine := cookies(w, "")
	for path, want := range map[string]int{"/settings": 200, "/pin": 200, "/": 403, "/persons": 403, "/attention": 403} {
		if w := r.call("GET", path, "", "Cookie", mine); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if status, _, _ := r.as(mine, "/persons/clerk/grant", url.Values{"role": {"administrator"}, "clearance": {"secret"}}); status != http.StatusForbidden {
		t.Errorf("he makes himself an administrator: %d", status)
	}
	if status, _, _ := r.as(mine, "/settings/language", url.Values{"lang": {"ur"}, "digits": {"urdu"}}); status != http.StatusSeeOther {
		t.Error(status)
	}
	if l, err := r.server.door.Listed(t.Context(), "clerk"); err != nil || l.Language != "ur" || l.Digits != people.UrduDigits || !l.Has(people.Clerk) {
		t.Errorf("%+v, %v", l, err)
	}
	if status, _, _ := r.as(mine, "/logout", nil); status != http.StatusSeeOther {
		t.Error(status)
	}
	if w := r.call("GET", "/settings", "", "Cookie", mine); w.Code != http.StatusSeeOther {
		t.Errorf("signed out: %d", w.Code)
	}
}

// Another site's page signs nobody in or out, and changes nothing of whoever is.
func TestForeignOrigins(t *testing.T) {
	r := open(t, false)
	for _, path := range []string{"/login", "/logout", "/unlock", "/session/lock", "/settings/language", "/settings/secret", "/pin", "/persons", "/persons/administrator/reset"} {
		for _, foreign := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			w := r.call("POST", path, "", append(foreign, "Content-Type", "application/x-www-form-urlencoded", "Cookie", gate.Session+"="+adminToken)...)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s by %v: %d", path, foreign, w.Code)
			}
		}
	}
	if w := r.call("GET", "/settings", "", "Cookie", gate.Session+"="+adminToken); w.Code != http.StatusOK {
		t.Errorf("he was signed out: %d", w.Code)
	}
}

// What is shown once is shown once; what an administrator does is kept, and he stays.
func TestPersonsPages(t *testing.T) {
	r := open(t, false)
	admin := gate.Session + "=" + adminToken
	officer := r.office.Officers[0]
	status, _, body := r.as(admin, "/persons", url.Values{"officer": {string(officer.ID)}, "role": {"manager"}, "department": {"fin"}, "clearance": {"secret"}})
	if status != http.StatusOK || !strings.Contains(body, "One-time secret") {
		t.Fatal(status, body)
	}
	l, err := r.server.door.Listed(t.Context(), people.ID(officer.ID))
	if err != nil || l.Officer != officer.ID || len(l.Grants) != 1 || l.Grants[0] != (people.Grant{Role: people.Manager, Department: "fin", Clearance: custody.Secret}) {
		t.Fatalf("%+v, %v", l, err)
	}
	at := "/persons/" + string(l.ID)
	for _, c := range []struct {
		path string
		form url.Values
		want int
	}{
		{at + "/grant", url.Values{"role": {"auditor"}}, 303},
		{at + "/grant", url.Values{"role": {"cook"}}, 400},
		{at + "/grant", url.Values{"role": {"auditor"}, "clearance": {"top"}}, 400},
		{at + "/withdraw", url.Values{"grant": {"manager@fin+secret"}}, 303},
		{at + "/reset", nil, 200},
		{at + "/end", nil, 303},
		{at + "/resume", nil, 303},
		{at + "/promote", nil, 404},
		{at + "/session", url.Values{"session": {"x"}}, 400},
		{"/persons/nobody/reset", nil, 404},
		{"/persons/administrator/end", nil, 409},
		{"/persons/administrator/withdraw", url.Values{"grant": {"administrator+secret"}}, 409},
		{"/persons", url.Values{"role": {"auditor"}, "id": {"a b"}, "name": {"A B"}}, 422},
		{"/persons", url.Values{"role": {"auditor"}, "id": {string(officer.ID)}, "name": {"A B"}}, 422},
		{"/persons", url.Values{"role": {"auditor"}, "id": {"ab"}}, 422},
		{"/persons", url.Values{"role": {"auditor"}, "id": {"ab"}, "name": {"A B"}}, 200},
	} {
		if status, _, body := r.as(admin, c.path, c.form); status != c.want {
			t.Errorf("%s %v: %d %.200s", c.path, c.form, status, body)
		}
	}
	w := r.call("GET", "/persons", "", "Cookie", admin)
	for _, done := range []string{"added", "roles set", "one-time secret made", "let in no more", "let in again"} {
		if !strings.Contains(w.Body.String(), done) {
			t.Errorf("the page does not say %q", done)
		}
	}
}

// A form that was sent when the session had locked comes where it was sent, once it is
// unlocked.
func TestFormsOutlastALock(t *testing.T) {
	r := open(t, false)
	r.hire(people.Person{ID: "boss", Grants: []people.Grant{{Role: people.Administrator}}})
	w := r.call("POST", "/login", url.Values{"name": {"boss"}, "secret": {password}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	mine := cookies(w, "")
	r.clock.wait(people.LockAfter + 3*time.Minute)
	form := url.Values{"number": {"SO 7/2026"}, "department": {"fin"}, "desk": {"fin-3"}, "subject": {"A <b>bold</b> line\nand another"}}
	status, to, _ := r.as(mine, "/open", form)
	if status != http.StatusTemporaryRedirect || to != "/unlock?to=%2Fopen" {
		t.Fatal(status, to)
	}
	status, _, body := r.as(mine, to, form)
	if status != http.StatusOK || !strings.Contains(body, `name="subject" value="A &lt;b&gt;bold&lt;/b&gt; line`) || strings.Contains(body, "<b>bold") {
		t.Fatal(status, body)
	}
	form.Set("again", "yes")
	form.Set("unlock", "wrong horse")
	if status, _, body := r.as(mine, to, form); status != http.StatusUnauthorized || !strings.Contains(body, `value="SO 7/2026"`) || strings.Contains(body, "wrong horse") {
		t.Fatal(status, body)
	}
	form.Set("unlock", password)
	if status, back, _ := r.as(mine, to, form); status != http.StatusTemporaryRedirect || back != "/open" {
		t.Fatal(status, back)
	}
	if status, back, body := r.as(mine, "/open", form); status != http.StatusSeeOther || !strings.HasPrefix(back, "/files/") {
		t.Error(status, back, body)
	}
}

// A person signs in for the first time, chooses his password, and works on a machine that
// others use: in both languages, and as people see it.
func TestSigningInInChromium(t *testing.T) {
	r := open(t, false)
	boss := people.Person{ID: "boss", Name: custody.Name{En: "Gul Muhammad", Ur: "گل محمد"}, Grants: []people.Grant{{Role: people.Administrator, Clearance: custody.Secret}}}
	b, at := browse(t, r)
	folder := t.ArtifactDir()
	shot := func(l chromium.Look, name string) {
		t.Helper()
		b.Shot(folder, name+"-"+l.String())
		b.Audit()
	}
	for n, l := range []chromium.Look{{Lang: "en", Width: 1440, Scheme: "light"}, {Lang: "ur", Width: 1440, Scheme: "dark"}, {Lang: "en", Width: 360, Scheme: "dark"}, {Lang: "ur", Width: 360, Scheme: "light"}} {
		once, err := r.server.door.Add(t.Context(), boss, "a test")
		if err != nil {
			t.Fatal(err)
		}
		b.See(l, at+"/open")
		b.Until(`location.pathname === "/login"`)
		shot(l, "login")
		fill := func(form string, values map[string]string) {
			t.Helper()
			raw, err := json.Marshal(values)
			if err != nil {
				t.Fatal(err)
			}
			b.Until(`document.readyState === "complete" && document.querySelector("` + form + `") !== null`)
			chromium.Ask[bool](b, `(() => { const form = document.querySelector("`+form+`"); for (const [name, value] of Object.entries(`+string(raw)+`)) form.elements[name].value = value; form.requestSubmit(); return true; })()`)
		}
		login := "form[action='/login']"
		fill(login, map[string]string{"name": "boss", "secret": "a wrong guess"})
		b.Until(`document.querySelector(".flash.bad") !== null`)
		shot(l, "login-wrong")
		fill(login, map[string]string{"name": "boss", "secret": once})
		b.Until(`document.querySelector("[name=choice]") !== null`)
		shot(l, "login-choose")
		fill(login, map[string]string{"choice": password, "again": password})
		b.Until(`location.pathname === "/open" && document.querySelector(".mine bdi").textContent.match(/Gul|گل/) !== null`)

		// Nothing is done for a while: the page is covered, and goes on as it was.
		chromium.Ask[bool](b, `(() => { document.querySelector("[name=subject]").value = "half a sent"; localStorage.setItem("harkara.active", "1"); return true; })()`)
		b.Until(`document.getElementById("lock").open && getComputedStyle(document.querySelector("main")).visibility === "hidden"`)
		shot(l, "locked")
		fill("#lock form", map[string]string{"unlock": "a wrong guess"})
		b.Until(`!document.querySelector("#lock .flash").hidden && document.querySelector("#lock .flash").textContent.length > 5`)
		fill("#lock form", map[string]string{"unlock": password})
		b.Until(`!document.getElementById("lock").open && document.querySelector("[name=subject]").value === "half a sent" && getComputedStyle(document.querySelector("main")).visibility === "visible"`)

		for name, path := range map[string]string{"settings": "/settings", "persons": "/persons", "person": "/persons/boss", "pin": "/pin"} {
			b.See(l, at+path)
			shot(l, name)
		}
		b.See(l, at+"/persons")
		fill("form[action='/persons']", map[string]string{"officer": string(r.office.Officers[n].ID)})
		b.Until(`document.querySelector(".slip") !== null`)
		shot(l, "slip")
		if l.Lang == "ur" {
			b.See(l, at+"/settings")
			fill("form[action='/settings/language']", map[string]string{"digits": "urdu"})
			b.Until(`location.search === "?done=language" && document.querySelector(".tally").textContent === "۱"`)
			shot(l, "settings-digits")
		}
		r.clock.wait(people.LockAfter + 3*time.Minute) // he left, and his browser with him
		b.See(l, at+"/settings")
		b.Until(`location.pathname === "/unlock"`)
		shot(l, "unlock")
		fill("form[action^='/unlock']", map[string]string{"unlock": password})
		b.Until(`location.pathname === "/settings"`)
		b.Until(`document.readyState === "complete" && (document.querySelector("form[action='/logout']").requestSubmit(), true)`)
		b.Until(`location.pathname === "/login"`)
		r.clock.wait(time.Hour)
	}
}

// Whoever loses his role, his session or his place is let go from pages that are open.
func TestOpenPagesEnd(t *testing.T) {
	r, url := following(t, false)
	door := r.server.door
	for what, take := range map[string]func(in people.In) error{
		"role":    func(in people.In) error { return door.Grant(t.Context(), in.Person.ID, nil, "a test") },
		"session": func(in people.In) error { return door.SignOut(t.Context(), in.Session) },
		"person":  func(in people.In) error { return door.End(t.Context(), in.Person.ID, r.clock.now(), "a test") },
	} {
		r.hire(people.Person{ID: "boss", Grants: []people.Grant{{Role: people.Administrator}}})
		in, err := door.SignIn(t.Context(), people.Attempt{Name: "boss", Secret: password})
		if err != nil {
			t.Fatal(err)
		}
		board := watch(t, url+"/api/v1/live?after=0", http.Header{"Cookie": {gate.Session + "=" + in.Secret}})
		if err := take(in); err != nil {
			t.Fatal(err)
		}
		board.SetReadDeadline(time.Now().Add(chromium.Patience))
		for err = nil; err == nil; {
			_, _, err = board.ReadMessage()
		}
		if !websocket.IsCloseError(err, live.CloseDenied) {
			t.Errorf("without his %s: %v", what, err)
		}
	}
}
