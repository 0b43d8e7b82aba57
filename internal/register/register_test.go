package register

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const names = "number,subject,department,desk"

func utf16Of(order binary.AppendByteOrder, text string) string {
	var raw []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		raw = order.AppendUint16(raw, unit)
	}
	return string(raw)
}

// A register is read as spreadsheets of any country save it; text of another encoding
// than UTF-8 and UTF-16 is refused, not guessed at.
func TestRegisterOfASpreadsheet(t *testing.T) {
	const plain = names + "\nS/3,\"été; é\tté\",fin,fin-so1\n"
	for _, c := range []struct{ name, text, says string }{ // says nothing: the one line is read
		{"commas", names + "\nS/3,été; é\tté,fin,fin-so1\n", ""},
		{"a byte order mark", "\ufeff" + plain, ""},
		{"a byte order mark before a quote", "\ufeff" + `"number","subject","department","desk"` + "\nS/3,été; é\tté,fin,fin-so1\n", ""},
		{"semicolons", "number;subject;department;desk\nS/3;\"été; é\tté\";fin;fin-so1\n", ""},
		{"tabs", "number\tsubject\tdepartment\tdesk\nS/3\t\"été; é\tté\"\tfin\tfin-so1\n", ""},
		{"pipes", "number|subject|department|desk\nS/3|été; é\tté|fin|fin-so1\n", ""},
		{"its own word for the separator", "sep=;\r\nnumber;subject;department;desk\r\nS/3;\"été; é\tté\";fin;fin-so1\r\n", ""},
		{"the same of a tab, in quotes", "\ufeff\"sep=\t\"\r\nnumber\tsubject\tdepartment\tdesk\r\nS/3\t\"été; é\tté\"\tfin\tfin-so1\r\n", ""},
		{"CRLF", "\ufeffnumber;subject;department;desk\r\nS/3;\"été; é\tté\";fin;fin-so1\r\n", ""},
		{"CR", strings.ReplaceAll(plain, "\n", "\r"), ""},
		{"UTF-16 of Windows", "\xff\xfe" + utf16Of(binary.LittleEndian, plain), ""},
		{"UTF-16 of networks", "\xfe\xff" + utf16Of(binary.BigEndian, plain), ""},
		{"UTF-16 without its mark", utf16Of(binary.LittleEndian, plain), ""},
		{"the same of networks", utf16Of(binary.BigEndian, plain), ""},
		{"headings of a person", "\n Number\u00a0;SUBJECT;De part ment;\u200fdesk;\nS/3;\"été; é\tté\";fin;fin-so1;\n", ""},
		{"rows of commas", names + "\n,,,\nS/3,été; é\tté,fin,fin-so1\n,,,\n ,\u00a0,,\n\x1a", ""},
		{"cells behind the last", names + "\nS/3,été; é\tté,fin,fin-so1,,,\n", ""},
		{"cells as formulas", names + "\n\"=\"\"S/3\"\"\",été; é\tté,\"=\"\"fin\"\"\",'fin-so1\n", ""},
		{"marks and line breaks", names + "\n\u202bS/3\u202c,\" été; é\tté\r\n\u200f\",fin\u200e,\"fin-so1\n\"\n", ""},

		{"nothing", "", "it is empty"},
		{"rows of nothing", "\n,,,\n", "it is empty"},
		{"names alone", names + "\n,,,\n", "no lines under the names"},
		{"a column too many", names + ",Old number\n1,x,fin,fin-so1,2\n", `a column "Old number"`},
		{"a column missing", "number,subject\n1,x\n", "no column department"},
		{"a column twice", names + ",Desk\n1,x,fin,fin-so1,2\n", "two columns desk"},
		{"Windows-1252", names + "\nS/3,\xe9t\xe9,fin,fin-so1\n", `row 2, column subject: not UTF-8: save the register as "CSV UTF-8"`},
		{"the same after CRLF and a field of two lines", "subject;number;department;desk\r\n\"one\r\ntwo\";1;fin;fin-so1\r\nx;\xe9;fin;fin-so1\r\n", `row 3, column number: not UTF-8`},
		{"Windows-1256", names + "\nS/3,\xc8\xcc\xca,fin,fin-so1\n", `row 2, column subject: not UTF-8`},
		{"Windows-1252 in the line of names", "num\xe9ro,subject,department,desk\nS/3,x,fin,fin-so1\n", `row 1, column 1: not UTF-8`},
		{"UTF-16 with half a letter", "\xff\xfe" + utf16Of(binary.LittleEndian, names+"\n") + "\x00\xd8" + utf16Of(binary.LittleEndian, ",x,fin,fin-so1\n"), `row 2, column number: not UTF-8`},
		{"UTF-16 cut off", "\xff\xfe" + utf16Of(binary.LittleEndian, plain) + "x", "cut off"},
		{"UTF-32", "\xff\xfe\x00\x00n\x00\x00\x00", "UTF-32"},
		{"an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLSX"},
		{"a broken workbook", "PK\x03\x04 and nothing", "read workbook"},
		{"a quote that nothing ends", names + "\nS/1,x,fin,fin-so1\n\"S/2,x,fin,fin-so1\nS/3,x,fin,fin-so1\n", "row 3: a quote within quotes, or one that nothing ends"},
		{"a quote within quotes", names + "\nS/1,\"5\" pipe\",fin,fin-so1\n", "row 2: a quote within quotes"},
		{"both kinds at once", names + "\n5\" S,\"x,fin,fin-so1\nS/3,x,fin,fin-so1\n", "row 2: quotes and line breaks"},
		{"a cell without a name", names + ",\nS/3,x,fin,fin-so1,y\n", "row 2, column 5: the column has no name"},
		{"a row cut short", names + "\n\nS/3,x\n", "row 3: 2 fields"},
		{"no number", names + "\n\u200f,x,fin,fin-so1\n", "no file number"},
		{"a label for a number", names + "\n" + label.New(label.File, 7).Format() + ",x,fin,fin-so1\n", "code of a label"},
	} {
		s, err := Read([]byte(c.text))
		problem := errors.Join(append(s.Problems, err)...)
		switch {
		case c.says != "" && (problem == nil || !strings.Contains(problem.Error(), c.says)):
			t.Errorf("%s: %v, want %q", c.name, problem, c.says)
		case c.says != "":
		case problem != nil:
			t.Errorf("%s: %v", c.name, problem)
		case len(s.Lines) != 1 || s.Lines[0].Number != "S/3" || s.Lines[0].Subject != "été; é té" || s.Lines[0].Department != "fin" || s.Lines[0].Desk != "fin-so1":
			t.Errorf("%s: %+v", c.name, s.Lines)
		}
	}
}

