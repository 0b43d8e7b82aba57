package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

// numbered are the files of an office that have a number, newest first; closed in the
// end.
func (h *hired) numbered(number string) (codes []label.Code) {
	h.t.Helper()
	rows, err := h.o.Ledger.Numbered(h.t.Context(), number)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, row := range rows {
		codes = append(codes, row.File.Code)
	}
	return codes
}

// closeAll closes every file of these numbers.
func (h *hired) closeAll(numbers ...string) {
	h.t.Helper()
	for _, number := range numbers {
		for _, code := range h.numbered(number) {
			h.do(newCommand(custody.Close, code, ""))
		}
	}
}

// A corrected register opens nothing twice: what changed of a file is told, with its row
// and the file, and the rest is brought in. A yes is to single rows.
func TestACorrectedRegister(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	pdf := filepath.Join(t.TempDir(), "covers.pdf")
	bring := func(lines []string, flags ...string) (int, string) {
		t.Helper()
		path := sheetOf(t, append([]string{"number,subject,department,desk,route,code,old"}, lines...)...)
		return cli(t, base, append([]string{"covers", "--from", path, "-o", pdf}, flags...)...)
	}
	says := func(code, want int, out string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("%q is not said", w)
			}
		}
		if code != want || t.Failed() {
			t.Fatal(code, out)
		}
	}
	first := []string{"Corr/14,Budjet 2026,fin,fin-ri,,,corr-14", "Corr/15,Leave,fin,fin-ri,,,", "Corr/16,A roof,fin,fin-ri,,,"}

	code, out := bring(first, "--dry-run")
	says(code, exitOK, out, "row 2, Corr/14: would be opened", "row 2, Corr/14: old code CORR-14 would be registered", "3 to open, 1 old codes to register, 0 there already, 0 known otherwise and left out, 0 wrong, 0 odd")
	if len(h.numbered("Corr/14")) != 0 {
		t.Fatal("a preview has opened a file")
	}
	code, out = bring(first)
	says(code, exitOK, out, "3 on")
	file := h.numbered("Corr/14")[0]
	code, out = bring(first, "--dry-run")
	says(code, exitOK, out, "is there already, "+file.Format(), "0 to open, 0 old codes to register, 3 there already")

	corrected := []string{"corr/14\u200f,Budget 2026,fin,fin-ri,,,corr-14", first[1], "Corr/61,A roof,fin,fin-ri,,,", "Corr/17,New,fin,fin-ri,,,"}
	changed := []string{
		"row 2, corr/14: the office says: ", file.Format() + " has this number, held at fin-ri", `its subject is "Budjet 2026", the sheet says "Budget 2026"`, `its number is "Corr/14", the sheet says "corr/14"`, "--anyway=2",
		"row 4, Corr/61: ", `was opened by the same row with number "Corr/16"`, "--anyway=4",
	}
	code, out = bring(corrected, "--dry-run")
	says(code, exitFailed, out, append(changed, "1 to open, 0 old codes to register, 1 there already, 2 known otherwise and left out")...)
	code, out = bring(corrected)
	says(code, exitFailed, out, append(changed, "2 on")...)
	for number, want := range map[string]int{"Corr/14": 1, "Corr/15": 1, "Corr/16": 1, "Corr/61": 0, "Corr/17": 1} {
		if codes := h.numbered(number); len(codes) != want {
			t.Errorf("%s: %v", number, codes)
		}
	}
	code, out = bring([]string{"Corr/16-A,A roof,fin,fin-ri,,,"}, "--dry-run") // by itself it may be another roof
	says(code, exitOK, out, `was opened by the same row with number "Corr/16"`, "was its number changed?", "1 to open", "1 odd")
	code, out = bring([]string{corrected[0]}, "--anyway", "3")
	says(code, exitFailed, out, "--anyway: no file in row 3", "nothing was opened")
	code, out = bring([]string{corrected[2], first[1]}, "--anyway", "2")
	says(code, exitOK, out, "2 on")
	code, out = bring([]string{corrected[2], first[1]}) // once is enough
	says(code, exitOK, out, "2 on")

	twice := []string{"Corr/18,First,fin,fin-ri,,,", "CORR/18,Second,fin,fin-ri,,,"}
	code, out = bring(twice)
	says(code, exitFailed, out, "nothing was opened", "row 3, CORR/18: the same number as in row 2")
	if len(h.numbered("Corr/18")) != 0 {
		t.Error("opened")
	}
	code, out = bring(twice, "--anyway", "1,3")
	says(code, exitFailed, out, "--anyway: no file in row 1")
	code, out = bring(twice, "--anyway", "3")
	says(code, exitOK, out, "2 on")
	code, out = bring(twice)
	says(code, exitOK, out, "2 on")
	if codes := h.numbered("Corr/18"); len(codes) != 2 {
		t.Errorf("%v", codes)
	}

	h.do(newCommand(custody.Close, file, ""))
	code, out = bring([]string{"Corr/14,Budget 2026,fin,fin-ri,,,"})
	says(code, exitFailed, out, file.Format()+" has this number, closed")
	verified(t, h.o)
	h.closeAll("Corr/15", "Corr/16", "Corr/61", "Corr/17", "Corr/18")
}

// The registers that failed, in order, as a clerk would bring them in: what is right is
// opened, and one number is one file.
func TestGivenRegistersAreBroughtIn(t *testing.T) {
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
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	pdf := filepath.Join(t.TempDir(), "covers.pdf")
	for _, c := range []struct {
		name string
		code int
		says string
	}{
		{"01-old-scientific.csv", exitFailed, `row 2, column old: "8.96123E+12"`},
		{"02-code-scientific.csv", exitFailed, `row 2, column code: "1.04738E+13"`},
		{"03-old-excel-formula.csv", exitOK, "1 on"},
		{"05-trailing-empty-rows.csv", exitOK, "1 on"},
		{"07-sep-line.csv", exitOK, "1 on"},
		{"08-utf16le-tab.csv", exitOK, "1 on"},
		{"12-capital-headings.csv", exitOK, "1 on"},
		{"13-same-number-two-rows.csv", exitFailed, "row 3, C/13: the same number as in row 2"},
		{"14a-first-import.csv", exitOK, "1 on"},
		{"14b-typo-corrected.csv", exitFailed, `its subject is "Budjet 2026", the sheet says "Budget 2026"`},
		{"15-rlm-in-number.csv", exitFailed, `row 2, C/14: the office says: `},
		{"17-embedded-newline.csv", exitOK, "1 on"},
		{"19-old-apostrophe.csv", exitFailed, "row 2, C/19: 0012345 is on file C/4"}, // two of the registers say this old code
		{"20-old-error-cell.csv", exitFailed, `row 3, column old: "#REF!"`},
		{"22-quote-in-field.csv", exitOK, "1 on"},
		{"25-nbsp-header.csv", exitOK, "1 on"},
		{"27-ctrlz.csv", exitOK, "1 on"},
	} {
		code, out := cli(t, base, "covers", "--from", filepath.Join(dir, c.name), "-o", pdf)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: %d, %s", c.name, code, out)
		}
	}
	for number, want := range map[string]int{"C/1": 0, "C/4": 1, "C/8": 1, "C/13": 0, "C/14": 1, "C/19": 0, "C/20": 0, "C/21": 0, "C/22": 1} {
		if codes := h.numbered(number); len(codes) != want {
			t.Errorf("%s: %v", number, codes)
		}
	}
	verified(t, h.o)
	h.closeAll("C/4", "C/5", "C/7", "C/8", "C/12", "C/14", "C/17", "C/22", "C/25", "C/27")
}
