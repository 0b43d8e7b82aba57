package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/register"
	"harkara/web/lang"
)

// plan is what bringing in a register would come to.
type plan struct {
	office   *custody.Office
	lines    []planned
	problems []error // nothing is opened where there is one
	odd      []register.Note
}

// planned is a line with what it would come to.
type planned struct {
	register.Line
	there   label.Code   // the file that it opened before; empty: none
	kept    bool         // its old code is registered for that file already
	was     *custody.Row // what it looks like with another number; nil: nothing
	differs error        // why it is left out: the office has the file, and knows it otherwise
}

// foreseen is what the office says that opening a file would come to.
type foreseen struct {
	Would string
	Code  label.Code
	Files []struct {
		custody.Row
		Changed []string
	}
	Alike []custody.Row
}

func (c *coversCmd) plan(w *world) (*plan, error) {
	sheet, err := readRegister(c.From)
	if err != nil {
		return nil, err
	}
	office, err := c.office(w)
	if err != nil {
		return nil, err
	}
	p := &plan{office: office, problems: sheet.Problems, odd: sheet.Odd}
	numbers := map[custody.NumberKey]bool{}
	for _, line := range sheet.Lines {
		numbers[custody.KeyOf(line.Number)] = true
	}
	for _, line := range sheet.Lines {
		found, problems, err := c.look(w, office, line, numbers)
		if err != nil {
			return nil, err
		}
		p.lines, p.problems = append(p.lines, found), append(p.problems, problems...)
	}
	p.renumbered()
	for _, row := range c.Anyway.strangers(sheet.Lines) {
		p.problems = append(p.problems, fmt.Errorf("--anyway: no file in row %d", row))
	}
	return p, nil
}

func readRegister(path string) (register.Sheet, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return register.Sheet{}, err
	}
	s, err := register.Read(raw)
	if err != nil {
		return s, fmt.Errorf("read register %s: %w", path, err)
	}
	return s, nil
}

