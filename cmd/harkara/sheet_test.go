package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

// cli runs a command line against the office at base.
func cli(t *testing.T, base string, args ...string) (code int, out string) {
	t.Helper()
	t.Setenv("HARKARA_SERVER", base)
	var stdout, stderr bytes.Buffer
	code = run(context.WithoutCancel(t.Context()), args, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String() + stderr.String()
}

// readBack reads every label on a PDF, as harkara decode does.
func readBack(t *testing.T, base, pdf string) []string {
	t.Helper()
	_, out := cli(t, base, "decode", "--json", "--all", "--budget=30s", pdf)
	var codes []string
	for line := range strings.Lines(out) {
		var page decodedPicture
		if err := json.Unmarshal([]byte(line), &page); err != nil || page.Error != "" {
			t.Fatal(line, err)
		}
		for _, s := range page.Symbols {
			if !slices.Contains(codes, s.Text) {
				codes = append(codes, s.Text)
			}
		}
	}
	return codes
}

// A register is opened and its covers printed; again, and nothing is opened twice.
func TestCoversFromARegister(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	dir := t.TempDir()
	register, pdf := filepath.Join(dir, "files.csv"), filepath.Join(dir, "covers.pdf")
	lines := "number,department,desk,subject\n"
	for i := range 5 {
		lines += fmt.Sprintf("SO(Reg) %d/2026,fin,fin-ri,\"Repair, with estimate – مرمت\"\n", i)
	}
	if err := os.WriteFile(register, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var first []string
	for range 2 {
		if code, out := cli(t, base, "covers", "--from", register, "-o", pdf); code != exitOK || !strings.Contains(out, "5 on 2 pages") {
			t.Fatal(code, out)
		}
		codes := readBack(t, base, pdf)
		if len(codes) != 5 {
			t.Fatalf("%d covers read back: %v", len(codes), codes)
		}
		if first == nil {
			first = codes
		} else if !slices.Equal(first, codes) {
			t.Errorf("printed again: %v, first %v", codes, first)
		}
	}
	for _, code := range first {
		row, err := h.o.Ledger.File(t.Context(), label.Code(code))
		if err != nil || !strings.HasPrefix(row.File.Number, "SO(Reg)") || row.Position.Revision != 1 {
			t.Errorf("%s: %+v, %v", code, row, err)
		}
		h.do(newCommand(custody.Close, label.Code(code), ""))
	}
	if err := os.WriteFile(register, []byte("number,subject\n1,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := cli(t, base, "covers", "--from", register, "-o", pdf); code != exitFailed || !strings.Contains(out, "no column department") {
		t.Error(code, out)
	}
}

// sheetOf writes a CSV with these lines.
func sheetOf(t *testing.T, lines ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "files.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// moved lets a file be received in another room than it began in.
func (h *hired) moved(code label.Code) {
	h.t.Helper()
	if out := h.do(newCommand(custody.Scan, code, in("a-102"))); !out.Position.Moved {
		h.t.Fatalf("%s: %s, not moved", code, out.Reason)
	}
}

// Nothing is opened before every line of a register is good; each that is not is told.
func TestARegisterIsLookedAtFirst(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	pdf := filepath.Join(t.TempDir(), "covers.pdf")
	other := h.open("SO(Bad) 9/2026")
	if code, out := cli(t, base, "alias", string(other), "bad-2019/9"); code != exitOK || !strings.Contains(out, "Old cover registered") {
		t.Fatal(code, out)
	}
	path := sheetOf(t,
		"\ufeffnumber,subject,department,desk,route,code,old",
		"SO(Bad) 1/2026,x,fin,fin-ri,,,BAD-2019/1",
		"SO(Bad) 1/2026,x,fin,fin-ri,,,BAD-2019/1",
		",x,nowhere,fin-ri,,,",
		"SO(Bad) 3/2026,x,fin,nobody,odd,12345678901234,12",
		"SO(Bad) 4/2026,x,fin,fin-ri,,"+string(other)+",BAD-2019/9",
		"SO(Bad) 5/2026,x",
		"SO(Bad) 6/2026,x,fin,fin-ri,,,bad-2019/1",
	)
	code, out := cli(t, base, "covers", "--from", path, "-o", pdf)
	for _, want := range []string{
		"nothing was opened", "row 3, SO(Bad) 1/2026: the same line as in row 2", "row 4, : no file number", "row 4, : no department", "row 5, SO(Bad) 3/2026: no desk", "no route",
		`code "12345678901234"`, `old code "12"`, other.Format() + " is on file SO(Bad) 9/2026", "BAD-2019/9 is on file SO(Bad) 9/2026", "row 7: 2 fields", "row 8, SO(Bad) 6/2026: the same old code as in row 2",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not told", want)
		}
	}
	if code != exitFailed || t.Failed() {
		t.Error(code, out)
	}
	if _, err := os.Stat(pdf); err == nil {
		t.Error("covers of nothing")
	}
	if _, err := h.o.Ledger.File(t.Context(), "BAD-2019/1"); !errors.Is(err, custody.ErrNotFound) {
		t.Error("opened: ", err)
	}
	if code, out := cli(t, base, "covers", "--from", sheetOf(t, "number,subject,department,desk,Older", "1,x,fin,fin-ri,1"), "-o", pdf); code != exitFailed || !strings.Contains(out, `a column "Older"`) {
		t.Error(code, out)
	}
	h.do(newCommand(custody.Close, other, ""))
}

// A register with old codes is brought in; files that move since keep their covers
// unless there is a reason, and the codes that the paper carries find them.
func TestARegisterWithOldCodes(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	dir := t.TempDir()
	pdf := filepath.Join(dir, "covers.pdf")
	path := sheetOf(t, "number,subject,department,desk,old", "SO(Old) 1/2026,x,fin,fin-ri,old-2019/1", "SO(Old) 2/2026,x,fin,fin-ri,OLD-2019/2", "SO(Old) 3/2026,x,fin,fin-ri,")
	if code, out := cli(t, base, "covers", "--from", path, "-o", pdf); code != exitOK || !strings.Contains(out, "3 on") {
		t.Fatal(code, out)
	}
	first := readBack(t, base, pdf)
	if len(first) != 3 {
		t.Fatal(first)
	}
	if code, out := cli(t, base, "status", "so(old)  1 / 2026"); code != exitOK || !strings.Contains(out, "old code OLD-2019/1") || !strings.Contains(out, "UTC+05:00") {
		t.Errorf("status by number: %d %s", code, out)
	}
	if code, out := cli(t, base, "status", "SO(None) 1/2026"); code != exitFailed || !strings.Contains(out, "no file") {
		t.Errorf("status of no number: %d %s", code, out)
	}
	if code, out := cli(t, base, "status", "old-2019/1"); code != exitOK || !strings.Contains(out, "SO(Old) 1/2026") || !strings.Contains(out, "old code OLD-2019/1") {
		t.Error(code, out)
	}
	row, err := h.o.Ledger.File(t.Context(), "OLD-2019/1")
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.o.Ledger.Enrol(t.Context(), in("a-102"))
	if err != nil {
		t.Fatal(err)
	}
	if code, out := cli(t, base, "scan", "--method", "wedge", "--token", token, "old-2019/1"); code != exitOK || !strings.HasPrefix(out, "Yes.") {
		t.Error(code, out)
	}
	if code, out := cli(t, base, "scan", "--method", "wedge", "--token", token, "courier-77"); code != exitFailed || !strings.HasPrefix(out, "No. No file has this code") {
		t.Error(code, out)
	}

	code, out := cli(t, base, "covers", "--from", path, "-o", pdf)
	if code != exitFailed || !strings.Contains(out, "row 2, SO(Old) 1/2026: ") || !strings.Contains(out, "has moved with its cover") || !strings.Contains(out, "2 on") {
		t.Error(code, out)
	}
	if again := readBack(t, base, pdf); len(again) != 2 || slices.Contains(again, string(row.File.Code)) {
		t.Errorf("printed again: %v", again)
	}
	if code, out := cli(t, base, "covers", "--from", path, "-o", pdf, "--reason", "a leaking roof"); code != exitOK || !strings.Contains(out, "3 on") {
		t.Error(code, out)
	}
	fresh, err := h.o.Ledger.File(t.Context(), row.File.Code)
	if err != nil || fresh.Position.Cover == "" {
		t.Fatal(fresh, err)
	}
	if again := readBack(t, base, pdf); len(again) != 3 || !slices.Contains(again, string(fresh.Position.Cover)) || slices.Contains(again, string(row.File.Code)) {
		t.Errorf("with a reason: %v, its cover is %s", again, fresh.Position.Cover)
	}
	if code, out := cli(t, base, "covers", "--from", path, "-o", pdf); code != exitOK || !strings.Contains(out, "3 on") { // not moved in it
		t.Error(code, out)
	}
	if code, out := cli(t, base, "scan", "--method", "wedge", "--token", token, "old-2019/1"); code != exitFailed || !strings.HasPrefix(out, "No. Old cover: destroy it") {
		t.Error(code, out)
	}
	verified(t, h.o)
	for _, code := range first {
		h.do(newCommand(custody.Close, label.Code(code), ""))
	}
}

// Covers are reprinted from the command line, one or many, and old codes registered
// and taken back.
func TestReprintAndAlias(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	pdf := filepath.Join(t.TempDir(), "again.pdf")
	still, gone := h.open("SO(Torn) 1/2026"), h.open("SO(Torn) 2/2026")
	h.moved(gone)
	if code, out := cli(t, base, "reprint", string(still), "0", "--reason", "torn", "-o", pdf); code != exitFailed || !strings.Contains(out, `"0"`) {
		t.Error(code, out)
	}
	if code, out := cli(t, base, "reprint", string(gone), "--reason", "torn", "-o", pdf, "--stock", "l7163"); code != exitFailed || !strings.Contains(out, "too small") {
		t.Error(code, out)
	}
	if row, err := h.o.Ledger.File(t.Context(), gone); err != nil || row.Position.Cover != "" {
		t.Errorf("relabelled, and not printed: %v, %v", row.Position.Cover, err)
	}
	if code, out := cli(t, base, "reprint", string(still), string(gone), "--reason", "torn", "-o", pdf); code != exitOK || !strings.Contains(out, "2 on") {
		t.Fatal(code, out)
	}
	row, err := h.o.Ledger.File(t.Context(), gone)
	if err != nil {
		t.Fatal(err)
	}
	codes := readBack(t, base, pdf)
	if want := []string{string(still), string(row.Position.Cover)}; len(codes) != 2 || !slices.Contains(codes, want[0]) || !slices.Contains(codes, want[1]) || want[1] == string(gone) {
		t.Errorf("printed %v, want %v", codes, want)
	}
	if out := h.do(newCommand(custody.Scan, gone, in("a-103"))); out.Reason != custody.OldCover || out.Position.Room != "a-102" {
		t.Errorf("the old cover: %s, in %s", out.Reason, out.Position.Room)
	}
	if out := h.do(newCommand(custody.Scan, row.Position.Cover, in("a-103"))); out.Verdict != custody.Accepted || out.Position.Room != "a-103" {
		t.Errorf("the new cover: %s, in %s", out.Reason, out.Position.Room)
	}

	const old = "torn-2019/7"
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"alias", string(gone), old}, exitOK, "Old cover registered"},
		{[]string{"alias", old, old}, exitOK, "Old cover registered"}, // already
		{[]string{"alias", string(still), old}, exitFailed, "belongs to another file"},
		{[]string{"unalias", string(still), old, "--reason", "wrong"}, exitFailed, "Not registered"},
		{[]string{"unalias", string(gone), old}, exitUsage, "--reason"},
		{[]string{"unalias", string(gone), old, "--reason", "it is the other's"}, exitOK, "no longer registered"},
		{[]string{"alias", string(still), old}, exitOK, "Old cover registered"},
		{[]string{"alias", string(still), "12345678901234"}, exitFailed, "4 to 36"},
		{[]string{"status", "no-such-1"}, exitFailed, "office says"},
	} {
		if code, out := cli(t, base, tt.args...); code != tt.code || !strings.Contains(out, tt.says) {
			t.Errorf("%v: %d %s", tt.args, code, out)
		}
	}
	verified(t, h.o)
	h.do(newCommand(custody.Close, still, ""))
	h.do(newCommand(custody.Close, gone, ""))
}
