package gate

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/wire"
)

// admit gives a request its principal, or says why not: ErrUnauthorised, ErrForbidden,
// people.ErrLocked.
func (g *Gate) admit(rule people.Rule, r *http.Request) (*http.Request, error) {
	p, who, err := g.principal(rule, r)
	var denied Denied
	switch {
	case errors.As(err, &denied): // he is known: the page that says so is his
		return who.as(as(r, p)), err
	case err != nil && !errors.Is(err, errUnproved):
		return r, err
	}
	if p.Station != "" {
		g.heard(r.Context(), p.Station)
	}
	g.active(r, who)
	return who.as(as(r, p)), nil
}

// Still reports whether a request that was let in long ago would be let in now, as one
// who may the same. A ledger that is away proves nothing; a page that is locked is kept as
// it is.
func (g *Gate) Still(rule people.Rule, r *http.Request) bool {
	p, _, err := g.principal(rule, r)
	if errors.Is(err, ErrUnauthorised) || errors.Is(err, ErrForbidden) {
		return false
	}
	return err != nil || p.Same(Of(r)) // a ledger that is away, and a locked session too
}

// errUnproved is beside a principal who may be more than that: the ledger does not say.
var errUnproved = errors.New("whose the token is cannot be told")

// principal says who makes a request. A station is known by its token alone, whatever
// the request says. Errors: ErrUnauthorised, ErrForbidden, people.ErrLocked; errUnproved,
// which refuses nothing; others where the ledger is away.
func (g *Gate) principal(rule people.Rule, r *http.Request) (people.Principal, Signed, error) {
	switch {
	case g.Open && !local(r.Host): // another site's name that leads here reads nothing
		return people.Principal{}, Signed{}, ErrForbidden
	case rule.By == people.Unproved:
		return people.Principal{}, Signed{}, nil
	case rule.By == people.InPerson || rule.By == people.BySession:
		return g.person(rule, r)
	}
	p, err := g.station(r, Token(rule.By, r))
	return p, Signed{}, err
}

// station is who scans, by the token of his station. Errors: ErrUnauthorised; ErrForbidden
// for a person's.
func (g *Gate) station(r *http.Request, token string) (people.Principal, error) {
	if token == "" {
		g.refuse(r, noToken, "")
		return people.Principal{}, ErrUnauthorised
	}
	station, err := g.authenticate(r.Context(), token)
	if errors.Is(err, custody.ErrNotFound) {
		if _, err := g.bearer(r.Context(), token); err == nil {
			g.refuse(r, otherToken, "")
			return people.Principal{}, ErrForbidden
		}
		g.refuse(r, wrongToken, "")
		return people.Principal{}, ErrUnauthorised
	}
	if err != nil {
		return people.Principal{}, err
	}
	office, err := g.Directory.Office(r.Context(), g.Now())
	if err != nil {
		return people.Principal{}, err
	}
	return people.AtStation(office, station), nil
}

// person is who is signed in, as he stands in the office. In the demonstration whoever is
// not is its visitor, but for what is one's own.
func (g *Gate) person(rule people.Rule, r *http.Request) (people.Principal, Signed, error) {
	who, err := g.signed(r)
	var no refusal
	var unproved error
	guest := g.Open && rule.By == people.InPerson
	switch refused := errors.As(err, &no); {
	case err == nil:
	case guest && refused:
		who = Signed{Person: visitor}
	case guest && !errors.Is(err, people.ErrLocked):
		who, unproved = Signed{Person: visitor}, fmt.Errorf("%w: %w", errUnproved, err)
	default:
		if refused {
			g.refuse(r, no.why, no.station)
		}
		return people.Principal{}, who, err
	}
	office, err := g.Directory.Office(r.Context(), g.Now())
	if err != nil {
		return people.Principal{}, who, err
	}
	p := who.Person.Principal(office, g.Now())
	if who.Person.ID != visitor.ID {
		p = proven(p, r)
	}
	if !rule.Admits(p) {
		return p, who, Deny(rule.Roles...)
	}
	if who.Person.ID == visitor.ID { // nobody is signed in
		who = Signed{}
	}
	return p, who, unproved
}

// Token returns a station's token: from its header, for its socket from the protocols, for
// a kiosk's form from a field of it.
func Token(by people.Proof, r *http.Request) string {
	if token := inHeader(r); token != "" {
		return token
	}
	switch by {
	case people.ByToken:
		for _, p := range websocket.Subprotocols(r) {
			if token, ok := strings.CutPrefix(p, wire.TokenProtocol); ok {
				return token
			}
		}
	case people.ByForm:
		r.Body = http.MaxBytesReader(nil, r.Body, MaxForm)
		return strings.TrimSpace(r.PostFormValue("token"))
	}
	return ""
}

// inHeader is a token that a program brings.
func inHeader(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == r.Header.Get("Authorization") {
		return ""
	}
	return strings.TrimSpace(token)
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
