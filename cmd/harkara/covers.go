package main

import (
	"errors"
	"fmt"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
)

type reprintCmd struct {
	Remote `embed:""`
	Codes  []string `arg:"" help:"The files: a number or a code of each."`
	Reason string   `required:"" help:"Why: it is recorded."`
	Output string   `short:"o" default:"covers.pdf" help:"The PDF." type:"path"`
	Stock  string   `help:"Paper: ${stocks}." default:"a6x4"`
	Skip   int      `help:"Labels of the first sheet that were used before."`
	DPI    int      `help:"Dots per inch of the printer: bars are whole dots." default:"300"`
}

// Run records the reprints and prints the covers. A code that leads to no file keeps
// everything from being done.
func (c *reprintCmd) Run(w *world) error {
	sheet := Sheet{Output: c.Output, Stock: c.Stock, Skip: c.Skip, DPI: c.DPI}
	if err := sheet.try(paper.Cover{Code: label.New(label.File, 0), Number: "1"}); err != nil {
		return err
	}
	codes := make([]label.Code, len(c.Codes))
	for i, text := range c.Codes {
		code, err := c.named(w, numbered, text)
		if err != nil {
			return err
		}
		row, err := c.file(w, code)
		if err != nil {
			return fmt.Errorf("%s: %w", code.Format(), err)
		}
		codes[i] = row.File.Code
	}
	office, err := c.office(w)
	if err != nil {
		return err
	}
	var problems []error
	items := func(yield func(paper.Item) bool) {
		for _, code := range codes {
			cover, err := c.reprint(w, office, code, c.Reason)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", code.Format(), err))
			}
			if err != nil && !spoke(err) || err == nil && !yield(cover) {
				return
			}
			if err == nil {
				fmt.Fprintf(w.out, "%s  %s\n", cover.Code.Format(), cover.Number)
			}
		}
	}
	err = sheet.print(w, len(codes), items)
	return errors.Join(append(problems, err)...)
}

// reprint records that a file's cover is printed again and returns it, with the code
// that it has from now on.
func (r Remote) reprint(w *world, office *custody.Office, code label.Code, reason string) (paper.Cover, error) {
	if _, err := r.act(w, custody.Reprint, code, map[string]any{"reason": reason}); err != nil {
		return paper.Cover{}, err
	}
	row, err := r.file(w, code)
	if err != nil {
		return paper.Cover{}, err
	}
	if row.Position.Moved {
		return paper.Cover{}, no("the reprint is stored and not decided yet: print the cover from the file's page")
	}
	return w.coverOf(office, row), nil
}

type aliasCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"The file: its number or a code of it."`
	Old    string `arg:"" help:"What its old cover says."`
}

// Run registers an old code.
func (c *aliasCmd) Run(w *world) error {
	return c.old(w, custody.Alias, c.Code, c.Old, "")
}

type unaliasCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"The file: its number or a code of it."`
	Old    string `arg:"" help:"The old code that is not its own."`
	Reason string `required:"" help:"Why: it is recorded."`
}

// Run takes back that an old code was registered.
func (c *unaliasCmd) Run(w *world) error {
	return c.old(w, custody.Unalias, c.Code, c.Old, c.Reason)
}

func (r Remote) old(w *world, kind custody.CommandKind, file, old, reason string) error {
	return r.asked(w, kind, file, map[string]any{"cover": old, "reason": reason})
}

// act asks for an act on a file and returns what it came to in words. A refusal is an
// error.
func (r Remote) act(w *world, kind custody.CommandKind, code label.Code, with map[string]any) (says string, err error) {
	with["id"] = string(newID())
	var out decided
	if err := r.call(w, http.MethodPost, fileAt(code)+"/"+string(kind)+"?wait=5s", with, &out); err != nil {
		return "", err
	}
	if err := out.refused(); err != nil || out.Say == nil {
		return "scan kept, not yet entered", err
	}
	return out.Say.String(), nil
}

// no is a refusal that says nothing against going on with others.
func no(format string, args ...any) error {
	return saysNo{http.StatusConflict, fmt.Sprintf(format, args...)}
}

// spoke reports whether an error is an answer about one file: the office is there.
func spoke(err error) bool {
	var no saysNo
	return errors.As(err, &no) && no.status < http.StatusInternalServerError
}
