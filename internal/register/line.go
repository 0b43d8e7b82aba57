package register

import (
	"errors"
	"fmt"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// add reads one row and says what is wrong with it by itself.
func (s *Sheet) add(r row, columns []string) {
	bad := func(format string, args ...any) {
		s.Problems = append(s.Problems, Fault{r.number, fmt.Errorf("row %d%w", r.number, fmt.Errorf(format, args...))})
	}
	for len(r.cells) > len(columns) && custody.KeyOf(r.cells[len(r.cells)-1].text) == "" {
		r.cells = r.cells[:len(r.cells)-1]
	}
	if len(r.cells) != len(columns) {
		bad(": %d fields, the line of names has %d", len(r.cells), len(columns))
		return
	}
	text, whole := map[string]string{}, true
	for i, column := range columns {
		cell := r.cells[i]
		got, err := meaning(column, cell)
		if column == "" {
			column = fmt.Sprint(i + 1)
			if err == nil && got != "" {
				err = errors.New("the column has no name")
			}
		}
		if err != nil {
			bad(", column %s: %w", column, err)
			whole = false
			continue
		}
		if what := odd(column, cell, got); what != "" {
			s.Odd = append(s.Odd, Note{r.number, column, what})
		}
		text[column] = got
	}
	if !whole {
		return
	}
	line := Line{Number: text["number"], Subject: text["subject"], Department: text["department"], Desk: text["desk"], Route: text["route"], Row: r.number}
	s.Problems = append(s.Problems, line.read(text["code"], text["old"])...)
	s.Lines = append(s.Lines, line)
}

// read checks a line's texts and reads its codes.
func (l *Line) read(code, old string) (problems []error) {
	bad := func(format string, args ...any) { problems = append(problems, l.Problem(fmt.Errorf(format, args...))) }
	switch {
	case custody.KeyOf(l.Number) == "":
		bad("no file number")
	case ours(l.Number) == nil:
		bad("the file number is the code of a label")
	case len(l.Number) > custody.MaxNumber:
		bad("the file number is longer than %d bytes", custody.MaxNumber)
	}
	if len(l.Subject) > custody.MaxSubject {
		bad("the subject is longer than %d bytes", custody.MaxSubject)
	}
	if code != "" {
		switch read, err := label.Parse(code); {
		case err != nil:
			bad("code %q: %w", code, err)
		case read.Kind() != label.File:
			bad("code %q is a %s's", code, read.Kind())
		default:
			l.Code = read
		}
	}
	if old != "" {
		switch read, err := label.Foreign(old); {
		case err == nil:
			l.Old = read
		case ours(old) == nil:
			bad("old code %q is one of this office's own: it belongs in column code", old)
		case errors.Is(ours(old), label.ErrCheck):
			bad("old code %q looks like one of this office's own, with check digits that do not fit", old)
		default:
			bad("old code %q: %w", old, err)
		}
	}
	return problems
}

// ours says why a text is no code of this office; nil: it is one.
func ours(text string) error {
	_, err := label.Parse(strings.TrimSpace(text))
	return err
}
