package web

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/wire"
)

// images takes a photograph of a cover as its body, reads it, and stores a scan of
// what it shows; ?id= makes a repeat harmless. With ?read it only says what the
// picture shows, for a kiosk that pairs cards with files itself.
func (s *Server) images(w http.ResponseWriter, r *http.Request) error {
	wait, err := wire.Wait(r.URL.Query().Get("wait"))
	if err != nil {
		return err
	}
	code, err := s.reading.code(r.Context(), gate.Of(r).Station, func() ([]byte, error) { return s.reading.body(w, r) })
	if err != nil {
		return err
	}
	if r.URL.Query().Has("read") {
		return gate.WriteJSON(w, http.StatusOK, map[string]label.Code{"code": code})
	}
	if kind := code.Kind(); kind != label.File && kind != 0 {
		return fmt.Errorf("%w: a %s's", errNotAFile, kind)
	}
	c := custody.Command{
		ID: custody.CommandID(r.URL.Query().Get("id")), Kind: custody.Scan, Code: code, Station: gate.Of(r).Station,
		Method: custody.ByImage, At: custody.Stamp{Wall: s.Now().UTC()},
	}
	if c.ID == "" {
		c.ID = custody.CommandID(uuid.NewString())
	}
	if err := c.Validate(); err != nil {
		return err
	}
	if first, again, err := s.given(r.Context(), c.ID); err != nil {
		return err
	} else if again { // it was sent at another moment
		if !c.Same(first) {
			return custody.ErrReused
		}
		c = first
	}
	receipts, err := s.Intake.Put(r.Context(), []custody.Command{c})
	if err != nil {
		return err
	}
	results := []result{s.resultOf(r, receipts[0])}
	s.await(r, wait, results)
	return gate.WriteJSON(w, http.StatusOK, struct {
		Code label.Code `json:"code"`
		result
	}{code, results[0]})
}
