package main

import (
	"errors"
	"strings"
	"testing"
)

// A register is read as spreadsheets of any country save it; text of another encoding
// than UTF-8 is refused, not guessed at.
func TestRegisterOfASpreadsheet(t *testing.T) {
	const names = "number,subject,department,desk"
	cases := []struct {
		name string
		text string
		says string // empty: the one line is read
	}{
		{"commas", names + "\nS/3,été; é\tté,fin,fin-so1\n", ""},
		{"a byte order mark", "\ufeff" + names + "\nS/3,été; é\tté,fin,fin-so1\n", ""},
		{"a byte order mark before a quote", "\ufeff" + `"number","subject","department","desk"` + "\nS/3,été; é\tté,fin,fin-so1\n", ""},
		{"semicolons", "number;subject;department;desk\nS/3;\"été; é\tté\";fin;fin-so1\n", ""},
		{"tabs", "number\tsubject\tdepartment\tdesk\nS/3\t\"été; é\tté\"\tfin\tfin-so1\n", ""},
		{"CRLF", "\ufeffnumber;subject;department;desk\r\nS/3;\"été; é\tté\";fin;fin-so1\r\n", ""},
		{"Windows-1252", names + "\nS/3,\xe9t\xe9,fin,fin-so1\n", `row 2, column subject: not UTF-8: save the register as "CSV UTF-8"`},
		{"the same after CRLF and a field of two lines", "subject;number;department;desk\r\n\"one\r\ntwo\";1;fin;fin-so1\r\nx;\xe9;fin;fin-so1\r\n", `row 4, column number: not UTF-8`},
		{"Windows-1252 in the line of names", "num\xe9ro,subject,department,desk\nS/3,x,fin,fin-so1\n", `row 1, column 1: not UTF-8`},
		{"UTF-16", "\xff\xfen\x00u\x00m\x00", `row 1, column 1: not UTF-8`},
	}
	for _, c := range cases {
		lines, problems, err := readRegister(register(t, strings.TrimSuffix(c.text, "\n")))
		problem := errors.Join(append(problems, err)...)
		switch {
		case c.says != "" && (problem == nil || !strings.Contains(problem.Error(), c.says)):
			t.Errorf("%s: %v, want %q", c.name, problem, c.says)
		case c.says != "":
		case problem != nil:
			t.Errorf("%s: %v", c.name, problem)
		case len(lines) != 1 || lines[0].Number != "S/3" || lines[0].Subject != "été; é\tté" || lines[0].Desk != "fin-so1":
			t.Errorf("%s: %+v", c.name, lines)
		}
	}
}
