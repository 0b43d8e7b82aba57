package web

import (
	"fmt"
	"net/http"

	"harkara/internal/custody"
)

// naming is what somebody asks a file to be called: fields of asked.
type naming struct {
	Number  string `json:"number"`  // with amend, as Subject; empty: it stays
	Subject string `json:"subject"` //
	Anyway  bool   `json:"anyway"`  // also where another file has the number

	// What a form showed as number and subject: sent back as it was, a part stays.
	showed struct{ number, subject string }
}

// amends is what differs from what a form showed, checked. Errors: errNothing,
// errNoNumber, errNumberIsCode, errTooLong.
func (n naming) amends() (*custody.Naming, error) {
	wanted := custody.Naming{Number: n.Number, Subject: n.Subject, Anyway: n.Anyway}.Clean()
	was := custody.Naming{Number: n.showed.number, Subject: n.showed.subject}.Clean()
	if wanted.Number == was.Number {
		wanted.Number = ""
	}
	if wanted.Subject == was.Subject {
		wanted.Subject = ""
	}
	switch {
	case wanted.Number == "" && wanted.Subject == "":
		return nil, errNothing
	case wanted.Number != "" && custody.KeyOf(wanted.Number) == "":
		return nil, errNoNumber
	case isCode(wanted.Number): // a scanner typed into the form
		return nil, errNumberIsCode
	case len(wanted.Number) > custody.MaxNumber, len(wanted.Subject) > custody.MaxSubject:
		return nil, errTooLong
	}
	return &wanted, nil
}

// classifies is the class that a file gets, and by whose order. Errors: errUnknown,
// errNoWho, errTooLong.
func (in asked) classifies() (*custody.Class, string, error) {
	class, err := classOf(in.Class)
	who := custody.Plain(in.Who)
	switch {
	case err != nil:
		return nil, "", err
	case who == "":
		return nil, "", errNoWho
	case len(who) > maxWho:
		return nil, "", errTooLong
	}
	return class, who, nil
}

// ordinary is how the class that has no name of its own is written by programs.
const ordinary = "ordinary"

// maxWho bounds who orders something, in bytes.
const maxWho = 64

// classOf reads a class. Errors: errUnknown.
func classOf(text string) (*custody.Class, error) {
	class := custody.Class(text)
	switch text {
	case ordinary:
		class = custody.Ordinary
	case string(custody.Confidential), string(custody.Secret):
	default:
		return nil, fmt.Errorf("%w: class %q", errUnknown, text)
	}
	return &class, nil
}

// cleared reports whether a request carries an administrator's token: who reads without
// one, as in the demonstration, is not told what a secret file is about.
func (s *Server) cleared(r *http.Request) bool {
	token := tokenOf(r, reader)
	if token == "" {
		return false
	}
	station, err := s.authenticate(r.Context(), token)
	return err == nil && station == ""
}

// disclose puts the subject into the row of a file that is not open to everybody, for who
// is cleared.
func (s *Server) disclose(r *http.Request, row custody.Row) (custody.Row, error) {
	if row.File.Class == custody.Ordinary || !s.cleared(r) {
		return row, nil
	}
	p, err := s.past(r.Context(), row.File.Code)
	row.File.Subject = p.name().Subject
	return row, err
}

// amendForm is the form that puts a file's number or subject right, as it is shown. Was
// is what it showed at first.
type amendForm struct {
	ID              custody.CommandID // empty: one is drawn
	Number, Subject string
	Was             struct{ Number, Subject string }
	Reason          string
	Taken           *taken // who has the number already; nil: nobody
	Limits          struct{ Number, Subject int }
}

// amending is the form for a file as its reader sees it.
func amending(f custody.File) amendForm {
	form := amendForm{Number: f.Number, Subject: f.Subject}
	form.Was.Number, form.Was.Subject = f.Number, f.Subject
	form.Limits.Number, form.Limits.Subject = custody.MaxNumber, custody.MaxSubject
	return form
}

// askAgain shows the page of a file whose amendment gives it another file's number: the
// form as it was filled in, and whose the number is.
func (s *Server) askAgain(w http.ResponseWriter, r *http.Request, in asked, has custody.NumberTaken) error {
	return s.showFile(w, r, http.StatusConflict, func(p speaker, t *story) {
		t.Amend.ID, t.Amend.Number, t.Amend.Subject, t.Amend.Reason = in.ID, in.Number, in.Subject, in.Reason
		t.Amend.Was.Number, t.Amend.Was.Subject = in.showed.number, in.showed.subject
		t.Amend.Taken = p.taken(in.Number, namesakes(custody.Plain(in.Number), has.Files), true)
	})
}

// classes are what a file may be made, but for what it is.
func (p speaker) classes(is custody.Class) (list []choice) {
	for _, c := range []custody.Class{custody.Ordinary, custody.Confidential, custody.Secret} {
		if c != is {
			list = append(list, choice{ID: className(c), Name: p.class(c)})
		}
	}
	return list
}

func (p speaker) class(c custody.Class) string { return p.T("class." + className(c)) }

func className(c custody.Class) string {
	if c == custody.Ordinary {
		return ordinary
	}
	return string(c)
}
