package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"harkara/internal/custody"
	"harkara/internal/people"
)

// Login is somebody of the sample who may sign in.
type Login struct {
	Person people.Person
	What   string // in words, for who reads the terminal
}

// Logins are one for each role of people who sign in.
func Logins(o custody.Office) []Login {
	in := func(post custody.PostID, what string, list ...people.Grant) Login {
		officer, _ := o.OfficerIn(post)
		return Login{people.Person{ID: people.ID(officer.ID), Officer: officer.ID, Name: officer.Name, Grants: list}, what}
	}
	return []Login{
		{people.Person{
			ID: "administrator", Name: custody.Name{En: "Administrator", Ur: "منتظم"},
			Grants: []people.Grant{{Role: people.Administrator, Clearance: custody.Secret}},
		}, "administrator of the whole office"},
		in("fin-sec", "Secretary Finance: his department and what lies below him", people.Grant{Role: people.Manager, Department: "fin", Clearance: custody.Secret}),
		in("fin-so1", "a section officer: his desk and what he sent", people.Grant{Role: people.Officer}),
		in("fin-ri", "R&I clerk of Finance: opens, registers, prints", people.Grant{Role: people.Clerk, Department: "fin"}),
		{people.Person{
			ID: "auditor", Name: custody.Name{En: "Auditor", Ur: "آڈیٹر"},
			Grants: []people.Grant{{Role: people.Auditor, Clearance: custody.Confidential}},
		}, "auditor: reads, changes nothing"},
	}
}

// ReaderID is the program that the sample's life reads the board as.
const ReaderID people.ID = "demo"

// Equip lets everybody of the list sign in by one password, which it draws and returns, and
// makes the token of the sample's own life.
func Equip(ctx context.Context, door *people.Door, list []Login) (password, reader string, err error) {
	if password, err = draw(); err != nil {
		return "", "", err
	}
	for _, l := range list {
		if l.Person.ID == "" {
			continue // the post is vacant
		}
		if err := door.Equip(ctx, l.Person, password, "demo"); err != nil {
			return "", "", err
		}
	}
	life := people.Person{ID: ReaderID, Name: custody.Name{En: "Sample life"}, Grants: []people.Grant{{Role: people.Program}, {Role: people.Administrator}}}
	if _, err := door.Add(ctx, life, "demo"); err != nil {
		return "", "", err
	}
	reader, err = door.Issue(ctx, ReaderID, time.Now().AddDate(0, 0, 30), "demo")
	return password, reader, err
}

// words are what a password of the sample is made of: it is read from a terminal and typed.
var words = [...]string{"quetta", "ziarat", "pishin", "mastung", "sibi", "gwadar", "khuzdar", "zhob", "kalat", "chaman"}

func draw() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(words))*1_000_000))
	if err != nil {
		return "", fmt.Errorf("draw password: %w", err)
	}
	v := n.Int64()
	return fmt.Sprintf("%s-%06d", words[v/1_000_000], v%1_000_000), nil
}
