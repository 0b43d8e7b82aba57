package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

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

// errEncoding is of text that would be stored as something else than its writer saw.
var errEncoding = errors.New(`not UTF-8: save the register as "CSV UTF-8"`)

// separator is what stands between the names of columns: spreadsheets take that of
// their country. No name has one in it.
func separator(raw []byte) rune {
	names, _, _ := bytes.Cut(raw, []byte("\n"))
	if i := bytes.IndexAny(names, ",;\t"); i >= 0 {
		return rune(names[i])
	}
	return ','
}

// readRegister reads the CSV; its columns are known by their names. Problems are of
// single lines, and all of them.
func readRegister(path string) (lines []registered, problems []error, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // as spreadsheets begin a file
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma, r.FieldsPerRecord = separator(raw), -1
	names, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, errors.New("it is empty")
	}
	if err != nil {
		return nil, nil, err
	}
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
		if i := slices.IndexFunc(fields, unreadable); i >= 0 {
			problems = append(problems, fmt.Errorf("row %d, column %s: %w", row, strings.TrimSpace(names[i]), errEncoding))
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

func unreadable(text string) bool { return !utf8.ValidString(text) }

// named finds the columns by their names.
func named(names []string) (column map[string]int, err error) {
	column = map[string]int{}
	for i, name := range names {
		if unreadable(name) {
			return nil, fmt.Errorf("row 1, column %d: %w", i+1, errEncoding)
		}
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
