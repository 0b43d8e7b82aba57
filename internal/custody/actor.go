package custody

import (
	"slices"

	"harkara/internal/label"
)

// PersonID names a person for ever. That of an officer is the officer's.
type PersonID string

// Proof is by what somebody is known to be who he says he is.
type Proof string

// The proofs; none: nothing showed it.
const (
	BySignIn  Proof = "sign_in" // on a page
	ByBadge   Proof = "badge"   // read at the station with the file: it proves a card, not a person
	ByToken   Proof = "token"   // of a program, or of who runs one with it
	ByConsole Proof = "console" // the server's: whoever sits there says so
)

// Proofs lists them.
var Proofs = []Proof{BySignIn, ByBadge, ByToken, ByConsole}

// Actor is who gave a command: a person, the post in which he did, and whose place he took
// where it was another's. Without a person it was the room at whose station it was done,
// the console, or for what the office does by itself nobody: the zero value.
type Actor struct {
	Person PersonID `json:"person,omitempty"`
	Post   PostID   `json:"post,omitempty"`
	For    Person   `json:"for,omitzero"` // as the post stood then
	Proof  Proof    `json:"proof,omitempty"`
}

// check sees that an actor is one who can be.
func (a Actor) check() error {
	for _, id := range []string{string(a.Person), string(a.Post), string(a.For.Post), string(a.For.Officer)} {
		if !identifies(id) {
			return malformed("an identifier has at most %d bytes and no control characters", maxID)
		}
	}
	if a.Proof != "" && !slices.Contains(Proofs, a.Proof) {
		return malformed("no proof %q", a.Proof)
	}
	if a.Person == "" && (a.Post != "" || a.For != Person{}) {
		return malformed("somebody acts, but not who")
	}
	return nil
}

// Acting is a person as he acts about what a post has: in that post where he is in it, for
// it where it has named him among its staff, else in the post that is his. He need be no
// officer.
func (o *Office) Acting(id PersonID, about PostID) Actor {
	a := Actor{Person: id}
	officer, ok := o.OfficerByID(OfficerID(id))
	if !ok {
		return a
	}
	a.Post = officer.Post
	post, ok := o.PostByID(about)
	if ok && post.ID != a.Post && slices.Contains(post.Staff, officer.ID) {
		in, _ := o.OfficerIn(post.ID)
		a.For = Person{Post: post.ID, Officer: in.ID}
	}
	return a
}

// badge is who is known by a badge that was read with the command; of one that nobody has
// it is the room.
func (l look) badge(code label.Code) {
	officer, ok := l.office.OfficerByCode(code)
	if !ok || code == "" {
		return
	}
	var about PostID
	if l.out.Here != nil {
		about = l.out.Here.Post
	}
	l.out.By = l.office.Acting(PersonID(officer.ID), about)
	l.out.By.Proof = ByBadge
}
