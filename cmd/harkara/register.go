package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// registered is a line of a register of files, in the form in which the office opens
// one.
type registered struct {
	ID         string `json:"id"`
	Number     string `json:"number"`
	Subject    string `json:"subject"`
	Department string `json:"department"`
	Desk       string `json:"desk"`
	Route      string `json:"route"`
	Code       string `json:"code"`

	row  int        // of the CSV, from 1
	old  label.Code // on its old cover
	kept bool       // that is registered for this file already
}

func (l registered) problem(err error) error {
	return fmt.Errorf("row %d, %s: %w", l.row, l.Number, err)
}

// lineSpace makes the ids of commands that open the files of a register.
var lineSpace = uuid.MustParse("5b0c1a56-2a52-4f0e-9a5d-6c1d8a0f4a11")

// columns of a register, those that it must have first.
var columns = []string{"number", "subject", "department", "desk", "route", "code", "old"}

const mustHave = 4

// readRegister reads the CSV; its columns are known by their names. Problems are of
// single lines, and all of them.
func readRegister(path string) (lines []registered, problems []error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	names, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, errors.New("it is empty")
	}
	if err != nil {
		return nil, nil, err
	}
	names[0] = strings.TrimPrefix(names[0], "\ufeff") // as spreadsheets begin a file
	column, err := named(names)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]int{} // the row in which something stood first
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		row, _ := r.FieldPos(0)
		if len(fields) != len(names) {
			problems = append(problems, fmt.Errorf("row %d: %d fields, the line of names has %d", row, len(fields), len(names)))
			continue
		}
		line, found := lineOf(row, fields, column)
		for _, once := range []struct{ what, text string }{{"line", line.ID}, {"code", line.Code}, {"old code", string(line.old)}} {
			if first := seen[once.what+once.text]; first > 0 && once.text != "" {
				found = append(found, line.problem(fmt.Errorf("the same %s as in row %d", once.what, first)))
				break
			}
			seen[once.what+once.text] = row
		}
		lines, problems = append(lines, line), append(problems, found...)
	}
	if len(lines)+len(problems) == 0 {
		return nil, nil, errors.New("no lines under the names of columns")
	}
	return lines, problems, nil
}

// named finds the columns by their names.
func named(names []string) (column map[string]int, err error) {
	column = map[string]int{}
	for i, name := range names {
		name = strings.TrimSpace(name)
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("a column %q: there are %s", name, strings.Join(columns, ", "))
		}
		column[name] = i
	}
	for _, name := range columns[:mustHave] {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("no column %s", name)
		}
	}
	return column, nil
}

// lineOf reads one line and says what is wrong with it by itself.
func lineOf(row int, fields []string, column map[string]int) (l registered, problems []error) {
	of := func(name string) string {
		if i, ok := column[name]; ok {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	l = registered{Number: of("number"), Subject: of("subject"), Department: of("department"), Desk: of("desk"), Route: of("route"), Code: of("code"), row: row}
	bad := func(format string, args ...any) { problems = append(problems, l.problem(fmt.Errorf(format, args...))) }
	switch {
	case l.Number == "":
		bad("no file number")
	case len(l.Number) > custody.MaxNumber:
		bad("the file number is longer than %d bytes", custody.MaxNumber)
	case len(l.Subject) > custody.MaxSubject:
		bad("the subject is longer than %d bytes", custody.MaxSubject)
	}
	if l.Code != "" {
		switch code, err := label.Parse(l.Code); {
		case err != nil:
			bad("code %q: %w", l.Code, err)
			l.Code = ""
		case code.Kind() != label.File:
			bad("code %q is a %s's", l.Code, code.Kind())
			l.Code = ""
		default:
			l.Code = string(code)
		}
	}
	if old := of("old"); old != "" {
		var err error
		if l.old, err = label.Foreign(old); err != nil {
			bad("old code %q: %w", old, err)
		}
	}
	raw, err := json.Marshal(l)
	if err != nil {
		panic("harkara: marshal line: " + err.Error()) // strings only
	}
	l.ID = uuid.NewSHA1(lineSpace, raw).String()
	return l, problems
}
