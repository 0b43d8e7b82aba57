package main

import (
	"fmt"

	"harkara/internal/custody"
)

type amendCmd struct {
	Remote  `embed:""`
	Code    string `arg:"" help:"The file: its number, or a code of it."`
	Number  string `help:"What its number really is, verbatim. Left out, it stays."`
	Subject string `help:"What it really is about. Left out, it stays."`
	Reason  string `required:"" help:"Why, or the order's number: it is recorded."`
	Anyway  bool   `help:"Also where another file has the number."`
}

// Run puts a file's number or subject right.
func (c *amendCmd) Run(w *world) error {
	return c.asked(w, custody.Amend, c.Code, map[string]any{"number": c.Number, "subject": c.Subject, "anyway": c.Anyway, "reason": c.Reason})
}

type classifyCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"The file: its number, or a code of it."`
	Class  string `arg:"" help:"${enum}." enum:"ordinary,confidential,secret"`
	Who    string `required:"" help:"By whose order."`
	Reason string `required:"" help:"Why, or the order's number: it is recorded."`
}

// Run says who may read what a file is about.
func (c *classifyCmd) Run(w *world) error {
	return c.asked(w, custody.Classify, c.Code, map[string]any{"class": c.Class, "who": c.Who, "reason": c.Reason})
}

// asked has an act on a file done and prints what it came to.
func (r Remote) asked(w *world, kind custody.CommandKind, file string, with map[string]any) error {
	code, err := r.named(w, numbered, file)
	if err != nil {
		return err
	}
	says, err := r.act(w, kind, code, with)
	if err == nil {
		fmt.Fprintln(w.out, says)
	}
	return err
}
