package gate

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"

	"harkara/internal/custody"
	"harkara/web/wire"
)

// Access says who may call a route.
type Access int

// The accesses.
const (
	Anyone      Access = iota
	Reader             // an administrator; in the demonstration anybody on this machine
	Station            // a station's token
	StationForm        // the same in a form of its kiosk
)

// admit gives a request its principal, or says why not: ErrUnauthorised, ErrForbidden.
func (g *Gate) admit(a Access, r *http.Request) (*http.Request, error) {
	p, err := g.principal(a, r)
	if err != nil && !errors.Is(err, errUnproved) {
		return r, err
	}
	if p.Station != "" {
		g.heard(r.Context(), p.Station)
	}
	return p.as(r), nil
}

// Still reports whether a request that was let in long ago would be let in now, as the
// same. A ledger that is away proves nothing.
func (g *Gate) Still(a Access, r *http.Request) bool {
	p, err := g.principal(a, r)
	if errors.Is(err, ErrUnauthorised) || errors.Is(err, ErrForbidden) {
		return false
	}
	return err != nil || p == Of(r)
}

// errUnproved is beside a principal who may be more than that: the ledger does not say.
var errUnproved = errors.New("whose the token is cannot be told")

// principal says who makes a request. A station is known by its token alone, whatever
// the request says. Errors: ErrUnauthorised, ErrForbidden; errUnproved, which refuses
// nothing; others where the ledger is away.
func (g *Gate) principal(a Access, r *http.Request) (Principal, error) {
	switch {
	case g.Open && !local(r.Host): // another site's name that leads here reads nothing
		return Principal{}, ErrForbidden
	case a == Anyone:
		return Principal{}, nil
	}
	token := Token(a, r)
	if a == Reader && g.Open { // who brings no token reads and acts too, but sees no secrets
		return g.visitor(r, token)
	}
	if token == "" {
		g.refuse(r, noToken, "")
		return Principal{}, ErrUnauthorised
	}
	station, err := g.authenticate(r.Context(), token)
	switch {
	case errors.Is(err, custody.ErrNotFound):
		g.refuse(r, wrongToken, "")
		return Principal{}, ErrUnauthorised
	case err != nil:
		return Principal{}, err
	case (a != Reader) != (station != ""):
		g.refuse(r, otherToken, station)
		return Principal{}, ErrForbidden
	case a == Reader:
		return signed(r), nil
	}
	return Principal{Station: station}, nil
}

// AsHeader names who acts by a program that has an administrator's token: an officer's id.
// A browser cannot be made to send it.
const AsHeader = "Harkara-As"

// signed is who brings an administrator's token: with a page's cookie, or a program's.
func signed(r *http.Request) Principal {
	p := Principal{Who: Administrator, Proof: custody.BySignIn, Sight: Sight{Secrets: true}}
	if r.Header.Get("Authorization") != "" {
		p.Proof, p.As = custody.ByToken, r.Header.Get(AsHeader)
	}
	return p
}

// visitor is who reads in the demonstration.
func (g *Gate) visitor(r *http.Request, token string) (Principal, error) {
	p := Principal{Who: Administrator}
	if token == "" {
		return p, nil
	}
	switch station, err := g.authenticate(r.Context(), token); {
	case err == nil && station == "":
		return signed(r), nil
	case err != nil && !errors.Is(err, custody.ErrNotFound):
		return p, fmt.Errorf("%w: %w", errUnproved, err)
	}
	return p, nil
}

// Token returns a request's token: from its header, for who reads pages from the
// cookie that SignIn set, for a station's socket from its protocols, for a kiosk's form
// from a field of it.
func Token(a Access, r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(token)
	}
	if c, err := r.Cookie(Session); err == nil && a == Reader {
		return c.Value
	}
	switch a {
	case Station:
		for _, p := range websocket.Subprotocols(r) {
			if token, ok := strings.CutPrefix(p, wire.TokenProtocol); ok {
				return token
			}
		}
	case StationForm:
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
