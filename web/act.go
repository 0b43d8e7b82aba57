package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// acts are the commands that a person may give about a file on its page.
var acts = []custody.CommandKind{custody.Close, custody.Reopen, custody.Missing, custody.Found, custody.Correct, custody.Mark, custody.Reprint, custody.Alias}

// asked is what comes with an act. ID makes a repeat harmless; it may be empty.
type asked struct {
	ID     custody.CommandID `json:"id"`
	Reason string            `json:"reason"`
	Desk   custody.DeskID    `json:"desk"`
	Route  custody.RouteID   `json:"route"`
	Cover  string            `json:"cover"` // with alias: what the old cover says
}

// command makes the command of an act on a file, checked against the office.
func (s *Server) command(r *http.Request, in asked) (custody.Command, error) {
	code, err := codeOf(r)
	if err != nil {
		return custody.Command{}, err
	}
	kind := custody.CommandKind(r.PathValue("act"))
	if !slices.Contains(acts, kind) {
		return custody.Command{}, custody.ErrNotFound
	}
	file, err := s.Registry.File(r.Context(), code)
	if err != nil {
		return custody.Command{}, err
	}
	if len(in.Reason) > custody.MaxReason {
		return custody.Command{}, errTooLong
	}
	office, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return custody.Command{}, err
	}
	if _, known := office.DeskByID(in.Desk); in.Desk != "" && !known {
		return custody.Command{}, fmt.Errorf("%w: desk %q", errUnknown, in.Desk)
	}
	if _, known := office.RouteByID(in.Route); in.Route != "" && !known {
		return custody.Command{}, fmt.Errorf("%w: route %q", errUnknown, in.Route)
	}
	c := s.byHand(in.ID, kind, file.File.Code)
	c.Reason, c.Desk, c.Route = in.Reason, in.Desk, in.Route
	switch kind {
	case custody.Reprint:
		if c.Reason == "" {
			return custody.Command{}, errNoReason
		}
		c.Cover, err = s.Intake.Mint(r.Context(), label.File)
	case custody.Alias:
		c.Cover, err = label.Foreign(in.Cover)
	}
	if err != nil {
		return custody.Command{}, err
	}
	return c, c.Validate()
}

// administrator is who acts on a page, until people have logins.
const administrator = "administrator"

// byHand is a command of whoever sits at a page: until people have logins that is
// the administrator.
func (s *Server) byHand(id custody.CommandID, kind custody.CommandKind, code label.Code) custody.Command {
	if id == "" {
		id = custody.CommandID(uuid.NewString())
	}
	return custody.Command{ID: id, Kind: kind, Code: code, Method: custody.ByHand, Who: administrator, At: custody.Stamp{Wall: s.Now().UTC()}}
}

// decided stores a command and waits for what it comes to; nil when that takes
// longer than wait: it is stored and will be decided.
func (s *Server) decided(ctx context.Context, c custody.Command, wait time.Duration) (custody.Receipt, *custody.Outcome, error) {
	receipts, err := s.Intake.Put(ctx, []custody.Command{c})
	if err != nil {
		return custody.Receipt{}, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	out, err := s.Intake.Await(ctx, c.ID)
	switch {
	case err == nil:
		return receipts[0], &out, nil
	case errors.Is(err, custody.ErrQuarantined):
		return receipts[0], nil, err
	case ctx.Err() == nil:
		s.Log.Warn("outcome is not known", "command", c.ID, "err", err)
	}
	return receipts[0], nil, nil
}

// waits stands for a reason where a command is stored and not decided yet.
const waits = "waits"

// actForm is a form of the file's page: it goes back there and says what it came
// to.
func (s *Server) actForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	c, err := s.command(r, asked{
		ID: custody.CommandID(r.PostForm.Get("id")), Reason: r.PostForm.Get("reason"),
		Desk: custody.DeskID(r.PostForm.Get("desk")), Route: custody.RouteID(r.PostForm.Get("route")), Cover: r.PostForm.Get("cover"),
	})
	if err != nil {
		return err
	}
	_, out, err := s.decided(r.Context(), c, maxWait)
	if err != nil {
		return err
	}
	q := url.Values{"done": {waits}}
	if out != nil {
		q.Set("done", string(out.Reason))
		if out.Verdict == custody.Refused {
			q.Set("refused", "")
		}
	}
	http.Redirect(w, r, "/files/"+string(c.Code)+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}

// actJSON is the same for programs. It answers as a scan is answered.
func (s *Server) actJSON(w http.ResponseWriter, r *http.Request) error {
	var in asked
	if err := s.readJSON(w, r, &in); err != nil {
		return err
	}
	c, err := s.command(r, in)
	if err != nil {
		return err
	}
	return s.answerDecided(w, r, c, func(*custody.Outcome) int { return http.StatusOK })
}

// answerDecided stores a command and answers with its result, and the status of that;
// out is nil where it is not decided yet. A refusal that is an error names its reason.
func (s *Server) answerDecided(w http.ResponseWriter, r *http.Request, c custody.Command, status func(out *custody.Outcome) int) error {
	wait, err := waiting(r)
	if err != nil {
		return err
	}
	receipt, out, err := s.decided(r.Context(), c, wait)
	if err != nil {
		return err
	}
	res := result{ID: c.ID, Stored: true, Seq: receipt.Seq, Outcome: out}
	if out != nil {
		res.Say = s.say(r, *out)
	}
	code := status(out)
	if code >= http.StatusBadRequest && res.Say != nil {
		res.Error = &problem{Code: string(res.Say.Reason), Message: res.Say.Headline}
	}
	return writeJSON(w, code, struct {
		Code label.Code `json:"code"`
		result
	}{c.Code, res})
}

// readJSON reads one JSON object without fields that are not known here. No body
// is an empty object.
func (s *Server) readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	strict := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
	strict.DisallowUnknownFields()
	if err := strict.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	if strict.More() {
		return fmt.Errorf("%w: more than one JSON value", errMalformed)
	}
	return nil
}
