package main

import (
	"bytes"
	"encoding/json"
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

func newID() custody.CommandID { return custody.CommandID(uuid.NewString()) }

// fileAt is the address of the file that a code leads to.
func fileAt(code label.Code) string { return "/api/v1/files/" + url.PathEscape(string(code)) }

// file asks where a file is, by any code that it was given.
func (r Remote) file(w *world, code label.Code) (row custody.Row, err error) {
	return row, r.call(w, http.MethodGet, fileAt(code), nil, &row)
}

// local is a time in this machine's zone, which it names.
func local(at time.Time) string { return at.Local().Format("2006-01-02 15:04:05 MST") }
