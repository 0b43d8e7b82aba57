package web

import (
	"fmt"
	"net/http"

	"harkara/internal/label"
	"harkara/web/gate"
)

// maxLabels is how many codes are drawn at once: more are asked for again.
const maxLabels = 500

// printable are the kinds of things that are printed before anybody knows what for.
var printable = map[string]label.Kind{"": label.File, label.File.String(): label.File, label.Bag.String(): label.Bag}

// referenceJSON is the office as it is in force: rooms, desks, posts, officers, routes.
func (s *Server) referenceJSON(w http.ResponseWriter, r *http.Request) error {
	office, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, office)
}

// labelsJSON draws codes for labels of files that are not opened yet, and for bags.
func (s *Server) labelsJSON(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Count int    `json:"count"`
		Kind  string `json:"kind"` // file or bag; empty: file
	}
	if err := gate.ReadJSON(w, r, &in); err != nil {
		return err
	}
	kind, ok := printable[in.Kind]
	if !ok || in.Count < 1 || in.Count > maxLabels {
		return fmt.Errorf("%w: %d labels of kind %q, at most %d", gate.ErrMalformed, in.Count, in.Kind, maxLabels)
	}
	codes := make([]label.Code, in.Count)
	for i := range codes {
		var err error
		if codes[i], err = s.Intake.Mint(r.Context(), kind); err != nil {
			return err
		}
	}
	return gate.WriteJSON(w, http.StatusCreated, map[string][]label.Code{"codes": codes})
}
