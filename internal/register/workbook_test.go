package register

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// workbook is an XLSX of one sheet; a float or an int is stored as a number, in the
// format of its column in formats.
func workbook(t testing.TB, formats map[string]string, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	sheet := f.GetSheetName(0)
	for i, row := range rows {
		for j, value := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil && value != nil {
				err = f.SetCellValue(sheet, at, value)
			}
			if err != nil {
				t.Fatal(err)
			}
			if format := formats[at]; format != "" {
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
				if err = errors.Join(err, f.SetCellStyle(sheet, at, at, style)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if _, err := f.NewSheet("Old list"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellValue("Old list", "A1", "x"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A workbook is read by the rules of a sheet; its numbers as they are shown, where that
// is what was typed.
func TestWorkbook(t *testing.T) {
	s, err := Read(workbook(
		t, map[string]string{"E3": "0000000"},
		[]any{"Number", "Subject ", "department", "desk", "old"},
		[]any{"C/1", "بجٹ\nدو", "fin", "d", "0012345"},
		[]any{"C/2", "x", "fin", "d", 12346},
		nil,
		[]any{"C/3", "x", "fin", "d", 12347},
		[]any{"C/4", 2026, "fin", "d"},
		[]any{7, "x", "fin", "d", 896123456},
	))
	if err := errors.Join(append(s.Problems, err)...); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range s.Lines {
		got = append(got, strings.Join([]string{l.Number, l.Subject, string(l.Old)}, "|"))
	}
	if want := []string{"C/1|بجٹ دو|0012345", "C/2|x|0012346", "C/3|x|12347", "C/4|2026|", "7|x|896123456"}; !slices.Equal(got, want) || s.Lines[2].Row != 5 {
		t.Errorf("%q, want %q", got, want)
	}
	var odd []string
	for _, n := range s.Odd {
		odd = append(odd, n.String())
	}
	all := strings.Join(odd, "\n")
	for _, want := range []string{`sheet "Old list" is not read`, "row 5, column old: 12347 is stored as a number", "row 7, column number: 7 is stored as a number", "row 5, column old: 12347 has 5 digits, others begin with a zero and have 7"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not noted", want)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
}

// What a workbook's cell has lost is refused by row and column.
func TestWorkbookThatLostDigits(t *testing.T) {
	for _, c := range []struct {
		name, format string
		value        any
		says         string
	}{
		{"more digits than a number keeps", "", 8.961234567890123e17, "stored as the number"},
		{"a date", "", time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), "stored as the number"},
		{"thousands", "#,##0", 1234567, "stored as the number"},
		{"shown short and whole", "0.00E+00", 89612345678, ""},
		{"text in scientific notation", "", "8.96E+12", "digits are lost"},
		{"an error", "", "#N/A", "spreadsheet's error"},
	} {
		s, err := Read(workbook(t, map[string]string{"E2": c.format}, []any{"number", "subject", "department", "desk", "old"}, []any{"C/1", "x", "fin", "d", c.value}))
		problem := errors.Join(append(s.Problems, err)...)
		if c.says == "" {
			// 11 digits may be a code of ours that was read badly: told as such, with all of them
			if problem == nil || !strings.Contains(problem.Error(), `"89612345678"`) {
				t.Errorf("%s: %v", c.name, problem)
			}
			continue
		}
		if problem == nil || !strings.Contains(problem.Error(), "row 2, column old: ") || !strings.Contains(problem.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, problem, c.says)
		}
	}
}
