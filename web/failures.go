package web

import (
	"context"
	"errors"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
	"harkara/internal/people"
	"harkara/scanner/decode"
	"harkara/scanner/tiff"
	"harkara/web/gate"
	"harkara/web/wire"
)

var (
	errElsewhere = errors.New("another station's command")
	errNotAFile  = errors.New("not a file's code")
	errUnknown   = errors.New("no such desk, department, route or class")
	errMoved     = errors.New("the file has moved in its cover")
	errUninvited = errors.New("no such one-time code")
	errSilent    = errors.New("the picture does not come")
)

// failures maps what went wrong to a status and the key of the words for it.
var failures = []gate.Failure{
	{Err: gate.ErrUnauthorised, Status: http.StatusUnauthorized, Key: "error.unauthorised"},
	{Err: gate.ErrForbidden, Status: http.StatusForbidden, Key: "error.forbidden"},
	{Err: people.ErrLocked, Status: http.StatusLocked, Key: "error.locked"},
	{Err: people.ErrTooOften, Status: http.StatusTooManyRequests, Key: "error.too_often"},
	{Err: people.ErrLast, Status: http.StatusConflict, Key: "error.last_administrator"},
	{Err: people.ErrNoOfficer, Status: http.StatusUnprocessableEntity, Key: "error.no_officer"},
	{Err: people.ErrID, Status: http.StatusUnprocessableEntity, Key: "error.person_id"},
	{Err: people.ErrRole, Status: http.StatusUnprocessableEntity, Key: "error.malformed"},
	{Err: people.ErrClass, Status: http.StatusUnprocessableEntity, Key: "error.malformed"},
	{Err: errElsewhere, Status: http.StatusForbidden, Key: "error.other_station"},
	{Err: errUninvited, Status: http.StatusForbidden, Key: "error.no_invitation"},
	{Err: gate.ErrTooOften, Status: http.StatusTooManyRequests, Key: "error.too_often"},
	{Err: errSilent, Status: http.StatusRequestTimeout, Key: "error.silent"},
	{Err: custody.ErrNotFound, Status: http.StatusNotFound, Key: "error.not_found"},
	{Err: label.ErrDigit, Status: http.StatusBadRequest, Key: "error.bad_code"},
	{Err: label.ErrLength, Status: http.StatusBadRequest, Key: "error.bad_code"},
	{Err: label.ErrKind, Status: http.StatusBadRequest, Key: "error.bad_code"},
	{Err: label.ErrCheck, Status: http.StatusBadRequest, Key: "error.bad_code"},
	{Err: errNotAFile, Status: http.StatusBadRequest, Key: "error.not_a_file"},
	{Err: errUnknown, Status: http.StatusUnprocessableEntity, Key: "error.unknown_place"},
	{Err: errCharge, Status: http.StatusUnprocessableEntity, Key: "error.charge"},
	{Err: errHandover, Status: http.StatusUnprocessableEntity, Key: "error.handover"},
	{Err: custody.ErrReused, Status: http.StatusConflict, Key: "error.id_used"},
	{Err: errMoved, Status: http.StatusConflict, Key: "error.moved"},
	{Err: custody.ErrNumberTaken, Status: http.StatusConflict, Key: "error.number_taken"},
	{Err: label.ErrForeign, Status: http.StatusUnprocessableEntity, Key: "error.not_foreign"},
	{Err: custody.ErrMalformed, Status: http.StatusBadRequest, Key: "error.malformed"},
	{Err: gate.ErrMalformed, Status: http.StatusBadRequest, Key: "error.malformed"},
	{Err: wire.ErrForm, Status: http.StatusBadRequest, Key: "error.malformed"},
	{Err: decode.ErrTooLarge, Status: http.StatusRequestEntityTooLarge, Key: "error.too_large"},
	{Err: tiff.ErrKind, Status: http.StatusUnprocessableEntity, Key: "error.unreadable_tiff"},
	{Err: decode.ErrNotImage, Status: http.StatusUnprocessableEntity, Key: "error.not_image"},
	{Err: decode.ErrNoCode, Status: http.StatusUnprocessableEntity, Key: "error.no_code"},
	{Err: decode.ErrTooMany, Status: http.StatusUnprocessableEntity, Key: "error.too_many"},
	{Err: custody.ErrQuarantined, Status: http.StatusConflict, Key: "error.quarantined"},
	{Err: custody.ErrNotStored, Status: http.StatusServiceUnavailable, Key: "error.not_stored"},
	{Err: paper.ErrFont, Status: http.StatusServiceUnavailable, Key: "error.no_font"},
	{Err: context.DeadlineExceeded, Status: http.StatusServiceUnavailable, Key: "error.away"},
}

type errorPage struct{ layout }

// failed answers with a page that says what went wrong.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, status int, problem *wire.Problem) error {
	page := errorPage{s.layout(r, problem.Message)}
	page.Problem = problem.Message
	return s.site.render(w, status, "error", page)
}
