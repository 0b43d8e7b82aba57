package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/lang"
	"harkara/web/wire"
)

// Why a request comes to nothing.
var (
	ErrUnauthorised = errors.New("not admitted")
	ErrForbidden    = errors.New("not for this token")
	ErrMalformed    = errors.New("malformed request")
	ErrTooOften     = errors.New("too many tries")

	errGone = errors.New("nobody takes what was begun") // there is no other answer
)

// Denied is the error of who is known and may not. It says who may.
type Denied struct{ by []string } // keys of words for them

// Deny is the error of who has none of some roles.
func Deny(roles ...people.Role) Denied {
	d := Denied{}
	for _, role := range roles {
		d.by = append(d.by, "may."+string(role))
	}
	return d
}

// DenyAct is the error of who does not stand to a file as those must who give a command.
func DenyAct(by custody.Givers) Denied {
	d := Denied{}
	for _, g := range []struct {
		giver custody.Giver
		key   string
	}{{custody.Holder, "may.holder"}, {custody.Superior, "may.superior"}, {custody.Manager, "may.above"}, {custody.Administrator, "may.administrator"}, {custody.StationHere, "may.station"}} {
		if by.Has(g.giver) {
			d.by = append(d.by, g.key)
		}
	}
	return d
}

// DenyOpening is the error of who may open files, and not this one.
func DenyOpening() Denied {
	return Denied{[]string{"may.clerk_here", "may.holder_there", "may.administrator"}}
}

func (Denied) Error() string { return "not for this person" }

// Is makes it one of ErrForbidden.
func (Denied) Is(target error) bool { return target == ErrForbidden }

// Words say who may.
func (d Denied) Words(tag lang.Tag) string {
	who := make([]string, len(d.by))
	for i, key := range d.by {
		who[i] = tag.Text(key)
	}
	if last := len(who) - 1; last > 0 {
		who = append(who[:last-1], who[last-1]+tag.Text("list.or")+who[last])
	}
	return tag.Text("may.only", strings.Join(who, tag.Text("list.comma")))
}

// Failure maps an error to a status and the key of the words for it.
type Failure struct {
	Err    error
	Status int
	Key    string
}

// Classify returns the status of what went wrong and the key of the words for it.
func (g *Gate) Classify(err error) (status int, key string) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, "error.too_large"
	}
	if fault, ok := errors.AsType[custody.Fault](err); ok {
		return http.StatusUnprocessableEntity, "error." + string(fault)
	}
	for _, f := range g.Failures {
		if errors.Is(err, f.Err) {
			return f.Status, f.Key
		}
	}
	return http.StatusInternalServerError, "error.internal"
}

// Problem says in the request's language what a key stands for.
func Problem(r *http.Request, key string) *wire.Problem {
	return &wire.Problem{Code: strings.TrimPrefix(key, "error."), Message: Language(r).Text(key)}
}

// Fail answers a request that came to nothing: programs with JSON, people with a page.
// Nobody outside sees err itself.
func (g *Gate) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errGone) || errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		g.Log.Debug("nobody listens any more", "path", r.URL.Path, "err", err)
		return
	}
	status, key := g.Classify(err)
	problem := Problem(r, key)
	if denied, is := errors.AsType[Denied](err); is {
		problem = &wire.Problem{Code: "not_allowed", Message: denied.Words(Language(r))}
	}
	if status >= 500 {
		g.Noise.Error("request failed "+r.Pattern+" "+key+" "+Caller(r), "request failed", "path", r.URL.Path, "addr", Caller(r), "err", err)
	}
	w.Header().Del("ETag")
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"), r.URL.Path == "/healthz":
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="harkara"`)
		}
		err = WriteJSON(w, status, map[string]*wire.Problem{"error": problem})
	case status == http.StatusUnauthorized:
		http.Redirect(w, r, toLogin(r), http.StatusSeeOther)
		return
	case status == http.StatusLocked && r.Method == http.MethodGet:
		http.Redirect(w, r, unlockAt(r), http.StatusSeeOther)
		return
	case status == http.StatusLocked: // the form goes along, and is sent again once it is unlocked
		http.Redirect(w, r, unlockAt(r), http.StatusTemporaryRedirect)
		return
	default:
		err = g.Page(w, r, status, problem)
	}
	if err != nil {
		g.Log.Debug("answer is not taken", "path", r.URL.Path, "err", err)
	}
}

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("make answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	return Write(w, append(body, '\n'))
}

// Write sends an answer whose header is done. Its error may only be returned to the
// gate: there is no second answer.
func Write(w http.ResponseWriter, body []byte) error {
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return nil
}

// ReadJSON reads one JSON object without fields that are not known here. No body
// is an empty object. Errors: ErrMalformed.
func ReadJSON(w http.ResponseWriter, r *http.Request, into any) error {
	strict := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxForm))
	strict.DisallowUnknownFields()
	if err := strict.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if strict.More() {
		return fmt.Errorf("%w: more than one JSON value", ErrMalformed)
	}
	return nil
}

// ReadForm reads a request's form. Errors: ErrMalformed.
func ReadForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
