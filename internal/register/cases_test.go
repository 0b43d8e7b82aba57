package register

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harkara/internal/custody"
)

// given is the folder of registers that failed; where it is absent the test is skipped,
// and fails when CI is set.
func given(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("HARKARA_CASES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "cases")
	}
	dir = filepath.Join(dir, "csv")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return dir
}

// Every register that failed is read as it can only be meant, or refused by row and
// column.
func TestGivenRegisters(t *testing.T) {
	dir := given(t)
	for name, want := range map[string]struct {
		says    []string // problems, each with these words
		number  string
		subject string
		old     string
	}{
		"01-old-scientific.csv":      {says: []string{`row 2, column old: "8.96123E+12"`, `row 3, column old: "1.04738E+13"`}},
		"02-code-scientific.csv":     {says: []string{`row 2, column code: "1.04738E+13"`}},
		"03-old-excel-formula.csv":   {number: "C/4", subject: "Zeros kept", old: "0012345"},
		"05-trailing-empty-rows.csv": {number: "C/5", subject: "Last real row"},
		"07-sep-line.csv":            {number: "C/7", subject: "x"},
		"08-utf16le-tab.csv":         {number: "C/8", subject: "فائل"},
		"12-capital-headings.csv":    {number: "C/12", subject: "x"},
		"13-same-number-two-rows.csv": {
			number: "C/13", subject: "First subject", // and a second line, see below
		},
		"14a-first-import.csv":    {number: "C/14", subject: "Budjet 2026"},
		"14b-typo-corrected.csv":  {number: "C/14", subject: "Budget 2026"},
		"15-rlm-in-number.csv":    {number: "C/14", subject: "Budget 2026"},
		"17-embedded-newline.csv": {number: "C/17", subject: "Line one line two"},
		"19-old-apostrophe.csv":   {number: "C/19", subject: "x", old: "0012345"},
		"20-old-error-cell.csv":   {says: []string{`row 2, column old: "#N/A"`, `row 3, column old: "#REF!"`}},
		"22-quote-in-field.csv":   {number: "C/22", subject: `Supply of 5" pipe`},
		"25-nbsp-header.csv":      {number: "C/25", subject: "x"},
		"27-ctrlz.csv":            {number: "C/27", subject: "x"},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		s, err := Read(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(want.says) > 0 {
			said := errors.Join(s.Problems...)
			for _, words := range want.says {
				if said == nil || !strings.Contains(said.Error(), words) {
					t.Errorf("%s: %v, want %q", name, said, words)
				}
			}
			if len(s.Problems) != len(want.says) {
				t.Errorf("%s: %d problems", name, len(s.Problems))
			}
			continue
		}
		lines := 1
		if strings.HasPrefix(name, "13") {
			lines = 2
		}
		if len(s.Problems) > 0 || len(s.Lines) != lines || len(s.Odd) > 0 {
			t.Errorf("%s: %+v", name, s)
			continue
		}
		if l := s.Lines[0]; l.Number != want.number || l.Subject != want.subject || string(l.Old) != want.old || l.Department != "fin" || l.Desk != "fin-so1" || l.Row != 2 {
			t.Errorf("%s: %+v", name, l)
		}
		if lines == 2 && (s.Lines[1].Twice != 2 || s.Lines[0].Twice != 0 || s.Lines[1].Row != 3) {
			t.Errorf("%s: %+v", name, s.Lines)
		}
	}
	typo, err := os.ReadFile(filepath.Join(dir, "14b-typo-corrected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	marked, err := os.ReadFile(filepath.Join(dir, "15-rlm-in-number.csv"))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := Read(typo)
	b, _ := Read(marked)
	if a.Lines[0].ID() != b.Lines[0].ID() || custody.KeyOf(a.Lines[0].Number) != custody.KeyOf(b.Lines[0].Number) {
		t.Errorf("a direction mark makes another line: %+v, %+v", a.Lines[0], b.Lines[0])
	}
}