// What a spreadsheet has spoilt is refused by row and column; what may be right is read.
func TestCellsOfASpreadsheet(t *testing.T) {
	read := "" // is read as it stands
	for _, c := range []struct{ column, text, want, says string }{
		{"old", "8.96E+12", read, "digits are lost"},
		{"old", "8,96E+12", read, "digits are lost"},
		{"old", "۸٫۹۶E+۱۲", read, "digits are lost"},
		{"old", "1.04738e13", read, "digits are lost"},
		{"old", "1E5A", "1E5A", ""},
		{"old", "12E3", "12E3", ""},
		{"number", "1E+05", read, "digits are lost"},
		{"number", "12E3", "12E3", ""},
		{"number", "2.0", "2.0", ""}, // odd, see below
		{"code", "10473800000000.0", read, "took it for a number"},
		{"old", "12345.0", read, "took it for a number"},
		{"old", "12345,00", read, "took it for a number"},
		{"old", "1234.5", "1234.5", ""},
		{"old", "'0012345", "0012345", ""},
		{"old", "FIN-۲۰۱۹/٠١٢٣", "FIN-2019/0123", ""},
		{"old", `="0012345"`, "0012345", ""},
		{"old", `= "0012345"`, "0012345", ""},
		{"old", "=B2", read, "formula"},
		{"number", "=1+1", read, "formula"},
		{"subject", "=1+1", "=1+1", ""},
		{"subject", "'Tis the season", "'Tis the season", ""},
		{"number", "'A' 7", "'A' 7", ""},
		{"old", "#REF!", read, "error"},
		{"number", "#VALUE!", read, "error"},
		{"number", "#DIV/0!", read, "error"},
		{"subject", "#NAME?", read, "error"},
		{"department", "#N/A", read, "error"},
		{"old", "#NV", read, "error"},
		{"old", "#Н/Д", read, "error"},
		{"old", "#WERT!", read, "error"},
		{"number", "#قدر!", read, "error"},
		{"number", "#نام؟", read, "error"},
		{"old", "Err:502", read, "error"},
		{"number", "########", read, "error"},
		{"number", "#12/2025", "#12/2025", ""},
		{"subject", "#urgent", "#urgent", ""},
		{"number", "A\ufffdB", read, "lost a letter"},
		{"number", "C/1\x00\x1b[2J\u202e4", "C/1[2J4", ""},
		{"subject", "a\x07b\r\nc \u200fب\u200f", "ab c \u200fب", ""},
		{"old", string(label.New(label.File, 7)), read, "belongs in column code"},
		{"old", "12345678901234", read, "check digits that do not fit"},
		{"old", "123", read, "not the text of an old cover"},
		{"old", "\u200fOLD-7\u200f", "OLD-7", ""},
	} {
		text := map[string]string{"number": "C/1", "subject": "x", "department": "fin", "desk": "fin-so1", "route": "", "code": "", "old": ""}
		text[c.column] = c.text
		cells := make([]string, len(Columns))
		for i, column := range Columns {
			cells[i] = `"` + strings.ReplaceAll(text[column], `"`, `""`) + `"`
		}
		s, err := Read([]byte(strings.Join(Columns, ",") + "\n" + strings.Join(cells, ",") + "\n"))
		problem := errors.Join(append(s.Problems, err)...)
		if c.says != "" {
			if problem == nil || !strings.Contains(problem.Error(), c.says) || !strings.Contains(problem.Error(), "row 2") {
				t.Errorf("%s %q: %v, want %q", c.column, c.text, problem, c.says)
			}
			continue
		}
		if problem != nil || len(s.Lines) != 1 {
			t.Errorf("%s %q: %v", c.column, c.text, problem)
			continue
		}
		if l := s.Lines[0]; map[string]string{"number": l.Number, "subject": l.Subject, "department": l.Department, "old": string(l.Old)}[c.column] != c.want {
			t.Errorf("%s %q: %+v", c.column, c.text, l)
		}
	}
}

