package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
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

// roles are one person of each, by their tokens.
var roles = func() map[string]people.Person {
	of := func(id custody.OfficerID, name string, grants ...people.Grant) people.Person {
		return people.Person{ID: people.ID("a-" + name), Name: custody.Name{En: name}, Officer: id, Grants: grants}
	}
	return map[string]people.Person{
		"administrator": of("", "administrator", people.Grant{Role: people.Administrator}), // cleared for nothing
		"manager":       of("of-fin-0", "manager"),
		"officer":       of("of-fin-2", "officer"),
		"cleared":       of("of-fin-1", "cleared", people.Grant{Role: people.Officer, Clearance: custody.Secret}),
		"clerk":         of("", "clerk", people.Grant{Role: people.Clerk, Department: "fin"}),
		"health":        of("of-hea-1", "health"),
		"auditor":       of("", "auditor", people.Grant{Role: people.Auditor}),
		"wall":          of("", "wall", people.Grant{Role: people.Wall, Department: "fin"}),
		"program":       of("", "program", people.Grant{Role: people.Program, Department: "fin"}),
	}
}()

// as is what a caller brings: a person his token.
func as(role string) []string {
	switch role {
	case "nobody":
		return nil
	case "station":
		return bearer(doorToken)
	}
	return bearer(role)
}

// The table of routes by roles: + is let in, - is refused, ? is asked who he is.
const mayCall = `
                                            nobody station administrator manager officer clerk auditor wall program
GET /{$}                                    ?      -       +             +       +       +     +       +    -
GET /files.csv                              ?      -       +             +       +       +     +       -    -
GET /rooms.csv                              ?      -       +             +       +       +     +       -    -
GET /rooms/{room}/files.csv                 ?      -       +             +       +       +     +       -    -
GET /rooms                                  ?      -       +             +       +       +     +       +    -
GET /rooms/{room}                           ?      -       +             +       +       +     +       -    -
GET /officers/{officer}                     ?      -       +             +       +       +     +       -    -
GET /posts/{post}                           ?      -       +             +       +       +     +       -    -
POST /posts/{post}/charge                   ?      -       +             -       -       -     -       -    -
GET /posts/{post}/handover                  ?      -       +             +       +       +     +       -    -
POST /posts/{post}/handover                 ?      -       +             -       -       -     -       -    -
GET /open                                   ?      -       +             +       +       +     -       -    -
POST /open                                  ?      -       +             +       +       +     -       -    -
GET /files/{code}                           ?      -       +             +       +       +     +       -    -
GET /files/{code}/{cover}                   ?      -       +             +       +       +     +       -    -
POST /files/{code}/{act}                    ?      -       +             +       +       +     -       -    -
GET /attention                              ?      -       +             -       -       -     +       -    -
POST /attention/{id}/{act}                  ?      -       +             -       -       -     -       -    -
GET /kiosk                                  +      +       +             +       +       +     +       +    +
GET /kiosk/worker.js                        +      +       +             +       +       +     +       +    +
POST /kiosk/register                        ?      +       -             -       -       -     -       -    -
POST /kiosk/open                            ?      +       -             -       -       -     -       -    -
GET /login                                  +      +       +             +       +       +     +       +    +
POST /login                                 +      +       +             +       +       +     +       +    +
POST /logout                                +      +       +             +       +       +     +       +    +
GET /unlock                                 +      +       +             +       +       +     +       +    +
POST /unlock                                +      +       +             +       +       +     +       +    +
POST /session/active                        ?      -       +             +       +       +     +       +    +
POST /session/lock                          ?      -       +             +       +       +     +       +    +
GET /settings                               ?      -       +             +       +       +     +       +    +
POST /settings/{what}                       ?      -       +             +       +       +     +       +    +
GET /pin                                    ?      -       +             +       +       +     +       +    +
POST /pin                                   ?      -       +             +       +       +     +       +    +
GET /persons                                ?      -       +             -       -       -     -       -    -
POST /persons                               ?      -       +             -       -       -     -       -    -
GET /persons/{person}                       ?      -       +             -       -       -     -       -    -
POST /persons/{person}/{act}                ?      -       +             -       -       -     -       -    -
POST /language                              +      +       +             +       +       +     +       +    +
GET /font/{name}                            +      +       +             +       +       +     +       +    +
GET /healthz                                +      +       +             +       +       +     +       +    +
POST /api/v1/scans                          ?      +       -             -       -       -     -       -    -
POST /api/v1/images                         ?      +       -             -       -       -     -       -    -
GET /api/v1/station                         ?      +       -             -       -       -     -       -    -
GET /api/v1/station/files                   ?      +       -             -       -       -     -       -    -
GET /api/v1/frames                          ?      +       -             -       -       -     -       -    -
GET /api/v1/station/files                   ?      +       -             -       -       -     -       -    -
GET /api/v1/office                          +      +       +             +       +       +     +       +    +
POST /api/v1/enrol                          +      +       +             +       +       +     +       +    +
POST /api/v1/stations/{station}/invitation  ?      -       +             -       -       -     -       -    -
GET /api/v1/board                           ?      -       +             +       +       +     +       -    +
GET /api/v1/rooms                           ?      -       +             +       +       +     +       -    +
GET /api/v1/rooms/{room}                    ?      -       +             +       +       +     +       -    +
GET /api/v1/posts/{post}/handover           ?      -       +             +       +       +     +       -    +
GET /api/v1/reference                       ?      -       +             -       -       -     +       -    -
POST /api/v1/labels                         ?      -       +             -       -       +     -       -    -
POST /api/v1/files                          ?      -       +             +       +       +     -       -    -
GET /api/v1/files                           ?      -       +             +       +       +     +       -    +
GET /api/v1/files/{code}                    ?      -       +             +       +       +     +       -    +
GET /api/v1/files/{code}/entries            ?      -       +             +       +       +     +       -    +
POST /api/v1/files/{code}/{act}             ?      -       +             +       +       +     -       -    -
GET /api/v1/attention                       ?      -       +             -       -       -     +       -    -
POST /api/v1/quarantine/{id}/{act}          ?      -       +             -       -       -     -       -    -
GET /api/v1/live                            ?      -       +             +       +       +     +       +    -
`

