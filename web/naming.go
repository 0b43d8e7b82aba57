package web

import (
	"net/http"

	"harkara/internal/custody"
	"harkara/web/gate"
)

// disclose puts the subject into the row of a file that is not open to everybody, for a
// principal who may know it.
func (s *Server) disclose(r *http.Request, row custody.Row) (custody.Row, error) {
	if row.File.Class == custody.Ordinary || !gate.Of(r).Sight.Secrets {
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
