package web

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/scanner/decode"
)

const maxImage = 20 << 20 // bytes

// images takes a photograph of a cover as its body, reads it, and stores a scan of
// what it shows; ?id= makes a repeat harmless. With ?read it only says what the
// picture shows, for a kiosk that pairs cards with files itself.
func (s *Server) images(w http.ResponseWriter, r *http.Request) error {
	wait, err := waiting(r)
	if err != nil {
		return err
	}
	grey, err := decode.Load(http.MaxBytesReader(w, r.Body, maxImage))
	if err != nil {
		return err
	}
	code, err := read(grey)
	if err != nil {
		return err
	}
	if r.URL.Query().Has("read") {
		return writeJSON(w, http.StatusOK, map[string]label.Code{"code": code})
	}
	if code.Kind() != label.File {
		return fmt.Errorf("%w: a %s's", errNotAFile, code.Kind())
	}
	c := custody.Command{
		ID: custody.CommandID(r.URL.Query().Get("id")), Kind: custody.Scan, Code: code, Station: stationOf(r),
		Method: custody.ByImage, At: custody.Stamp{Wall: s.Now().UTC()},
	}
	if c.ID == "" {
		c.ID = custody.CommandID(uuid.NewString())
	}
	if err := c.Validate(); err != nil {
		return err
	}
	receipts, err := s.Intake.Put(r.Context(), []custody.Command{c})
	if err != nil {
		return err
	}
	results := []result{{ID: c.ID, Stored: true, Seq: receipts[0].Seq}}
	s.await(r, wait, results)
	return writeJSON(w, http.StatusOK, struct {
		Code label.Code `json:"code"`
		result
	}{code, results[0]})
}

// read returns the one code that a picture shows: a file's where there is one,
// else a card's or a badge's.
func read(grey *decode.Gray) (label.Code, error) {
	var files, others []label.Code
	for _, symbol := range decode.All(grey) {
		code, err := label.Check(symbol.Text)
		switch {
		case err != nil:
		case code.Kind() == label.File:
			files = append(files, code)
		default:
			others = append(others, code)
		}
	}
	found := files
	if len(found) == 0 {
		found = others
	}
	if len(found) == 0 {
		return "", errNoCode
	}
	for _, code := range found {
		if code != found[0] {
			return "", errTooMany
		}
	}
	return found[0], nil
}
