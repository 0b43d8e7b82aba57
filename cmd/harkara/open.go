package main

import (
	"fmt"
	"net/http"

	"harkara/internal/label"
)

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
