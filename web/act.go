package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/wire"
)

// command makes the command of an act on a file, checked against the office. What was
// asked before under the same id is the command of then: its time and what was drawn
// for it stay. custody.ErrReused: that id was of something else.
func (s *Server) command(r *http.Request, in asked) (custody.Command, error) {
	none := custody.Command{}
	code, err := codeOf(r)
	if err != nil {
		return none, err
	}
	eyes := gate.Of(r).Sight.Eyes()
	file, err := s.file(r.Context(), eyes, code)
	if err != nil {
		return none, err
	}
	kind, err := pageKind(r.PathValue("act"))
	if err != nil {
		return none, err
	}
	if !kind.By.Has(eyes.Stands(&file)...) {
		return none, gate.DenyAct(kind.By)
	}
	by, err := s.actor(r, file.Position.Post)
	if err != nil {
		return none, err
	}
	c := s.byHand(in.ID, kind.Name, file.File.Code, by)
	c.Reason = in.Reason
	if kind.Ordered {
		c.Who = in.Who
	}
	with, err := json.Marshal(in.With)
	if err != nil {
		return none, err
	}
	if c.With, err = kind.Parse(with); err != nil {
		return none, err
	}
	c = c.Clean()
	if first, again, err := s.given(r.Context(), in.ID); again || err != nil {
		if again && !c.Same(first) {
			return none, custody.ErrReused
		}
		return first, err
	}
	if err := s.known(r.Context(), c); err != nil {
		return none, err
	}
	if kind.Draws {
		drawn, err := s.Intake.Mint(r.Context(), label.File)
		if err != nil {
			return none, err
		}
		c = c.Draw(drawn)
	}
	if c.Reason == "" && demandsReason(kind) { // of a person; a station gives none
		return none, custody.NoReason
	}
	return c, c.Validate()
}

// demandsReason reports whether a kind's form cannot be sent without a reason.
func demandsReason(k custody.Kind) bool {
	return slices.ContainsFunc(k.Asks.Of, func(a custody.Ask) bool { return a.Name == string(custody.ReasonField) && !a.Optional })
}

// given returns what was stored under an id before.
func (s *Server) given(ctx context.Context, id custody.CommandID) (c custody.Command, again bool, err error) {
	if uuid.Validate(string(id)) != nil {
		return c, false, nil // a new one's form is checked later
	}
	c, err = s.Commands.Command(ctx, id)
	if errors.Is(err, custody.ErrNotFound) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("%w: %w", custody.ErrNotStored, err)
	}
	return c, true, nil
}

// known checks that the office has what a command mentions. Errors: errUnknown.
func (s *Server) known(ctx context.Context, c custody.Command) error {
	office, err := s.Directory.Office(ctx, s.Now())
	if err != nil {
		return err
	}
	if r := office.Resolve(custody.Resolved{Command: c}, nil, custody.Contents{}); r.Unknown != "" {
		return fmt.Errorf("%w: %s", errUnknown, r.Unknown)
	}
	return nil
}

// byHand is a command of whoever sits at a page.
func (s *Server) byHand(id custody.CommandID, kind custody.CommandKind, code label.Code, by custody.Actor) custody.Command {
	if id == "" {
		id = custody.CommandID(uuid.NewString())
	}
	return custody.Command{ID: id, Kind: kind, Code: code, Method: custody.ByHand, By: by, At: custody.Stamp{Wall: s.Now().UTC()}}
}

// laneOf is the lane of a request's command. A program that brings in a register says
// ?later: people's scans go before its openings.
func laneOf(r *http.Request) custody.Lane {
	if r.URL.Query().Has("later") {
		return custody.Later
	}
	return custody.People
}

