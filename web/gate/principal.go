package gate

import (
	"context"
	"net/http"

	"harkara/internal/custody"
)

// Principal is who calls. The zero value is the public, who may do nothing in anybody's
// name and see nothing that is not everybody's.
type Principal struct {
	Station custody.StationID // whose token it brought; empty: no station's
	Who     string            // in whose name it acts on pages; empty: in nobody's
	As      string            // who acts in truth, as whoever brings an administrator's token says; empty: nobody else
	Proof   custody.Proof     // by what Who is known
	Sight   Sight
}

// Sight is what a principal may see beyond what everybody does who reads the same. What is
// kept for several readers, a page, its ETag, a live scope, is kept for each sight.
type Sight struct {
	Secrets bool // what files are about that are not open to everybody
}

// String tells one sight from another in an ETag.
func (s Sight) String() string {
	if s.Secrets {
		return "secrets"
	}
	return "open"
}

// Administrator is who acts on a page, until people have logins.
const Administrator = "administrator"

type principalKey struct{}

// Of returns the principal of a request that was let in; the public's where it was not.
func Of(r *http.Request) Principal {
	p, _ := r.Context().Value(principalKey{}).(Principal)
	return p
}

// as returns the request with its principal.
func (p Principal) as(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), principalKey{}, p))
}
