package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
	"harkara/internal/register"
)

type coversCmd struct {
	Remote `embed:""`
	From   string   `required:"" help:"CSV (UTF-8 or UTF-16) or XLSX of files to open, with a line of names: number, subject, department, desk, route, code (of a label already on the file), old (what an old cover says). The last three may be left out." type:"existingfile"`
	DryRun bool     `help:"Only say what would be opened and registered, what is there already or has changed, and what looks odd."`
	Anyway rowRange `placeholder:"ROWS" help:"Rows, such as 3,7-9, that are opened all the same although another file has their number, or they look like a file whose number changed."`
	Reason string   `help:"Why covers of files that have moved are printed again: each gets a new code. Without it they are named and left out."`
	Output string   `short:"o" default:"covers.pdf" help:"The PDF." type:"path"`
	Stock  string   `help:"Paper: ${stocks}." default:"a6x4"`
	Skip   int      `help:"Labels of the first sheet that were used before."`
	DPI    int      `help:"Dots per inch of the printer: bars are whole dots." default:"300"`
}

// Run looks at every line of the register before it opens any, and then prints the
// covers of all that it could open. Run again with the same lines it opens nothing
// twice, and prints the covers that the files have. Lines that say of a file what the
// office knows otherwise are named and left out.
func (c *coversCmd) Run(w *world) error {
	plan, err := c.plan(w)
	if err != nil {
		return err
	}
	for _, note := range plan.odd {
		fmt.Fprintln(w.err, "odd:", note)
	}
	if c.DryRun {
		return plan.print(w)
	}
	sheet := Sheet{Output: c.Output, Stock: c.Stock, Skip: c.Skip, DPI: c.DPI}
	problems := plan.problems
	if len(problems) == 0 {
		first := plan.lines[0]
		problems = append(problems, sheet.try(paper.Cover{Code: label.New(label.File, 0), Number: first.Number, Subject: first.Subject}))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("nothing was opened:\n%w", err)
	}
	problems = nil
	items := func(yield func(paper.Item) bool) {
		type made struct {
			cover paper.Cover
			err   error
		}
		for line, did := range abreast(plan.lines, func(line planned) made {
			if line.differs != nil {
				return made{err: line.differs}
			}
			cover, err := c.open(w, plan.office, line)
			return made{cover, err}
		}) {
			cover, err := did.cover, did.err
			if err != nil {
				problems = append(problems, line.Problem(err))
			}
			if line.differs != nil {
				continue
			}
			if err != nil && !spoke(err) {
				return
			}
			if cover.Code != "" && !yield(cover) {
				return
			}
		}
	}
	err = sheet.print(w, len(plan.lines), items)
	return errors.Join(append(problems, err)...)
}

// open opens the file of a line, registers its old code, and returns the cover to
// print; none beside an error that the file itself is not to blame for.
func (c *coversCmd) open(w *world, office *custody.Office, line planned) (paper.Cover, error) {
	var out struct {
		Code, Cover label.Code
		Moved       bool
		Class       custody.Class
		Opened      time.Time
		decided
	}
	if err := c.call(w, http.MethodPost, "/api/v1/files?later&wait=5s", c.opening(line.Line), &out); err != nil {
		return paper.Cover{}, err
	}
	department, _ := office.DepartmentByID(custody.DepartmentID(line.Department))
	cover := paper.Cover{Code: out.Cover, Number: line.Number, Department: department.Name, Opened: w.zoned(out.Opened)}
	if out.Class == custody.Ordinary {
		cover.Subject = line.Subject
	}
	var unregistered error
	if line.Old != "" && !line.kept {
		_, unregistered = c.act(w, custody.Alias, out.Code, map[string]any{"cover": string(line.Old)})
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

// opening is how the office is asked to open a file.
type opening struct {
	ID         custody.CommandID `json:"id"`
	Number     string            `json:"number"`
	Subject    string            `json:"subject"`
	Department string            `json:"department"`
	Desk       string            `json:"desk"`
	Route      string            `json:"route"`
	Code       string            `json:"code"`
	Anyway     bool              `json:"anyway,omitempty"`
}

func (c *coversCmd) opening(l register.Line) opening {
	return opening{l.ID(), l.Number, l.Subject, l.Department, l.Desk, l.Route, string(l.Code), c.Anyway.has(l.Row)}
}
