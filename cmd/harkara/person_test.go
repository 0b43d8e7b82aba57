package main

import (
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/office"
	"harkara/internal/people"
)

// administers makes an administrator of an office, and his token.
func administers(t *testing.T, o *office.Office) (token string) {
	t.Helper()
	door := o.People()
	if _, err := door.Add(t.Context(), people.Person{ID: "tester", Grants: []people.Grant{{Role: people.Administrator, Clearance: custody.Secret}}}, "a test"); err != nil {
		t.Fatal(err)
	}
	token, err := door.Issue(t.Context(), "tester", time.Now().Add(time.Hour), "a test")
	if err != nil {
		t.Fatal(err)
	}
	return token
}