// Rows are numbered as a person sees them: a cell of several lines is one row, a blank
// line is one too.
func TestRowsAreNumberedAsAPersonSeesThem(t *testing.T) {
	s, err := Read([]byte("\r\n" + names + "\r\nA/1,\"one\r\ntwo\r\n\r\nthree\",fin,d\r\n\r\n,,,\r\nA/2,x,fin,d\r\n\r\n\r\nA/3,x,fin\r\n"))
	if err != nil || len(s.Lines) != 2 || s.Lines[0].Row != 3 || s.Lines[1].Row != 6 || len(s.Problems) != 1 || !strings.Contains(s.Problems[0].Error(), "row 9: 3 fields") {
		t.Errorf("%+v, %v", s, err)
	}
}

// What must not stand twice is found, however it is written; a number that does is only
// marked.
func TestTwiceOnASheet(t *testing.T) {
	s, err := Read([]byte(strings.Join(Columns, ",") + "\n" +
		"A/1,x,fin,d,,,OLD-1\n" + "a / 1,y,fin,d,,,\n" + "A/1,x,fin,d,,,OLD-2\n" + "A/2,x,fin,d,,,old-1\n" + "A/۱,z,law,d,,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	var twice []int
	for _, l := range s.Lines {
		twice = append(twice, l.Twice)
	}
	said := errors.Join(s.Problems...).Error()
	if fmt.Sprint(twice) != "[0 2 0 0 2]" || !strings.Contains(said, "row 4, A/1: the same line as in row 2") || !strings.Contains(said, "row 5, A/2: the same old code as in row 2") || len(s.Problems) != 2 {
		t.Errorf("%v\n%s", twice, said)
	}
}

// What looks odd is noted and read.
func TestOddCells(t *testing.T) {
	for _, c := range []struct {
		column string
		texts  []string
		want   string // of the last row; empty: nothing is odd
	}{
		{"old", []string{"0012345", "0012346", "12347"}, "zeros in front gone"},
		{"old", []string{"0012345", "12347"}, "zeros in front gone"},
		{"old", []string{"1234567", "1234568", "1234569", "12345"}, "12345 has 5 digits, most have 7"},
		{"old", []string{"1234567", "1234568", "1234569", "123456789"}, "has 9 digits, most have 7"},
		{"old", []string{"1234567", "123456", "12345"}, ""},
		{"old", []string{"1234567", "FIN-1"}, ""},
		{"old", []string{"123456789012345000"}, "keep 15 digits"},
		{"old", []string{"12,345"}, "commas"},
		{"old", []string{"Mar-25"}, "a date"},
		{"number", []string{"3-Mar-25"}, "a date"},
		{"number", []string{"2.0"}, "writes numbers"},
		{"number", []string{"001", "002", "3"}, "zeros in front gone"},
		{"number", []string{"۰۰۱", "۰۰۲", "۳"}, "zeros in front gone"},
		{"number", []string{"1", "12", "3456"}, ""},
		{"subject", []string{"Budget ????? 2026"}, "question marks"},
		{"subject", []string{"Ù„Ø§ÛŒÙ†"}, "another encoding"},
		{"subject", []string{"What? Why?"}, ""},
	} {
		var b strings.Builder
		b.WriteString("number,subject,department,desk,old\n")
		for i, text := range c.texts {
			cells := map[string]string{"number": fmt.Sprintf("C/%d", i), "subject": "x", "old": ""}
			cells[c.column] = text
			fmt.Fprintf(&b, "%q,%q,fin,d,%q\n", cells["number"], cells["subject"], cells["old"])
		}
		s, err := Read([]byte(b.String()))
		if err := errors.Join(append(s.Problems, err)...); err != nil {
			t.Errorf("%v: %v", c.texts, err)
			continue
		}
		if c.want == "" && len(s.Odd) == 0 {
			continue
		}
		if len(s.Odd) != 1 || c.want == "" || s.Odd[0].Row != len(c.texts)+1 || s.Odd[0].Column != c.column || !strings.Contains(s.Odd[0].String(), c.want) {
			t.Errorf("%s %v: %v, want %q", c.column, c.texts, s.Odd, c.want)
		}
	}
}

// The id of a line is the same in every version of the program: a register that was
// brought in is known again.
func TestLinesAreKnownAgain(t *testing.T) {
	l := Line{Number: "SO(Reg) 1/2026", Subject: "Repair – مرمت", Department: "fin", Desk: "fin-ri", Old: "X-1", Row: 7}
	if id := l.ID(); id != "9e5be574-a695-5fd5-9762-f05f4915aa5e" {
		t.Errorf("%s", id)
	}
}

// Whatever a file holds, reading it ends, and what is read is clean, whole and numbered.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		names + "\nS/3,x,fin,d\n", "sep=;\nnumber;subject;department;desk;old\n1;\"a\nb\";f;d;=\"\"001\"\"\n", "\xff\xfen\x00u\x00", names + "\n\"a,b\n",
		strings.Join(Columns, "|") + "\nA|b\"c|d|e|f||'1234\n\n\x1a", "\xfe\xff\x00n",
	} {
		f.Add([]byte(text))
	}
	f.Add(workbook(f, map[string]string{"B2": "0000000"}, []any{"number", "old", "subject", "department", "desk"}, []any{"C/1", 12345, "x", "fin", "d"}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Read(raw)
		if err != nil {
			return
		}
		before := 0
		for _, l := range s.Lines {
			if l.Number != custody.Plain(l.Number) || l.Subject != custody.Prose(l.Subject) || l.Department != custody.Plain(l.Department) || l.Row <= before || l.Twice >= l.Row {
				t.Fatalf("%+v after row %d", l, before)
			}
			if custody.KeyOf(l.Number) == "" && len(s.Problems) == 0 {
				t.Fatalf("no number, and no problem: %+v", l)
			}
			before = l.Row
		}
	})
}