// Every route by every role, told by who is let in to a handler that only notes that.
func TestEveryRouteByEveryRole(t *testing.T) {
	r := staffed(t)
	table := map[string][]string{}
	lines := strings.Split(strings.TrimSpace(mayCall), "\n")
	columns := strings.Fields(lines[0])
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		table[cells[0]+" "+cells[1]] = cells[2:]
	}
	for _, route := range r.server.routes() {
		want, ok := table[route.pattern]
		if !ok || len(want) != len(columns) {
			t.Errorf("%s is not in the table, or not for every role", route.pattern)
			continue
		}
		delete(table, route.pattern)
		for i, role := range columns {
			let := false
			judge := r.server.gate.Route(route.rule, gate.RequestTime, func(http.ResponseWriter, *http.Request) error {
				let = true
				return nil
			})
			method, _, _ := strings.Cut(route.pattern, " ")
			w := httptest.NewRecorder()
			judge.ServeHTTP(w, r.request(method, "/api/v1/x", "", as(role)...))
			got := map[int]string{http.StatusUnauthorized: "?", http.StatusForbidden: "-"}[w.Code]
			if let {
				got = "+"
			}
			if got != want[i] {
				t.Errorf("%s by %s: %q (%d), want %q", route.pattern, role, got, w.Code, want[i])
			}
		}
	}
	for pattern := range table {
		t.Errorf("%s is in the table, and no route", pattern)
	}
}

