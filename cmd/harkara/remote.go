package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// defaultServer is where serve and demo listen unless they are told otherwise.
const defaultServer = "http://127.0.0.1:8470"

// Remote says which running office a command speaks with.
type Remote struct {
	Server     string `help:"Address of the running office." default:"${server}" env:"HARKARA_SERVER"`
	Credential `embed:""`
}

func (r Remote) call(w *world, method, path string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(w.ctx, method, strings.TrimSuffix(r.Server, "/")+path, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("address of the office: %w", err)
	}
	token, err := r.token(w)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := (&http.Client{Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		return fmt.Errorf("reach the office (is `harkara serve` running?): %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("read the office's answer: %w", err)
	}
	if resp.StatusCode >= 400 {
		var problem struct {
			Error struct{ Message string }
			Files []custody.Row // that are in the way
		}
		if json.Unmarshal(answer, &problem) != nil || problem.Error.Message == "" {
			problem.Error.Message = resp.Status
		}
		for _, f := range problem.Files {
			problem.Error.Message += fmt.Sprintf("; %s  %s, %s", f.File.Code.Format(), f.File.Number, where(f))
		}
		return saysNo{resp.StatusCode, problem.Error.Message}
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("read the office's answer: %w", err)
	}
	return nil
}

// saysNo is an answer of the office that is none of what was asked for.
type saysNo struct {
	status  int // of HTTP
	message string
}

func (e saysNo) Error() string { return "the office says: " + e.message }

// coverCode reads what a cover says: our digits, or the text of an old one.
func coverCode(text string) (label.Code, error) {
	text = custody.Plain(text)
	code, err := label.Parse(text)
	if err == nil {
		return code, nil
	}
	if old, foreign := label.Foreign(text); foreign == nil {
		return old, nil
	}
	return "", fmt.Errorf("code %q: %w", text, err)
}

// Where the files that have a number are asked for.
const (
	numbered       = "/api/v1/files"         // by an administrator
	numberedAtDoor = "/api/v1/station/files" // by a station
)

// named finds the code of a file by what a person calls it: a code, or its number in any
// writing, which is asked at a path of the office.
func (r Remote) named(w *world, path, text string) (label.Code, error) {
	return named(text, func() ([]custody.Row, error) {
		var found struct{ Files []custody.Row }
		err := r.call(w, http.MethodGet, path+"?number="+url.QueryEscape(text), nil, &found)
		return found.Files, err
	})
}

// named is the code that a text is, else of the one file that has the text for its number.
func named(text string, numbered func() ([]custody.Row, error)) (label.Code, error) {
	code, wrong := coverCode(text)
	if wrong == nil && code.Kind() == label.File {
		return code, nil
	}
	files, err := numbered()
	switch {
	case err != nil:
		return "", err
	case len(files) == 1:
		return files[0].File.Code, nil
	case len(files) > 1:
		several := fmt.Errorf("%d files have the number %q: name one by its code", len(files), text)
		for _, f := range files {
			several = fmt.Errorf("%w; %s, %s", several, f.File.Code.Format(), where(f))
		}
		return "", several
	case wrong == nil: // perhaps an old cover's code
		return code, nil
	}
	return "", fmt.Errorf("no file has the number %q, and it is no code: %w", text, wrong)
}

func newID() custody.CommandID { return custody.CommandID(uuid.NewString()) }

// fileAt is the address of the file that a code leads to.
func fileAt(code label.Code) string { return "/api/v1/files/" + url.PathEscape(string(code)) }

// file asks where a file is, by any code that it was given.
func (r Remote) file(w *world, code label.Code) (row custody.Row, err error) {
	err = r.call(w, http.MethodGet, fileAt(code), nil, &row)
	var no saysNo
	if errors.As(err, &no) && no.status == http.StatusNotFound {
		what := "the code"
		if code.Kind() == 0 { // whatever was typed may be one of before this office
			what = "the number or the old code"
		}
		err = fmt.Errorf("no file has %s %s: %w", what, code.Format(), err)
	}
	return row, err
}

// inZone has times said in the office's zone from now on; of an office that does not say
// which that is in this machine's.
func (w *world) inZone(o *custody.Office) {
	if o != nil && len(o.Calendars) > 0 {
		w.zone = time.FixedZone("", o.Calendars[0].Offset)
	}
}

// local is a time in the office's zone, which it names.
func (w *world) local(at time.Time) string {
	return w.zoned(at).Format("2006-01-02 15:04:05 UTC-07:00")
}

// zoned is a time in the office's zone.
func (w *world) zoned(at time.Time) time.Time {
	if w.zone == nil {
		return at.Local()
	}
	return at.In(w.zone)
}
