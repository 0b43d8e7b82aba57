package main

import (
	"errors"
	"fmt"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
)

type coversCmd struct {
	Remote `embed:""`
	Sheet  `embed:"" set:"default_stock=a6x4"`
	From   string `required:"" help:"CSV, in UTF-8, of files to open, with a line of names: number, subject, department, desk, route, code (of a label already on the file), old (what an old cover says). The last three may be left out." type:"existingfile"`
	Reason string `help:"Why covers of files that have moved are printed again: each gets a new code. Without it they are named and left out."`
}

// Run looks at every line of the register before it opens any, and then prints the
// covers of all that it could open. Run again with the same lines it opens nothing
// twice, and prints the covers that the files have.
func (c *coversCmd) Run(w *world) error {
	lines, problems, err := readRegister(c.From)
	if err != nil {
		return fmt.Errorf("read register %s: %w", c.From, err)
	}
	office, err := c.office(w)
	if err != nil {
		return err
	}
	for i := range lines {
		found, err := c.look(w, office, &lines[i])
		if err != nil {
			return err
		}
		problems = append(problems, found...)
	}
	if len(problems) == 0 {
		problems = append(problems, c.try(paper.Cover{Code: label.New(label.File, 0), Number: lines[0].Number, Subject: lines[0].Subject}))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("nothing was opened:\n%w", err)
	}
	items := func(yield func(paper.Item) bool) {
		for _, line := range lines {
			cover, err := c.open(w, office, line)
			if err != nil {
				problems = append(problems, line.problem(err))
			}
			if err != nil && !spoke(err) {
				return
			}
			if cover.Code != "" && !yield(cover) {
				return
			}
		}
	}
	err = c.print(w, len(lines), items)
	return errors.Join(append(problems, err)...)
}

// look says everything that is wrong with a line, as far as it can be known before it
// is opened.
func (c *coversCmd) look(w *world, office *custody.Office, line *registered) (problems []error, err error) {
	bad := func(format string, args ...any) {
		problems = append(problems, line.problem(fmt.Errorf(format, args...)))
	}
	if _, ok := office.DepartmentByID(custody.DepartmentID(line.Department)); !ok {
		bad("no department %q", line.Department)
	}
	if _, ok := office.DeskByID(custody.DeskID(line.Desk)); !ok {
		bad("no desk %q", line.Desk)
	}
	if _, ok := office.RouteByID(custody.RouteID(line.Route)); !ok && line.Route != "" {
		bad("no route %q", line.Route)
	}
	for _, code := range []label.Code{label.Code(line.Code), line.old} {
		if code == "" {
			continue
		}
		row, err := c.file(w, code)
		var no saysNo
		switch {
		case errors.As(err, &no) && no.status == http.StatusNotFound:
		case err != nil:
			return nil, err
		case row.File.Number != line.Number:
			bad("%s is on file %s", code.Format(), row.File.Number)
		case code == line.old:
			line.kept = true
		}
	}
	return problems, nil
}

// open opens the file of a line, registers its old code, and returns the cover to
// print; none beside an error that the file itself is not to blame for.
func (c *coversCmd) open(w *world, office *custody.Office, line registered) (paper.Cover, error) {
	var out struct {
		Code, Cover label.Code
		Moved       bool
		decided
	}
	if err := c.call(w, http.MethodPost, "/api/v1/files?wait=5s", line, &out); err != nil {
		return paper.Cover{}, err
	}
	department, _ := office.DepartmentByID(custody.DepartmentID(line.Department))
	cover := paper.Cover{Code: out.Cover, Number: line.Number, Subject: line.Subject, Department: department.Name}
	var unregistered error
	if line.old != "" && !line.kept {
		_, unregistered = c.act(w, custody.Alias, out.Code, map[string]string{"cover": string(line.old)})
	}
	switch {
	case !out.Moved:
		return cover, unregistered
	case c.Reason == "":
		return paper.Cover{}, errors.Join(unregistered, no("%s has moved with its cover: it is printed again with --reason", out.Code.Format()))
	}
	again, err := c.reprint(w, office, out.Code, c.Reason)
	return again, errors.Join(unregistered, err)
}

type reprintCmd struct {
	Remote `embed:""`
	Codes  []string `arg:"" help:"The files: a code of each."`
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
		code, err := coverCode(text)
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
	if _, err := r.act(w, custody.Reprint, code, map[string]string{"reason": reason}); err != nil {
		return paper.Cover{}, err
	}
	row, err := r.file(w, code)
	if err != nil {
		return paper.Cover{}, err
	}
	if row.Position.Moved {
		return paper.Cover{}, no("the reprint is stored and not decided yet: print the cover from the file's page")
	}
	department, _ := office.DepartmentByID(row.File.Department)
	cover := paper.Cover{Code: row.File.Code, Number: row.File.Number, Subject: row.File.Subject, Department: department.Name, Opened: row.File.Opened}
	if row.Position.Cover != "" {
		cover.Code = row.Position.Cover
	}
	return cover, nil
}

type aliasCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"A code of the file."`
	Old    string `arg:"" help:"What its old cover says."`
}

// Run registers an old code.
func (c *aliasCmd) Run(w *world) error {
	return c.old(w, custody.Alias, c.Code, c.Old, "")
}

type unaliasCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"A code of the file."`
	Old    string `arg:"" help:"The old code that is not its own."`
	Reason string `required:"" help:"Why: it is recorded."`
}

// Run takes back that an old code was registered.
func (c *unaliasCmd) Run(w *world) error {
	return c.old(w, custody.Unalias, c.Code, c.Old, c.Reason)
}

func (r Remote) old(w *world, kind custody.CommandKind, file, old, reason string) error {
	code, err := coverCode(file)
	if err != nil {
		return err
	}
	says, err := r.act(w, kind, code, map[string]string{"cover": old, "reason": reason})
	if err == nil {
		fmt.Fprintln(w.out, says)
	}
	return err
}

// act asks for an act on a file and returns what it came to in words. A refusal is an
// error.
func (r Remote) act(w *world, kind custody.CommandKind, code label.Code, with map[string]string) (says string, err error) {
	with["id"] = string(newID())
	var out decided
	if err := r.call(w, http.MethodPost, fileAt(code)+"/"+string(kind)+"?wait=5s", with, &out); err != nil {
		return "", err
	}
	if err := out.refused(); err != nil || out.Say == nil {
		return "stored, to be decided", err
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
