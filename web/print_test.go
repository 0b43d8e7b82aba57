package web

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"harkara/internal/chromium"
	"harkara/internal/custody"
)

var onePage = regexp.MustCompile(`/Type\s*/Page[^s]`)

// pagesOf is the words of each page of a PDF.
func pagesOf(t *testing.T, raw []byte) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "pdftotext", "-", "-")
	command.Stdin = bytes.NewReader(raw)
	out, err := command.Output()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") == "" {
		t.Log("no pdftotext: pages are not read")
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
}

// On paper a board is a table on A4, with the office and the date on every page, and 300 files are at
// most 12 pages; a room's plan is printed too.
func TestPaper(t *testing.T) {
	r := open(t, true)
	subjects := []string{"Leave without pay", "Repair of the roof of the Civil Hospital's old block before the rains, with estimate and drawings", "رخصت بلا تنخواہ", "ضلعی ہسپتال کی پرانی عمارت کی چھت کی مرمت، تخمینے اور نقشوں کے ساتھ"}
	for i := range 300 {
		code := r.file(fmt.Sprintf("SO(Gen) %d-%d/2026", i+1, 3*i), subjects[i%len(subjects)])
		if i%3 == 0 {
			r.scan(code, "a-104", custody.Context{Onward: true})
		}
	}
	b, url := browse(t, r)
	folder := t.ArtifactDir()
	for _, lang := range []string{"en", "ur"} {
		for path, most := range map[string]int{"/": 12, "/rooms": 2} {
			b.See(chromium.Look{Lang: lang, Width: 1366, Scheme: "light"}, url+path)
			raw := onPaper(t, b)
			if n := len(onePage.FindAll(raw, -1)); n == 0 || n > most {
				t.Errorf("%s in %s is %d pages", path, lang, n)
			} else {
				t.Logf("%s in %s is %d pages", path, lang, n)
			}
			for i, text := range pagesOf(t, raw) {
				if !strings.Contains(text, "UTC+05:00") || lang == "en" && !strings.Contains(text, r.office.Name.En) {
					t.Errorf("%s in %s, page %d: without the office or the date", path, lang, i+1)
				}
			}
			if err := os.WriteFile(filepath.Join(folder, lang+filepath.Base("board"+path)+".pdf"), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A sheet of A4 is as wide as a small screen, whose rules a table on paper leaves.
func TestNothingLeavesThePaper(t *testing.T) {
	r := open(t, true)
	for i := range 4 {
		code := r.file(fmt.Sprintf("SO(Gen) %d/2026", i+1), strings.Repeat("Repair of the roof of the Civil Hospital's old block ", 3))
		if i%2 == 0 {
			r.scan(code, "a-104", custody.Context{Onward: true})
		}
	}
	b, url := browse(t, r)
	for _, lang := range []string{"en", "ur"} {
		b.See(chromium.Look{Lang: lang, Width: 718, Scheme: "light"}, url+"/") // 190 mm
		chromium.Tell(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		if width := chromium.Ask[int](b, `document.documentElement.scrollWidth`); width > 718 {
			t.Errorf("in %s the board is %d wide", lang, width)
		}
	}
}