// Who may not is told who may, in both languages, and gets nothing else.
func TestRefusalsSayWhoMay(t *testing.T) {
	r := staffed(t)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, c := range []struct {
		role, method, path, body string
		en, ur                   string
	}{
		{"officer", "GET", "/attention", "", "Only an administrator or an auditor may do this", "یہ صرف منتظم یا محاسب کر سکتا ہے"},
		{"auditor", "GET", "/open", "", "Only an administrator, a manager, an officer or a clerk of receipt and issue may do this", "یہ صرف منتظم، نگران افسر، افسر یا"},
		{"clerk", "POST", "/open", "number=1&department=hea&desk=hea-3", "Only a clerk of receipt and issue of this department, the officer at whose desk the file begins", "صرف اس محکمے کے"},
		{"clerk", "POST", "/files/" + string(code) + "/close", "reason=x", "Only the officer who has the file, an officer above him or an administrator may do this", "وہ افسر جس کے پاس فائل ہے"},
		{"manager", "POST", "/files/" + string(code) + "/correct", "reason=x", "Only an administrator may do this", "یہ صرف منتظم کر سکتا ہے"},
	} {
		for tag, words := range map[string]string{"en": c.en, "ur": c.ur} {
			w := r.call(c.method, c.path, c.body, append(slices.Concat(as(c.role), form), "Cookie", "lang="+tag)...)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s: %s %s: %d", c.role, c.method, c.path, w.Code)
			}
			if !strings.Contains(w.Body.String(), words) {
				t.Errorf("%s: %s %s does not say %q: %s", c.role, c.method, c.path, words, w.Body)
			}
		}
	}
}

// What a file's page asks for, whoever reads it, its door takes from him; and nothing else.
func TestFormsAndDoorAgree(t *testing.T) {
	r := staffed(t)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	r.clock.wait(time.Hour)
	r.scan(code, "a-104", custody.Context{Onward: true})
	r.clock.wait(time.Hour)
	r.scan(code, "a-303", custody.Context{}) // the officer's
	for role, some := range map[string]bool{"administrator": true, "manager": true, "officer": true, "cleared": true, "clerk": false, "health": false, "auditor": false} {
		page := r.call("GET", "/files/"+string(code), "", as(role)...).Body.String()
		shown := 0
		for _, k := range pageKinds() {
			row := r.row(code)
			if k.Asks.When != nil && !k.Asks.When(row) {
				continue
			}
			action := "/files/" + string(code) + "/" + string(k.Name)
			asks := strings.Contains(page, `action="`+action+`"`)
			w := r.call("POST", "/api/v1"+action, `{"nothing":"that any kind knows"}`, as(role)...)
			if may := w.Code != http.StatusForbidden && w.Code != http.StatusNotFound; asks && !may || may && !asks && k.Asks.Of[0].As.Choose == nil {
				t.Errorf("%s, %s: the page asks %v, the door answers %d %s", role, k.Name, asks, w.Code, w.Body)
			}
			if asks {
				shown++
			}
		}
		if (shown > 0) != some {
			t.Errorf("%s is shown %d forms", role, shown)
		}
	}
}

// Whose role, clearance or name is taken away, his page ends by itself and is asked for
// anew; everybody else's goes on.
func TestWhatIsTakenAwayEndsPages(t *testing.T) {
	r := staffed(t)
	feed := r.follow() + "/api/v1/live?scope=board&after=0"
	for name, is := range map[string]struct{ was, is people.Person }{
		"role":      {people.Person{ID: "x", Grants: []people.Grant{{Role: people.Auditor}}}, people.Person{ID: "x"}},
		"clearance": {people.Person{ID: "x", Grants: []people.Grant{{Role: people.Auditor, Clearance: custody.Secret}}}, people.Person{ID: "x", Grants: []people.Grant{{Role: people.Auditor}}}},
		"person":    {people.Person{ID: "x", Officer: "of-fin-2"}, people.Person{ID: "x", Officer: "of-fin-2", Ended: monday}},
	} {
		r.persons.Seat(is.was, name)
		his, other := watch(t, feed, http.Header{"Authorization": {"Bearer " + name}}), watch(t, feed, http.Header{"Authorization": {"Bearer clerk"}})
		updateOf(t, his)
		r.persons.Seat(is.is, name)
		his.SetReadDeadline(time.Now().Add(chromium.Patience))
		var err error
		for err == nil {
			_, _, err = his.ReadMessage()
		}
		if !websocket.IsCloseError(err, live.CloseDenied) {
			t.Errorf("%s: %v", name, err)
		}
		updateOf(t, other)
	}
}
