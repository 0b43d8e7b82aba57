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
	"harkara/internal/paper"
	"harkara/scanner/decode"
	"harkara/scanner/tiff"
	"harkara/web/wire"
)

var (
	errUnauthorised = errors.New("not admitted")
	errForbidden    = errors.New("not for this token")
	errMalformed    = errors.New("malformed request")
	errElsewhere    = errors.New("another station's command")
	errNotAFile     = errors.New("not a file's code")
	errUnknown      = errors.New("no such desk, department, route or class")
	errMoved        = errors.New("the file has moved in its cover")
	errUninvited    = errors.New("no such one-time code")
	errTooOften     = errors.New("too many tries")
	errSilent       = errors.New("the picture does not come")
	errNotTaken     = errors.New("answer is not taken") // it has begun: there is no other
)

// answers maps what went wrong to a status and the key of the words for it. First
// match wins; what is not here is an internal error and goes to the log.
var answers = []struct {
	err    error
	status int
	key    string
}{
	{errUnauthorised, http.StatusUnauthorized, "error.unauthorised"},
	{errForbidden, http.StatusForbidden, "error.forbidden"},
	{errElsewhere, http.StatusForbidden, "error.other_station"},
	{errUninvited, http.StatusForbidden, "error.no_invitation"},
	{errTooOften, http.StatusTooManyRequests, "error.too_often"},
	{errSilent, http.StatusRequestTimeout, "error.silent"},
	{custody.ErrNotFound, http.StatusNotFound, "error.not_found"},
	{label.ErrDigit, http.StatusBadRequest, "error.bad_code"},
	{label.ErrLength, http.StatusBadRequest, "error.bad_code"},
	{label.ErrKind, http.StatusBadRequest, "error.bad_code"},
	{label.ErrCheck, http.StatusBadRequest, "error.bad_code"},
	{errNotAFile, http.StatusBadRequest, "error.not_a_file"},
	{errUnknown, http.StatusUnprocessableEntity, "error.unknown_place"},
	{custody.ErrReused, http.StatusConflict, "error.id_used"},
	{errMoved, http.StatusConflict, "error.moved"},
	{custody.ErrNumberTaken, http.StatusConflict, "error.number_taken"},
	{label.ErrForeign, http.StatusUnprocessableEntity, "error.not_foreign"},
	{custody.ErrMalformed, http.StatusBadRequest, "error.malformed"},
	{wire.ErrForm, http.StatusBadRequest, "error.malformed"},
	{errMalformed, http.StatusBadRequest, "error.malformed"},
	{decode.ErrTooLarge, http.StatusRequestEntityTooLarge, "error.too_large"},
	{tiff.ErrKind, http.StatusUnprocessableEntity, "error.unreadable_tiff"},
	{decode.ErrNotImage, http.StatusUnprocessableEntity, "error.not_image"},
	{decode.ErrNoCode, http.StatusUnprocessableEntity, "error.no_code"},
	{decode.ErrTooMany, http.StatusUnprocessableEntity, "error.too_many"},
	{custody.ErrQuarantined, http.StatusConflict, "error.quarantined"},
	{custody.ErrNotStored, http.StatusServiceUnavailable, "error.not_stored"},
	{paper.ErrFont, http.StatusServiceUnavailable, "error.no_font"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "error.away"},
}

func classify(err error) (status int, key string) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, "error.too_large"
	}
	if fault, ok := errors.AsType[custody.Fault](err); ok {
		return http.StatusUnprocessableEntity, "error." + string(fault)
	}
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.status, a.key
		}
	}
	return http.StatusInternalServerError, "error.internal"
}

func problemOf(r *http.Request, key string) *wire.Problem {
	return &wire.Problem{Code: strings.TrimPrefix(key, "error."), Message: language(r).Text(key)}
}

type errorPage struct{ frame }

// fail answers a request that came to nothing. Nobody outside sees err itself.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errNotTaken) || errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		s.Log.Debug("nobody listens any more", "path", r.URL.Path, "err", err)
		return
	}
	status, key := classify(err)
	if status >= 500 {
		s.noise.Error("request failed "+r.Pattern+" "+key+" "+caller(r), "request failed", "path", r.URL.Path, "addr", caller(r), "err", err)
	}
	w.Header().Del("ETag")
	if strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/healthz" {
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="harkara"`)
		}
		err = writeJSON(w, status, map[string]*wire.Problem{"error": problemOf(r, key)})
	} else if status == http.StatusUnauthorized {
		http.Redirect(w, r, toLogin(r), http.StatusSeeOther)
		return
	} else {
		page := errorPage{s.frame(r, key)}
		page.Problem = page.T(key)
		err = s.site.render(w, status, "error", page)
	}
	if err != nil {
		s.Log.Debug("answer is not taken", "path", r.URL.Path, "err", err)
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("make answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	return write(w, append(body, '\n'))
}

// write sends an answer whose header is done. Errors: errNotTaken.
func write(w http.ResponseWriter, body []byte) error {
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("%w: %w", errNotTaken, err)
	}
	return nil
}
