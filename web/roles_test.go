package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/gate"
)

// persons are one of each role, by their tokens.
func persons() roll {
	of := func(id custody.OfficerID, name string, grants ...people.Grant) people.Person {
		return people.Person{ID: people.ID(name), Name: custody.Name{En: name}, Officer: id, Grants: grants}
	}
	return roll{
		adminToken:      chief,
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
}

// asPersons has persons with a role of theirs, beside whoever brings nothing.
func asPersons(c *Config) { c.People = persons() }

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
GET /{$}                                    ?      ?       +             +       +       +     +       +    -
GET /files.csv                              ?      ?       +             +       +       +     +       -    -
GET /rooms.csv                              ?      ?       +             +       +       +     +       -    -
GET /rooms/{room}/files.csv                 ?      ?       +             +       +       +     +       -    -
GET /rooms                                  ?      ?       +             +       +       +     +       +    -
GET /rooms/{room}                           ?      ?       +             +       +       +     +       -    -
GET /officers/{officer}                     ?      ?       +             +       +       +     +       -    -
GET /posts/{post}                           ?      ?       +             +       +       +     +       -    -
POST /posts/{post}/charge                   ?      ?       +             -       -       -     -       -    -
GET /posts/{post}/handover                  ?      ?       +             +       +       +     +       -    -
POST /posts/{post}/handover                 ?      ?       +             -       -       -     -       -    -
GET /open                                   ?      ?       +             +       +       +     -       -    -
POST /open                                  ?      ?       +             +       +       +     -       -    -
GET /files/{code}                           ?      ?       +             +       +       +     +       -    -
GET /files/{code}/{cover}                   ?      ?       +             +       +       +     +       -    -
POST /files/{code}/{act}                    ?      ?       +             +       +       +     -       -    -
GET /attention                              ?      ?       +             -       -       -     +       -    -
POST /attention/{id}/{act}                  ?      ?       +             -       -       -     -       -    -
GET /kiosk                                  +      +       +             +       +       +     +       +    +
GET /kiosk/worker.js                        +      +       +             +       +       +     +       +    +
POST /kiosk/register                        ?      +       -             -       -       -     -       -    -
POST /kiosk/open                            ?      +       -             -       -       -     -       -    -
GET /login                                  +      +       +             +       +       +     +       +    +
POST /login                                 +      +       +             +       +       +     +       +    +
POST /logout                                +      +       +             +       +       +     +       +    +
POST /language                              +      +       +             +       +       +     +       +    +
GET /font/{name}                            +      +       +             +       +       +     +       +    +
GET /healthz                                +      +       +             +       +       +     +       +    +
POST /api/v1/scans                          ?      +       -             -       -       -     -       -    -
POST /api/v1/images                         ?      +       -             -       -       -     -       -    -
GET /api/v1/station                         ?      +       -             -       -       -     -       -    -
GET /api/v1/frames                          ?      +       -             -       -       -     -       -    -
GET /api/v1/station/files                   ?      +       -             -       -       -     -       -    -
GET /api/v1/office                          +      +       +             +       +       +     +       +    +
POST /api/v1/enrol                          +      +       +             +       +       +     +       +    +
POST /api/v1/stations/{station}/invitation  ?      ?       +             -       -       -     -       -    -
GET /api/v1/board                           ?      ?       +             +       +       +     +       -    +
GET /api/v1/rooms                           ?      ?       +             +       +       +     +       -    +
GET /api/v1/rooms/{room}                    ?      ?       +             +       +       +     +       -    +
GET /api/v1/posts/{post}/handover           ?      ?       +             +       +       +     +       -    +
GET /api/v1/reference                       ?      ?       +             -       -       -     +       -    -
POST /api/v1/labels                         ?      ?       +             -       -       +     -       -    -
POST /api/v1/files                          ?      ?       +             +       +       +     -       -    -
GET /api/v1/files                           ?      ?       +             +       +       +     +       -    +
GET /api/v1/files/{code}                    ?      ?       +             +       +       +     +       -    +
GET /api/v1/files/{code}/entries            ?      ?       +             +       +       +     +       -    +
POST /api/v1/files/{code}/{act}             ?      ?       +             +       +       +     -       -    -
GET /api/v1/attention                       ?      ?       +             -       -       -     +       -    -
POST /api/v1/quarantine/{id}/{act}          ?      ?       +             -       -       -     -       -    -
GET /api/v1/live                            ?      ?       +             +       +       +     +       +    -
`

// Every route by every role, told by who is let in to a handler that only notes that.
func TestEveryRouteByEveryRole(t *testing.T) {
	r := open(t, false, asPersons)
	table := map[string][]string{}
	lines := strings.Split(strings.TrimSpace(mayCall), "\n")
	roles := strings.Fields(lines[0])
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		table[cells[0]+" "+cells[1]] = cells[2:]
	}
	for _, route := range r.server.routes() {
		want, ok := table[route.pattern]
		if !ok || len(want) != len(roles) {
			t.Errorf("%s is not in the table, or not for every role", route.pattern)
			continue
		}
		delete(table, route.pattern)
		for i, role := range roles {
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
