package web

import (
	"net/http"

	"harkara/internal/custody"
)

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

// askAgain shows the page of a file that was asked to have another file's number: the form
// as it was filled in, and whose the number is.
func (s *Server) askAgain(w http.ResponseWriter, r *http.Request, in asked, c custody.Command, has custody.NumberTaken) error {
	return s.showFile(w, r, http.StatusConflict, func(p speaker, t *story) {
		number, _ := c.Names()
		in.again(t.Asks, c.Kind, p.taken(number, namesakes(c, has.Files), true))
	})
}
