package web

import (
	"context"
	"net/http"
	"slices"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
)

// file is the file of a code, for who sees it whole. custody.ErrNotFound: there is none, or
// he is not to know of it.
func (s *Server) file(ctx context.Context, eyes *people.Eyes, code label.Code) (custody.Row, error) {
	row, err := s.Registry.File(ctx, code)
	if err == nil && eyes.See(&row) != people.Whole {
		return custody.Row{}, custody.ErrNotFound
	}
	return row, err
}

// seen is those of some files that are seen whole.
func seen(eyes *people.Eyes, rows []custody.Row) []custody.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r custody.Row) bool { return eyes.See(&r) != people.Whole })
}

// disclose puts the subject into the row of a file that is not open to everybody, for who
// sees it.
func (s *Server) disclose(ctx context.Context, row custody.Row) (custody.Row, error) {
	if row.File.Class == custody.Ordinary {
		return row, nil
	}
	p, err := s.past(ctx, row.File.Code)
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
