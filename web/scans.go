package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/scanner/decode"
)

// Limits of what a station may send, in bytes and in commands.
const (
	maxScans    = 1 << 20
	maxImage    = 20 << 20
	maxCommands = 500
	maxWait     = 5 * time.Second
)

// result is what became of one command of a request. Stored true is the promise;
// everything else may follow later.
type result struct {
	ID      custody.CommandID `json:"id,omitempty"`
	Stored  bool              `json:"stored"` // kept for ever, even where it is no command (then Error says so)
	Seq     int64             `json:"seq,omitempty"`
	Error   *problem          `json:"error,omitempty"`
	Outcome *custody.Outcome  `json:"outcome,omitempty"`
	Say     *say              `json:"say,omitempty"`
}

// scans takes one command or an array of them. Every element is stored: as a
// command, or where it is none in the drawer, so that the queue behind it moves
// on. With ?wait= it answers once they are decided, or when that time is over.
func (s *Server) scans(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxScans))
	if err != nil {
		return err
	}
	parts, err := split(body)
	if err != nil {
		return err
	}
	wait, err := waiting(r)
	if err != nil {
		return err
	}
	results := make([]result, len(parts))
	var commands []custody.Command
	var at []int
	for i, raw := range parts {
		c, err := s.command(r, raw)
		if err != nil {
			if err := s.Intake.ToDrawer(r.Context(), stationOf(r), raw, err.Error()); err != nil {
				return err
			}
			results[i] = result{Stored: true, Error: &problem{Code: "malformed", Message: language(r).Text("error.malformed")}}
			continue
		}
		commands, at = append(commands, c), append(at, i)
	}
	receipts, err := s.Intake.Put(r.Context(), commands)
	if err != nil {
		return err
	}
	for i, receipt := range receipts {
		results[at[i]] = result{ID: receipt.ID, Stored: true, Seq: receipt.Seq}
	}
	s.await(r, wait, results)
	return writeJSON(w, http.StatusOK, map[string][]result{"results": results})
}

func waiting(r *http.Request) (time.Duration, error) {
	text := r.FormValue("wait")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%w: wait=%q", errMalformed, text)
	}
	return min(d, maxWait), nil
}

// split returns the elements of an array, or the one object.
func split(body []byte) ([]json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || !json.Valid(body) {
		return nil, fmt.Errorf("%w: not JSON", errMalformed)
	}
	if body[0] != '[' {
		return []json.RawMessage{body}, nil
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(body, &parts); err != nil {
		return nil, fmt.Errorf("%w: %v", errMalformed, err)
	}
	if len(parts) > maxCommands {
		return nil, fmt.Errorf("%w: %d commands, at most %d at once", errMalformed, len(parts), maxCommands)
	}
	return parts, nil
}

// command reads one command; the station is the token's, whatever it says itself.
func (s *Server) command(r *http.Request, raw []byte) (custody.Command, error) {
	var head custody.Command
	if err := json.Unmarshal(raw, &head); err != nil {
		return head, fmt.Errorf("%w: %v", custody.ErrMalformed, err)
	}
	c, err := custody.ParseCommand(raw)
	if head.Station == "" && err != nil { // the token says which station it is
		head.Station = stationOf(r)
		c, err = head, head.Validate()
	}
	if err != nil {
		return c, err
	}
	c.Station = stationOf(r)
	switch c.Kind {
	case custody.Scan, custody.Undo, custody.Open, custody.Reopen, custody.Missing, custody.Found:
		return c, nil
	}
	return c, fmt.Errorf("%w: a station may not %s", custody.ErrMalformed, c.Kind)
}

// await fills in what stored commands came to, as far as it is known in time.
func (s *Server) await(r *http.Request, wait time.Duration, results []result) {
	if wait == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	for i := range results {
		if results[i].ID == "" {
			continue
		}
		out, err := s.Intake.Await(ctx, results[i].ID)
		if err != nil {
			if !errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil {
				s.Log.Warn("outcome is not known yet", "command", results[i].ID, "err", err)
			}
			return
		}
		results[i].Outcome = &out
		results[i].Say = s.say(r, out)
	}
}

// images takes a photograph of a cover, reads it, and stores a scan of what it
// shows.
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
	c := custody.Command{
		ID: custody.CommandID(uuid.NewString()), Kind: custody.Scan, Code: code, Station: stationOf(r),
		Method: custody.ByImage, At: custody.Stamp{Wall: time.Now().UTC()},
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

// read returns the one file's code that a picture shows.
func read(grey *decode.Gray) (label.Code, error) {
	var found label.Code
	for _, symbol := range decode.All(grey) {
		code, err := label.Check(symbol.Text)
		if err != nil || code.Kind() != label.File {
			continue
		}
		if found != "" && found != code {
			return "", errTooMany
		}
		found = code
	}
	if found == "" {
		return "", errNoCode
	}
	return found, nil
}
