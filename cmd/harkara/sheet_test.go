package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
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
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
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
	h := hire(t, workflows.Files{Book: custody.Book})
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
		row, err := h.o.store.File(t.Context(), label.Code(code))
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
