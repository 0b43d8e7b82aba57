// Package register reads registers of files as spreadsheets save them: CSV of any
// separator in UTF-8 or UTF-16, and XLSX. It reads what can only mean one thing, refuses
// by row and column what a spreadsheet has spoilt, and says what looks odd.
package register

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Columns of a register, those that it must have first.
var Columns = []string{"number", "subject", "department", "desk", "route", "code", "old"}

const mustHave = 4

// Line is a file of a register.
type Line struct {
	Number, Subject, Department, Desk, Route string
	Code                                     label.Code // of a label that is on it already; empty: none
	Old                                      label.Code // on its old cover; empty: none

	Row   int // of the sheet as a person sees it, from 1
	Twice int // the row in which its number stood before; 0: in none
}

// space makes the ids of commands that open the files of a register.
var space = uuid.MustParse("5b0c1a56-2a52-4f0e-9a5d-6c1d8a0f4a11")

// ID is that of the command which opens the file: the same for the same line, whatever
// its old code.
func (l Line) ID() custody.CommandID {
	raw, err := json.Marshal(struct { // of these names and in this order since the first register
		ID         string     `json:"id"`
		Number     string     `json:"number"`
		Subject    string     `json:"subject"`
		Department string     `json:"department"`
		Desk       string     `json:"desk"`
		Route      string     `json:"route"`
		Code       label.Code `json:"code"`
	}{"", l.Number, l.Subject, l.Department, l.Desk, l.Route, l.Code})
	if err != nil {
		panic("register: marshal line: " + err.Error()) // strings only
	}
	return custody.CommandID(uuid.NewSHA1(space, raw).String())
}

// Problem is an error about the line: a Fault.
func (l Line) Problem(err error) error {
	return Fault{l.Row, fmt.Errorf("row %d, %s: %w", l.Row, l.Number, err)}
}

// Fault is an error about one row, which it names.
type Fault struct {
	Row int
	Err error
}

func (f Fault) Error() string { return f.Err.Error() }

// Unwrap returns what is wrong.
func (f Fault) Unwrap() error { return f.Err }

// Sheet is a register that was read.
type Sheet struct {
	Lines    []Line
	Problems []error // Faults of single rows, all of them: where there is one the sheet is not to be used
	Odd      []Note  // in order of rows
}

// Note is something that may be right and looks as though it were not.
type Note struct {
	Row    int // 0: the whole sheet
	Column string
	What   string
}

func (n Note) String() string {
	switch {
	case n.Row == 0:
		return n.What
	case n.Column == "":
		return fmt.Sprintf("row %d: %s", n.Row, n.What)
	}
	return fmt.Sprintf("row %d, column %s: %s", n.Row, n.Column, n.What)
}

// cell is what a cell of a sheet holds.
type cell struct {
	text   string
	number bool  // it is stored as a number: what was typed may have been more
	spoilt error // it cannot be told what was typed; matters where the text is a number or a code
}

// row is a row of a sheet that is not blank. Its number is the one that a person sees.
type row struct {
	number int
	cells  []cell
}

func (r row) blank() bool {
	return !slices.ContainsFunc(r.cells, func(c cell) bool { return custody.KeyOf(c.text) != "" || !utf8.ValidString(c.text) })
}

// zipped begins an XLSX, compound a workbook of before 2007.
var (
	zipped   = []byte("PK\x03\x04")
	compound = []byte("\xd0\xcf\x11\xe0")
)

// Read reads a register. The error is of the sheet as a whole.
func Read(raw []byte) (s Sheet, err error) {
	var rows []row
	switch {
	case bytes.HasPrefix(raw, zipped):
		rows, s.Odd, err = readWorkbook(raw)
	case bytes.HasPrefix(raw, compound):
		err = errors.New("a workbook of an old Excel: save it as XLSX, or as CSV UTF-8")
	default:
		rows, err = readText(raw)
	}
	if err != nil {
		return s, err
	}
	rows = slices.DeleteFunc(rows, row.blank)
	if len(rows) == 0 {
		return s, errors.New("it is empty")
	}
	columns, err := headings(rows[0])
	if err != nil {
		return s, err
	}
	for _, r := range rows[1:] {
		s.add(r, columns)
	}
	if len(s.Lines)+len(s.Problems) == 0 {
		return s, errors.New("no lines under the names of columns")
	}
	s.twice()
	s.Odd = append(s.Odd, oddLengths(s.Lines)...)
	slices.SortStableFunc(s.Odd, func(a, b Note) int { return a.Row - b.Row })
	return s, nil
}

// headings finds the columns by their names: what each place of a row is; empty where
// nothing may stand.
func headings(r row) (columns []string, err error) {
	for i, c := range r.cells {
		if !utf8.ValidString(c.text) {
			return nil, fmt.Errorf("row %d, column %d: %w", r.number, i+1, errEncoding)
		}
		name := string(custody.KeyOf(c.text))
		switch {
		case name != "" && !slices.Contains(Columns, name):
			return nil, fmt.Errorf("a column %q: there are %s", custody.Plain(c.text), strings.Join(Columns, ", "))
		case name != "" && slices.Contains(columns, name):
			return nil, fmt.Errorf("two columns %s", name)
		}
		columns = append(columns, name)
	}
	for _, name := range Columns[:mustHave] {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("no column %s", name)
		}
	}
	return columns, nil
}

// twice marks lines whose number stood before, and finds what must not stand twice.
func (s *Sheet) twice() {
	numbers, ids := map[custody.NumberKey]int{}, map[custody.CommandID]int{}
	codes := map[label.Code]int{}
	for i := range s.Lines {
		l := &s.Lines[i]
		same := ""
		first := 0
		once := func(what string, before int) {
			if before > 0 && same == "" {
				same, first = what, before
			}
		}
		key := custody.KeyOf(l.Number)
		once("line", ids[l.ID()])
		once("code", codes[l.Code])
		once("old code", codes[l.Old])
		if same != "" {
			s.Problems = append(s.Problems, l.Problem(fmt.Errorf("the same %s as in row %d", same, first)))
		} else if key != "" {
			l.Twice = numbers[key]
		}
		ids[l.ID()] = l.Row
		if numbers[key] == 0 {
			numbers[key] = l.Row
		}
		for _, code := range []label.Code{l.Code, l.Old} {
			if code != "" && codes[code] == 0 {
				codes[code] = l.Row
			}
		}
	}
}
