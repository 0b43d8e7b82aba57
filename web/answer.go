package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/scanner/decode"
)

var (
	errUnauthorised = errors.New("not admitted")
	errMalformed    = errors.New("malformed request")
	errNoCode       = errors.New("no code in the picture")
	errTooMany      = errors.New("several codes in the picture")
)

// answers maps what went wrong to a status and the key of the words for it. First
// match wins; what is not here is an internal error and goes to the log.
var answers = []struct {
	err    error
	status int
	key    string
}{
	{errUnauthorised, http.StatusUnauthorized, "error.unauthorised"},
	{custody.ErrNotStored, http.StatusServiceUnavailable, "error.not_stored"},
	{custody.ErrNotFound, http.StatusNotFound, "error.not_found"},
	{custody.ErrMalformed, http.StatusBadRequest, "error.malformed"},
	{errMalformed, http.StatusBadRequest, "error.malformed"},
	{label.ErrDigit, http.StatusBadRequest, "kiosk.bad_code"},
	{label.ErrLength, http.StatusBadRequest, "kiosk.bad_code"},
	{label.ErrKind, http.StatusBadRequest, "kiosk.bad_code"},
	{label.ErrCheck, http.StatusBadRequest, "kiosk.bad_code"},
	{decode.ErrTooLarge, http.StatusRequestEntityTooLarge, "error.too_large"},
	{decode.ErrNotImage, http.StatusUnprocessableEntity, "error.not_image"},
	{errNoCode, http.StatusUnprocessableEntity, "error.no_code"},
	{errTooMany, http.StatusUnprocessableEntity, "error.too_many"},
}

// problem is how the API says that something went wrong.
type problem struct {
	Code    string `json:"code"` // stable, for programs
	Message string `json:"message"`
}

func classify(err error) (status int, key string) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, "error.too_large"
	}
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.status, a.key
		}
	}
	return http.StatusInternalServerError, "error.internal"
}

// fail answers a request that came to nothing. Browsers never see err itself.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // nobody listens any more
	}
	status, key := classify(err)
	if status >= 500 {
		s.Log.Error("request failed", "path", r.URL.Path, "err", err)
	}
	tag := language(r)
	if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/healthz") {
		p := problem{Code: strings.TrimPrefix(key, "error."), Message: tag.Text(key)}
		if err := writeJSON(w, status, map[string]problem{"error": p}); err != nil {
			s.Log.Debug("answer is not taken", "err", err)
		}
		return
	}
	if status == http.StatusUnauthorized {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	page := s.frame(r, key)
	page.Error = tag.Text(key)
	if err := s.pages.render(w, r, status, "error", page); err != nil {
		s.Log.Debug("answer is not taken", "err", err)
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}
