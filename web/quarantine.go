package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/wire"
)

// Quarantine is commands that could not be decided. They wait for a person, who lets
// each be tried again or sets it aside. Retry and Void return custody.ErrNotFound
// for one that does not wait.
type Quarantine interface {
	Quarantined(ctx context.Context) ([]Stuck, error)
	Retry(ctx context.Context, id custody.CommandID, by custody.Actor, reason string) error
	Void(ctx context.Context, id custody.CommandID, by custody.Actor, reason string) error
	Audit(ctx context.Context, limit int) ([]Audited, error)
}

// Stuck is a quarantined command. Cause is one of the causes that pages have words
// for; Error is what was noted at the last attempt.
type Stuck struct {
	Command  custody.Command `json:"command"`       // without what was typed
	Who      string          `json:"who,omitempty"` // ordered it, in words
	File     label.Code      `json:"file"`
	Number   string          `json:"number,omitempty"`
	Received time.Time       `json:"received"`
	Attempts int             `json:"attempts"`
	Cause    string          `json:"cause"`
	Error    string          `json:"error"`
	Behind   int             `json:"behind,omitempty"` // commands of the same file that wait for it
}

// Audited is what an administrator did to a stuck command.
type Audited struct {
	At      time.Time         `json:"at"`
	By      custody.Actor     `json:"by,omitzero"`
	Act     string            `json:"act"` // retry or void
	Command custody.CommandID `json:"command"`
	Reason  string            `json:"reason"`
}

// free has a quarantined command tried again or set aside, as the request's path
// says, and waits for what it then comes to.
func (s *Server) free(r *http.Request, reason string) (result, error) {
	id, res := custody.CommandID(r.PathValue("id")), result{Result: wire.Result{ID: r.PathValue("id"), Stored: true}}
	if s.Quarantine == nil {
		return res, custody.ErrNotFound
	}
	acts := map[string]func(context.Context, custody.CommandID, custody.Actor, string) error{"retry": s.Quarantine.Retry, "void": s.Quarantine.Void}
	act, ok := acts[r.PathValue("act")]
	reason = custody.Prose(reason)
	switch {
	case !ok:
		return res, custody.ErrNotFound
	case reason == "":
		return res, custody.NoReason
	case len(reason) > custody.MaxReason:
		return res, custody.TooLong
	}
	by, err := s.actor(r, "")
	if err != nil {
		return res, err
	}
	if err := act(r.Context(), id, by, reason); err != nil {
		return res, err
	}
	s.Log.Info("quarantined command is freed", "command", id, "act", r.PathValue("act"))
	ctx, cancel := context.WithTimeout(r.Context(), wire.MaxWait)
	defer cancel()
	switch out, err := s.Intake.Await(ctx, id); {
	case err == nil:
		res.Outcome, res.Say = &out, s.say(r, out)
	case errors.Is(err, custody.ErrQuarantined):
		res.Error = gate.Problem(r, "error.quarantined")
	case ctx.Err() == nil:
		s.noise.Warn("outcome is not known", "outcome is not known", "command", id, "err", err)
	}
	return res, nil
}

// freeForm goes back to the page and says what the command came to.
func (s *Server) freeForm(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	res, err := s.free(r, r.PostForm.Get("reason"))
	if err != nil {
		return err
	}
	q := url.Values{"done": {waits}}
	switch {
	case res.Outcome != nil:
		q.Set("done", string(res.Outcome.Reason))
	case res.Error != nil:
		q.Set("done", stuckAgain)
	}
	http.Redirect(w, r, "/attention?"+q.Encode(), http.StatusSeeOther)
	return nil
}

// stuckAgain stands for a reason where a command failed again.
const stuckAgain = "again"

// freeJSON is the same for programs. It answers as a scan is answered.
func (s *Server) freeJSON(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := gate.ReadJSON(w, r, &in); err != nil {
		return err
	}
	res, err := s.free(r, in.Reason)
	if err != nil {
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, res)
}
