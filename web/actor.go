package web

import (
	"fmt"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/lang"
)

// actor is who acts by a request, about what a post has (empty: about nothing of a post's).
// It is the one place where a principal becomes an actor.
func (s *Server) actor(r *http.Request, about custody.PostID) (custody.Actor, error) {
	p := gate.Of(r)
	if p.ID == "" {
		return custody.Actor{}, nil
	}
	office, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return custody.Actor{}, err
	}
	by := office.Acting(p.ID, about)
	by.Proof = p.Proof
	return by, nil
}

// actor names who gave a command: the person, his post, for whom he acts and by what he
// was known, as things were called then. Of a station's without a badge it is the room.
func (p speaker) actor(by custody.Actor, at custody.StationID) string {
	who := ""
	switch {
	case by.Person != "":
		who = p.who(by)
	case by.Proof != "":
		return p.T("by." + string(by.Proof))
	case at != "":
		return p.T("by.room")
	default:
		return ""
	}
	if by.For != (custody.Person{}) {
		who = p.T("by.for", who, p.held(by.For))
	}
	if by.Proof == "" {
		return who
	}
	return p.T("by.known", who, p.T("by."+string(by.Proof)))
}

// ordered is by whose order, in the words that were typed.
func (v voice) ordered(who string) string {
	if who == "" {
		return ""
	}
	return v.T("entry.ordered", who)
}

// ActorIn names who gave a command in English, as an office calls people.
func ActorIn(o *custody.Office, by custody.Actor) string {
	return speaker{voice: voice{lang.English}, office: o, then: o}.actor(by, "")
}

// who is a person with the post in which he acts.
func (p speaker) who(by custody.Actor) string {
	name := p.officer(custody.OfficerID(by.Person))
	if by.Person == people.FirstAdministrator {
		name = p.T("by.administrator")
	}
	if by.Post == "" {
		return name
	}
	return p.comma(name, p.post(by.Post))
}

// held is a post with who was in it.
func (p speaker) held(by custody.Person) string {
	if by.Officer == "" {
		return p.post(by.Post)
	}
	return fmt.Sprintf("%s (%s)", p.post(by.Post), p.officer(by.Officer))
}