// look says what a line would come to and everything that is wrong with it, as far as
// that can be known before it is opened.
func (c *coversCmd) look(w *world, office *custody.Office, line register.Line, numbers map[custody.NumberKey]bool) (found planned, problems []error, err error) {
	found.Line = line
	bad := func(format string, args ...any) {
		problems = append(problems, line.Problem(fmt.Errorf(format, args...)))
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
	if custody.KeyOf(line.Number) == "" || len(problems) > 0 { // the office would say no more
		codes, err := c.codes(w, &found)
		return found, append(problems, codes...), err
	}
	var says foreseen
	switch err := c.call(w, http.MethodPost, "/api/v1/files?dry_run", c.opening(line), &says); {
	case err != nil && !spoke(err):
		return found, nil, err
	case err != nil:
		bad("%w", err)
		return found, problems, nil
	}
	switch {
	case says.Would == "nothing":
		found.there = says.Code
	case c.Anyway.has(line.Row):
	case says.Would == "ask":
		found.differs = differs(line, says)
		return found, nil, nil
	case line.Twice > 0:
		bad("the same number as in row %d: with --anyway=%d it is opened all the same", line.Twice, line.Row)
	default:
		if found.was, err = c.before(w, line, says.Alike, numbers); err != nil {
			return found, nil, err
		}
	}
	codes, err := c.codes(w, &found)
	return found, append(problems, codes...), err
}

// codes compares the codes that a line says are on its file with what the office knows.
func (c *coversCmd) codes(w *world, line *planned) (problems []error, err error) {
	for _, code := range []label.Code{line.Code, line.Old} {
		if code == "" {
			continue
		}
		row, err := c.file(w, code)
		var no saysNo
		switch {
		case errors.As(err, &no) && no.status == http.StatusNotFound:
		case err != nil:
			return nil, err
		case custody.KeyOf(row.File.Number) != custody.KeyOf(line.Number):
			problems = append(problems, line.Problem(fmt.Errorf("%s is on file %s", code.Format(), row.File.Number)))
		case code == line.Old:
			line.kept = true
		}
	}
	return problems, nil
}

// differs says which files have a line's number and what the sheet says otherwise.
func differs(line register.Line, says foreseen) error {
	var out []string
	for _, f := range says.Files {
		text := fmt.Sprintf("%s has this number, %s", f.File.Code.Format(), where(f.Row))
		for _, part := range f.Changed {
			var known, now string
			switch part {
			case "number":
				known, now = f.File.Number, line.Number
			case "subject":
				known, now = f.File.Subject, line.Subject
			case "department":
				known, now = string(f.File.Department), line.Department
			}
			text += fmt.Sprintf("; its %s is %q, the sheet says %q", part, known, now)
		}
		out = append(out, text)
	}
	return no("%s. Not opened: with --anyway=%d it is", strings.Join(out, ". "), line.Row)
}

// before finds the file that the line opened before its number was changed: the only one
// of the same subject whose own number, in this line, gives the id that opened it.
func (c *coversCmd) before(w *world, line register.Line, alike []custody.Row, numbers map[custody.NumberKey]bool) (was *custody.Row, err error) {
	for i, row := range alike {
		if numbers[custody.KeyOf(row.File.Number)] {
			continue // the sheet has that file too
		}
		line.Number = row.File.Number
		var says foreseen
		err := c.call(w, http.MethodPost, "/api/v1/files?dry_run", c.opening(line), &says)
		switch {
		case err != nil && !spoke(err):
			return nil, err
		case err != nil || says.Would != "nothing" || says.Code != row.File.Code:
		case was != nil:
			return nil, nil // so many are alike that it says nothing
		default:
			was = &alike[i]
		}
	}
	return was, nil
}

// renumbered leaves out lines that look like files whose number was changed, where the
// register was brought in before: other lines of it are there. Of a new one that is odd
// and no more, for subjects come again.
func (p *plan) renumbered() {
	again := slices.ContainsFunc(p.lines, func(l planned) bool { return l.there != "" })
	for i := range p.lines {
		line := &p.lines[i]
		if line.was == nil {
			continue
		}
		says := fmt.Sprintf("%s was opened by the same row with number %q, %s", line.was.File.Code.Format(), line.was.File.Number, where(*line.was))
		if again {
			line.differs = no("%s. Not opened again: with --anyway=%d it is", says, line.Row)
		} else {
			p.odd = append(p.odd, register.Note{Row: line.Row, Column: "number", What: says + ": was its number changed?"})
		}
	}
}

// where says in a few words where a file is.
func where(row custody.Row) string {
	switch p := row.Position; {
	case p.Revision == 0:
		return "being opened now"
	case p.Phase == custody.Ended:
		return "closed"
	default:
		return fmt.Sprintf("%s at %s (%s)", stateWord(p), p.Desk, p.Room)
	}
}

// stateWord is the state of a file as pages call it.
func stateWord(p custody.Position) string { return lang.English.Text("phase." + p.State()) }

// print says what a register would come to; errFound where a person must look at it.
func (p *plan) print(w *world) error {
	var opened, there, old, differ int
	wrong := map[int]bool{} // rows
	for _, err := range p.problems {
		if fault, ok := errors.AsType[register.Fault](err); ok {
			wrong[fault.Row] = true
		}
	}
	for _, line := range p.lines {
		say := func(format string, args ...any) { fmt.Fprintln(w.out, line.Problem(fmt.Errorf(format, args...))) }
		switch {
		case wrong[line.Row]:
			continue
		case line.differs != nil:
			differ++
			say("%w", line.differs)
			continue
		case line.there != "":
			there++
			say("is there already, %s", line.there.Format())
		default:
			opened++
			say("would be opened")
		}
		if line.Old != "" && !line.kept {
			old++
			say("old code %s would be registered", line.Old)
		}
	}
	for _, err := range p.problems {
		fmt.Fprintln(w.out, "wrong:", err)
	}
	fmt.Fprintf(w.out, "%d to open, %d old codes to register, %d there already, %d known otherwise and left out, %d wrong, %d odd\n", opened, old, there, differ, len(p.problems), len(p.odd))
	if len(p.problems) > 0 {
		fmt.Fprintln(w.out, "nothing would be opened before what is wrong is put right")
	}
	if len(p.problems)+differ > 0 {
		return errFound
	}
	return nil
}

// rowRange is rows of a sheet, such as 3,7-9.
type rowRange []struct{ from, to int }

// UnmarshalText reads it from the command line.
func (r *rowRange) UnmarshalText(text []byte) error {
	for part := range strings.SplitSeq(label.Latin(string(text)), ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		a, err := strconv.Atoi(strings.TrimSpace(from))
		b, err2 := strconv.Atoi(strings.TrimSpace(to))
		if errors.Join(err, err2) != nil || a < 1 || b < a {
			return fmt.Errorf("rows %q: say 3,7-9", text)
		}
		*r = append(*r, struct{ from, to int }{a, b})
	}
	return nil
}

func (r rowRange) has(row int) bool {
	return slices.ContainsFunc(r, func(s struct{ from, to int }) bool { return s.from <= row && row <= s.to })
}

// strangers are the rows named by themselves in which a sheet has no file.
func (r rowRange) strangers(lines []register.Line) (rows []int) {
	for _, s := range r {
		if !slices.ContainsFunc(lines, func(l register.Line) bool { return s.from <= l.Row && l.Row <= s.to }) {
			rows = append(rows, s.from)
		}
	}
	return rows
}