// decided stores a command and waits for what it comes to; nil when that takes
// longer than wait: it is stored and will be decided.
func (s *Server) decided(r *http.Request, c custody.Command, lane custody.Lane, wait time.Duration) (custody.Receipt, *custody.Outcome, error) {
	receipt, err := s.put(r, c, lane)
	if err != nil {
		return custody.Receipt{}, nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	out, err := s.Intake.Await(ctx, c.ID)
	switch {
	case err == nil:
		return receipt, &out, nil
	case errors.Is(err, custody.ErrQuarantined):
		return receipt, nil, err
	case ctx.Err() == nil:
		s.noise.Warn("outcome is not known", "outcome is not known", "command", c.ID, "err", err)
	}
	return receipt, nil, nil
}

// put stores a command. What gives a file a number is asked first whether another has it
// that the giver may know of. Errors: custody.ErrReused, custody.NumberTaken, others.
func (s *Server) put(r *http.Request, c custody.Command, lane custody.Lane) (receipt custody.Receipt, err error) {
	ctx := r.Context()
	if number, _ := c.Names(); number != "" {
		receipt, err = s.Commands.PutNamed(ctx, c, lane)
		var has custody.NumberTaken
		if errors.As(err, &has) {
			if has.Files = seen(gate.Of(r).Sight.Eyes(), has.Files); len(has.Files) > 0 {
				return receipt, has
			}
			receipt, err = s.Commands.PutNamed(ctx, c.Anyway(), lane)
		}
		s.storing.note(ctx, err)
	} else {
		var receipts []custody.Receipt
		if receipts, err = s.Intake.Put(ctx, []custody.Command{c}); err == nil {
			receipt = receipts[0]
		}
	}
	if err == nil && receipt.Reused {
		err = fmt.Errorf("store command %s: %w", c.ID, custody.ErrReused)
	}
	return receipt, err
}

// waits stands for a reason where a command is stored and not decided yet.
const waits = "waits"

// actForm is a form of the file's page: it goes back there and says what it came
// to.
func (s *Server) actForm(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	kind, err := pageKind(r.PathValue("act"))
	if err != nil {
		return err
	}
	in := askedOn(kind, r.PostForm)
	c, err := s.command(r, in)
	if errors.Is(err, custody.ErrReused) { // somebody went back and filled the form in anew
		in.ID = ""
		c, err = s.command(r, in)
	}
	if err != nil {
		return err
	}
	_, out, err := s.decided(r, c, laneOf(r), wire.MaxWait)
	var has custody.NumberTaken
	if errors.As(err, &has) {
		return s.askAgain(w, r, in, c, has)
	}
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
	to := "/files/" + string(c.Code) + "?" + q.Encode()
	if _, err := s.file(r.Context(), gate.Of(r).Sight.Eyes(), c.Code); errors.Is(err, custody.ErrNotFound) {
		to = "/" // it is not for him any more
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// actJSON is the same for programs. It answers as a scan is answered.
func (s *Server) actJSON(w http.ResponseWriter, r *http.Request) error {
	var in asked
	if err := gate.ReadJSON(w, r, &in); err != nil {
		return err
	}
	c, err := s.command(r, in)
	if err != nil {
		return err
	}
	res, _, err := s.answer(r, c)
	var has custody.NumberTaken
	if errors.As(err, &has) {
		_, key := s.gate.Classify(err)
		return gate.WriteJSON(w, http.StatusConflict, numberTaken{gate.Problem(r, key), namesakes(c, has.Files)})
	}
	if err != nil {
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, struct {
		Code label.Code `json:"code"`
		result
	}{c.Code, res})
}

// answer stores a command and says what it comes to; again: it was stored before.
func (s *Server) answer(r *http.Request, c custody.Command) (res result, again bool, err error) {
	wait, err := wire.Wait(r.URL.Query().Get("wait"))
	if err != nil {
		return res, false, err
	}
	receipt, out, err := s.decided(r, c, laneOf(r), wait)
	if err != nil {
		return res, false, err
	}
	res = result{Result: wire.Result{ID: string(c.ID), Stored: true, Seq: receipt.Seq}, Outcome: out}
	if out != nil {
		res.Say = s.say(r, *out)
	}
	return res, receipt.Repeated, nil
}
