package gate

import (
	"context"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/people"
)

type principalKey struct{}

// Of returns the principal of a request that was let in; the public's where it was not.
func Of(r *http.Request) people.Principal {
	p, _ := r.Context().Value(principalKey{}).(people.Principal)
	return p
}

// as returns the request with its principal.
func as(r *http.Request, p people.Principal) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), principalKey{}, p))
}

// visitor is who reads and acts in the demonstration without having signed in. He is
// cleared for nothing.
var visitor = people.Person{
	ID: "visitor", Name: custody.Name{En: "visitor", Ur: "مہمان"},
	Grants: []people.Grant{{Role: people.Administrator}},
}

// proven returns a principal with what his request shows of who he is.
func proven(p people.Principal, r *http.Request) people.Principal {
	if p.Proof = custody.BySignIn; r.Header.Get("Authorization") != "" {
		p.Proof = custody.ByToken
	}
	return p
}
