package web

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/scanner/decode"
	"harkara/scanner/tiff"
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
	code, err := s.reading.code(r.Context(), http.MaxBytesReader(w, r.Body, maxImage))
	if err != nil {
		return err
	}
	if r.URL.Query().Has("read") {
		return writeJSON(w, http.StatusOK, map[string]label.Code{"code": code})
	}
	if kind := code.Kind(); kind != label.File && kind != 0 {
		return fmt.Errorf("%w: a %s's", errNotAFile, kind)
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
	results := []result{resultOf(r, receipts[0])}
	s.await(r, wait, results)
	return writeJSON(w, http.StatusOK, struct {
		Code label.Code `json:"code"`
		result
	}{code, results[0]})
}

// reading is room for pictures that are unpacked: each may take 400 MB.
type reading chan struct{}

const picturesAtOnce = 2

// code waits for room and returns what a picture shows.
func (r reading) code(ctx context.Context, picture io.Reader) (label.Code, error) {
	select {
	case r <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-r }()
	grey, err := tiff.Load(ctx, picture)
	if err != nil {
		return "", err
	}
	return decode.All(ctx, grey).Code()
}
