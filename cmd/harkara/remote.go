package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// defaultServer is where serve and demo listen unless they are told otherwise.
const defaultServer = "http://127.0.0.1:8470"

// Remote says which running office a command speaks with.
type Remote struct {
	Server string `help:"Address of the running office." default:"${server}" env:"HARKARA_SERVER"`
	Token  string `help:"Token: an administrator's, or a station's for scan." env:"HARKARA_TOKEN"`
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
	if r.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
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
		}
		if json.Unmarshal(answer, &problem) == nil && problem.Error.Message != "" {
			return fmt.Errorf("the office says: %s", problem.Error.Message)
		}
		return fmt.Errorf("the office says: %s", resp.Status)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("read the office's answer: %w", err)
	}
	return nil
}

type openCmd struct {
	Remote     `embed:""`
	Number     string `arg:"" help:"File number, verbatim."`
	Subject    string `help:"Subject."`
	Department string `help:"Department's id." required:""`
	Desk       string `help:"Desk where it begins." required:""`
	Route      string `help:"Route's id."`
	Code       string `help:"Code of a label that is stuck on it already."`
}

// Run opens a file and prints its code.
func (c *openCmd) Run(w *world) error {
	body := registered{ID: string(newID()), Number: c.Number, Subject: c.Subject, Department: c.Department, Desk: c.Desk, Route: c.Route, Code: c.Code}
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

// decided is what the office says that a command came to.
type decided struct {
	Error   *struct{ Message string }
	Outcome *custody.Outcome
	Say     *struct{ Word, Headline, Next, By string }
}

// print says it; errFound where the answer is no, or nobody can decide.
func (d decided) print(w *world) error {
	switch {
	case d.Error != nil:
		fmt.Fprintln(w.out, d.Error.Message)
		return errFound
	case d.Say == nil || d.Outcome == nil:
		fmt.Fprintln(w.out, "stored, to be decided")
		return nil
	}
	for i, part := range []string{d.Say.Word, d.Say.Headline, d.Say.Next, d.Say.By} {
		switch {
		case part == "":
			continue
		case i == 3:
			part = "by " + part
		}
		fmt.Fprintf(w.out, "%s. ", part)
	}
	fmt.Fprintln(w.out)
	if d.Outcome.Verdict == custody.Refused {
		return errFound
	}
	return nil
}

type statusCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"The file's code."`
}

// Run says where a file is.
func (c *statusCmd) Run(w *world) error {
	code, err := label.Parse(c.Code)
	if err != nil {
		return fmt.Errorf("code %q: %w", c.Code, err)
	}
	var row custody.Row
	if err := c.call(w, http.MethodGet, "/api/v1/files/"+string(code), nil, &row); err != nil {
		return err
	}
	p := row.Position
	fmt.Fprintf(w.out, "%s  %s\n%s at %s (%s), known by %s, since %s\n", code.Format(), row.File.Number, p.Phase, p.Desk, p.Room, p.Known, p.Since.Local().Format(time.DateTime))
	if !p.Deadline.IsZero() {
		fmt.Fprintf(w.out, "deadline %s\n", p.Deadline.Local().Format(time.DateTime))
	}
	if p.Next != "" {
		fmt.Fprintf(w.out, "next %s\n", p.Next)
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
	code, err := label.Parse(c.Code)
	if err != nil {
		return fmt.Errorf("code %q: %w", c.Code, err)
	}
	context := custody.Context{Onward: c.Onward}
	if c.Desk != "" {
		if context.Desk, err = label.Parse(c.Desk); err != nil {
			return fmt.Errorf("desk card %q: %w", c.Desk, err)
		}
	}
	var out struct{ Results []decided }
	scan := map[string]any{"id": newID(), "kind": custody.Scan, "code": code, "method": c.Method, "at": custody.Stamp{Wall: time.Now().UTC()}, "context": context}
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
