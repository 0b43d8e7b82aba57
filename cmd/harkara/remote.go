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

// fileAt is the address of the file that a code leads to.
func fileAt(code label.Code) string { return "/api/v1/files/" + url.PathEscape(string(code)) }

// file asks where a file is, by any code that it was given.
func (r Remote) file(w *world, code label.Code) (row custody.Row, err error) {
	return row, r.call(w, http.MethodGet, fileAt(code), nil, &row)
}

type openCmd struct {
	Remote     `embed:""`
	Number     string `arg:"" help:"File number, verbatim."`
	Subject    string `help:"Subject."`
	Department string `help:"Department's id." required:""`
	Desk       string `help:"Desk where it begins." required:""`
	Route      string `help:"Route's id."`
	Code       string `help:"Code of a label that is stuck on it already."`
	Anyway     bool   `help:"Open it all the same where another file has the number."`
	DryRun     bool   `help:"Only say what that would come to."`
}

// Run opens a file and prints its code. A number that a file has already is refused, with
// that file.
func (c *openCmd) Run(w *world) error {
	body := opening{newID(), c.Number, c.Subject, c.Department, c.Desk, c.Route, c.Code, c.Anyway}
	if c.DryRun {
		return c.preview(w, body)
	}
	var out struct {
		Code label.Code
		decided
	}
	if err := c.call(w, http.MethodPost, "/api/v1/files?wait=5s", body, &out); err != nil {
		return err
	}
	fmt.Fprintln(w.out, out.Code.Format())
	if out.Outcome == nil {
		fmt.Fprintln(w.err, "stored; it will be open as soon as the engine answers")
	}
	return nil
}

// preview says what opening the file would come to.
func (c *openCmd) preview(w *world, body opening) error {
	var says foreseen
	if err := c.call(w, http.MethodPost, "/api/v1/files?dry_run", body, &says); err != nil {
		return err
	}
	for _, f := range says.Files {
		fmt.Fprintf(w.out, "%s  %s has this number, %s\n", f.File.Code.Format(), f.File.Number, where(f.Row))
	}
	if says.Would == "ask" {
		fmt.Fprintln(w.out, "it would not be opened: with --anyway it would")
		return errFound
	}
	fmt.Fprintln(w.out, "it would be opened")
	return nil
}

type statusCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"A code of the file: on a cover of ours, or on its registered old one."`
}

// Run says where a file is.
func (c *statusCmd) Run(w *world) error {
	code, err := coverCode(c.Code)
	if err != nil {
		return err
	}
	row, err := c.file(w, code)
	if err != nil {
		return err
	}
	p := row.Position
	fmt.Fprintf(w.out, "%s  %s\n%s at %s (%s), known by %s, since %s\n", row.File.Code.Format(), row.File.Number, stateWord(p), p.Desk, p.Room, p.Known, local(p.Since))
	if !p.Wait.Until.IsZero() {
		fmt.Fprintf(w.out, "waits for %s until %s\n", p.Wait.For, local(p.Wait.Until))
	}
	if !p.Deadline.IsZero() {
		fmt.Fprintf(w.out, "deadline %s\n", local(p.Deadline))
	}
	if row.File.Class != custody.Ordinary {
		fmt.Fprintf(w.out, "class %s\n", row.File.Class)
	}
	if p.Next != "" {
		fmt.Fprintf(w.out, "next %s\n", p.Next)
	}
	if p.Cover != "" {
		fmt.Fprintf(w.out, "cover %s\n", p.Cover.Format())
	}
	for _, old := range row.Codes {
		if old.Kind() == 0 {
			fmt.Fprintf(w.out, "old code %s\n", old)
		}
	}
	return nil
}

type scanCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"The file's code, at the station whose token is given."`
	Method string `help:"How it was read: typed digits only receive what is on its way here, elsewhere they ask. A scanner's program says ${enum}." enum:"typed,wedge,qr,code128" default:"typed"`
	Onward bool   `help:"With the onward card: send to the next stop."`
	Desk   string `help:"With this destination desk's card: its code."`
}

// Run scans as the token's station.
func (c *scanCmd) Run(w *world) error {
	code, err := coverCode(c.Code)
	if err != nil {
		return err
	}
	context := custody.Context{Onward: c.Onward}
	if c.Desk != "" {
		if context.Desk, err = label.Parse(c.Desk); err != nil {
			return fmt.Errorf("desk card %q: %w", c.Desk, err)
		}
	}
	var out struct{ Results []decided }
	scan := map[string]any{"id": newID(), "kind": custody.Scan, "code": code, "method": c.Method, "at": custody.Stamp{Wall: time.Now().UTC()}, "with": context}
	if err := c.call(w, http.MethodPost, "/api/v1/scans?wait=5s", scan, &out); err != nil {
		return err
	}
	if len(out.Results) != 1 {
		return fmt.Errorf("read the office's answer: %d results of one scan", len(out.Results))
	}
	return out.Results[0].print(w)
}

type officeCmd struct {
	Engine `embed:""`
	File   string `arg:"" optional:"" help:"JSON of the office: departments, rooms, desks, posts, officers, stations, routes, ladders, calendars. Without it the office in force is printed." type:"existingfile"`
	Sample bool   `help:"Print a sample secretariat, to begin from."`
	Who    string `help:"Who orders the change." default:"administrator"`
	Reason string `help:"Order number or reason."`
}

// local is a time in this machine's zone, which it names.
func local(at time.Time) string { return at.Local().Format("2006-01-02 15:04:05 MST") }
