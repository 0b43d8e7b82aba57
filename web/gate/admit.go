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

// admit gives a request its principal, or says why not: ErrUnauthorised, ErrForbidden.
func (g *Gate) admit(rule people.Rule, r *http.Request) (*http.Request, error) {
	p, err := g.principal(rule, r)
	if err != nil && !errors.Is(err, errUnproved) {
		return r, err
	}
	if p.Station != "" {
		g.heard(r.Context(), p.Station)
	}
	return as(r, p), nil
}

// Still reports whether a request that was let in long ago would be let in now, as one
// who may the same. A ledger that is away proves nothing.
func (g *Gate) Still(rule people.Rule, r *http.Request) bool {
	p, err := g.principal(rule, r)
	if errors.Is(err, ErrUnauthorised) || errors.Is(err, ErrForbidden) {
		return false
	}
	return err != nil || p.Same(Of(r))
}

// errUnproved is beside a principal who may be more than that: the ledger does not say.
var errUnproved = errors.New("whose the token is cannot be told")

// principal says who makes a request. A station is known by its token alone, whatever
// the request says. Errors: ErrUnauthorised, ErrForbidden; errUnproved, which refuses
// nothing; others where the ledger is away.
func (g *Gate) principal(rule people.Rule, r *http.Request) (people.Principal, error) {
	switch {
	case g.Open && !local(r.Host): // another site's name that leads here reads nothing
		return people.Principal{}, ErrForbidden
	case rule.By == people.Unproved:
		return people.Principal{}, nil
	case rule.By == people.InPerson:
		return g.person(rule, r)
	}
	station, err := g.bearer(r, Token(rule.By, r))
	if err != nil {
		return people.Principal{}, err
	}
	if station == "" {
		g.refuse(r, otherToken, "")
		return people.Principal{}, ErrForbidden
	}
	office, err := g.Directory.Office(r.Context(), g.Now())
	if err != nil {
		return people.Principal{}, err
	}
	return people.AtStation(office, station), nil
}

// person is who asks in person. In the demonstration whoever is nobody is a visitor.
func (g *Gate) person(rule people.Rule, r *http.Request) (people.Principal, error) {
	who, unproved := g.People.Person(r)
	switch {
	case g.Open && (errors.Is(unproved, ErrUnauthorised) || errors.Is(unproved, ErrForbidden)):
		who, unproved = visitor, nil
	case g.Open && unproved != nil:
		who, unproved = visitor, fmt.Errorf("%w: %w", errUnproved, unproved)
	case unproved != nil:
		return people.Principal{}, unproved
	}
	office, err := g.Directory.Office(r.Context(), g.Now())
	if err != nil {
		return people.Principal{}, err
	}
	p := who.Principal(office, g.Now())
	if who.ID != visitor.ID {
		p = proven(p, r)
	}
	if !rule.Admits(p) {
		return people.Principal{}, Deny(rule.Roles...)
	}
	return p, unproved
}

// tokenHolders knows an administrator by his token, from the header or from the cookie that
// SignIn set.
type tokenHolders struct{ gate *Gate }

// Person implements People.
func (t tokenHolders) Person(r *http.Request) (people.Person, error) {
	token := Token(people.InPerson, r)
	if t.gate.Open { // a visitor's mistakes are nobody's
		station, err := t.gate.authenticate(r.Context(), token)
		if errors.Is(err, custody.ErrNotFound) || err == nil && station != "" {
			err = ErrUnauthorised
		}
		return administrator, err
	}
	station, err := t.gate.bearer(r, token)
	if err == nil && station != "" {
		t.gate.refuse(r, otherToken, station)
		err = ErrForbidden
	}
	return administrator, err
}

// bearer is the station whose token it is; empty: an administrator's. Errors:
// ErrUnauthorised.
func (g *Gate) bearer(r *http.Request, token string) (custody.StationID, error) {
	if token == "" {
		g.refuse(r, noToken, "")
		return "", ErrUnauthorised
	}
	station, err := g.authenticate(r.Context(), token)
	if errors.Is(err, custody.ErrNotFound) {
		g.refuse(r, wrongToken, "")
		return "", ErrUnauthorised
	}
	return station, err
}

// Token returns a request's token: from its header, for a person from the cookie that
// SignIn set, for a station's socket from its protocols, for a kiosk's form from a field
// of it.
func Token(by people.Proof, r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(token)
	}
	if c, err := r.Cookie(Session); err == nil && by == people.InPerson {
		return c.Value
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

// local reports whether a host is this machine's own name or a bare address. A
// page of another site can only come here under its own name.
func local(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil
}
