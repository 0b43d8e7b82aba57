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

// Access says who may call a route.
type Access int

// The accesses.
const (
	Anyone      Access = iota
	Reader             // an administrator; in the demonstration anybody on this machine
	SignedIn           // whoever is signed in: for what is his own
	Station            // a station's token
	StationForm        // the same in a form of its kiosk
)

// admit gives a request its principal, or says why not: ErrUnauthorised, ErrForbidden.
func (g *Gate) admit(a Access, r *http.Request) (*http.Request, error) {
	p, who, err := g.principal(a, r)
	if err != nil && !errors.Is(err, errUnproved) {
		return r, err
	}
	if p.Station != "" {
		g.heard(r.Context(), p.Station)
	}
	g.active(r, who)
	return who.as(p.as(r)), nil
}

// Still reports whether a request that was let in long ago would be let in now, as the
// same. A ledger that is away proves nothing; a page that is locked is kept as it is.
func (g *Gate) Still(a Access, r *http.Request) bool {
	p, _, err := g.principal(a, r)
	if errors.Is(err, ErrUnauthorised) || errors.Is(err, ErrForbidden) {
		return false
	}
	return err != nil || p == Of(r) // a ledger that is away, and a locked session too
}

// errUnproved is beside a principal who may be more than that: the ledger does not say.
var errUnproved = errors.New("whose the token is cannot be told")

// principal says who makes a request. A station is known by its token alone, whatever
// the request says. Errors: ErrUnauthorised, ErrForbidden, people.ErrLocked; errUnproved,
// which refuses nothing; others where the ledger is away.
func (g *Gate) principal(a Access, r *http.Request) (Principal, Signed, error) {
	switch {
	case g.Open && !local(r.Host): // another site's name that leads here reads nothing
		return Principal{}, Signed{}, ErrForbidden
	case a == Anyone:
		return Principal{}, Signed{}, nil
	case a == Reader || a == SignedIn:
		return g.reader(a, r)
	}
	token := Token(a, r)
	if token == "" {
		g.refuse(r, noToken, "")
		return Principal{}, Signed{}, ErrUnauthorised
	}
	station, err := g.authenticate(r.Context(), token)
	switch {
	case errors.Is(err, custody.ErrNotFound):
		if _, err := g.bearer(r.Context(), token); err == nil {
			g.refuse(r, otherToken, "")
			return Principal{}, Signed{}, ErrForbidden
		}
		g.refuse(r, wrongToken, "")
		return Principal{}, Signed{}, ErrUnauthorised
	case err != nil:
		return Principal{}, Signed{}, err
	}
	return Principal{Station: station}, Signed{}, nil
}

var administrator = Principal{Who: Administrator, Sight: Sight{Secrets: true}}

// reader says as whom a person reads and acts. An administrator is let in, and in the
// demonstration whoever comes, who sees no secrets then.
func (g *Gate) reader(a Access, r *http.Request) (Principal, Signed, error) {
	who, err := g.signed(r)
	var no refusal
	switch {
	case err == nil && who.Person.Administers():
		return administrator, who, nil
	case err == nil && a == SignedIn:
		return Principal{}, who, nil
	case g.Open && a == Reader && (err == nil || errors.As(err, &no)):
		return Principal{Who: Administrator}, who, nil
	case g.Open && a == Reader && !errors.Is(err, people.ErrLocked):
		return Principal{Who: Administrator}, who, fmt.Errorf("%w: %w", errUnproved, err)
	case err == nil:
		no = refusal{otherToken, "", ErrForbidden}
		err = no
	}
	if errors.As(err, &no) {
		g.refuse(r, no.why, no.station)
	}
	return Principal{}, who, err
}

// Token returns a station's token: from its header, for its socket from the protocols, for
// a kiosk's form from a field of it.
func Token(a Access, r *http.Request) string {
	if token := inHeader(r); token != "" {
		return token
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
