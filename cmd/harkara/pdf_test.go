package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"

	"harkara/internal/label"
)

// threePages is a PDF, and the labels on its pages.
func threePages(t *testing.T) (raw []byte, texts []string) {
	t.Helper()
	var pages []image.Image
	for i := range uint64(3) {
		texts = append(texts, string(label.New(label.File, 17+i)))
		pages = append(pages, picture(t, qrOf(t, texts[i])))
	}
	var b bytes.Buffer
	if err := writePictures(&b, pages...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), texts
}

// A PDF is known by how it begins, whatever it is called and wherever it comes from.
func TestDecodeReadsAnyPDF(t *testing.T) {
	raw, texts := threePages(t)
	plain := func(w io.Writer) error { _, err := w.Write(raw); return err }
	dir := t.TempDir()
	late := func(w io.Writer) error { _, err := fmt.Fprintf(w, "\r\n\r\n%s", raw); return err }
	for _, file := range []string{written(t, dir, "scan", plain), written(t, dir, "scan.PDF", plain), written(t, dir, "late", late), "-"} {
		var out, says bytes.Buffer
		code := run(t.Context(), []string{"decode", "--budget=30s", file}, bytes.NewReader(raw), &out, &says)
		for i, text := range texts {
			if want := fmt.Sprintf("%s, page %d: %s QR_CODE", file, i+1, text); !strings.Contains(out.String(), want) {
				t.Errorf("%q is not told", want)
			}
		}
		if code != exitOK || t.Failed() {
			t.Fatalf("%s: exit code %d: %s%s", file, code, out.String(), says.String())
		}
	}
}

// Pages are drawn as they are read: the first is told before the last is drawn.
func TestDecodeDrawsPageByPage(t *testing.T) {
	raw, _ := threePages(t)
	path := written(t, t.TempDir(), "a.pdf", func(w io.Writer) error { _, err := w.Write(raw); return err })
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	n := 0
	for p := range (&decodeCmd{}).pictures(ctx, nil, path) {
		if p.err != nil {
			t.Error(p.err)
		}
		n++
		interrupt()
	}
	if n != 1 {
		t.Errorf("%d pages of a command that was interrupted after the first", n)
	}
}

// However large a page says that it is, no more of it is drawn than is read, and what
// fills it is.
func TestDecodeDrawsPagesOfAnySize(t *testing.T) {
	text := string(label.New(label.File, 17))
	for _, size := range []fpdf.SizeType{{Wd: 2600, Ht: 2600}, {Wd: 14400, Ht: 14400}, {Wd: 14400, Ht: 3}} { // points
		path := written(t, t.TempDir(), "a.pdf", func(w io.Writer) error {
			pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: size})
			pdf.AddPage()
			pdf.SetAutoPageBreak(false, 0)
			matrix := qrOf(t, text)
			side := min(size.Wd, size.Ht) / float64(matrix.Bounds().Dx()+8)
			for y := range matrix.Bounds().Dy() {
				for x := range matrix.Bounds().Dx() {
					if r, _, _, _ := matrix.At(x, y).RGBA(); r == 0 {
						pdf.Rect(float64(x+4)*side, float64(y+4)*side, side, side, "F")
					}
				}
			}
			return pdf.Output(w)
		})
		lines := decodeLines(t, exitOK, path)
		if len(lines) != 1 || lines[0].Error != "" || size.Ht > 3 && (len(lines[0].Symbols) != 1 || lines[0].Symbols[0].Text != text) {
			t.Errorf("%v: %+v", size, lines)
		}
	}
}

// A PDF that cannot be read is told, and does not keep others from being read.
func TestDecodeGoesOnAfterATornPDF(t *testing.T) {
	raw, texts := threePages(t)
	dir := t.TempDir()
	torn := written(t, dir, "torn.pdf", func(w io.Writer) error { _, err := w.Write(raw[:20]); return err })
	whole := written(t, dir, "whole.pdf", func(w io.Writer) error { _, err := w.Write(raw); return err })
	lines := decodeLines(t, exitFailed, torn, whole)
	if len(lines) != 1+len(texts) || lines[0].File != torn || lines[0].Page != 0 || !strings.Contains(lines[0].Error, "read PDF: ") {
		t.Errorf("%+v", lines)
	}
}

// A page that is damaged is told, as one that could be read would be.
func TestDecodeTellsOfDamagedPages(t *testing.T) {
	const torn = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R 9 0 R 3 0 R]/Count 3>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n"
	path := written(t, t.TempDir(), "torn.pdf", func(w io.Writer) error { _, err := io.WriteString(w, torn); return err })
	lines := decodeLines(t, exitFailed, path)
	if len(lines) != 3 || lines[1].Page != 2 || lines[1].Error != "the page is damaged" || lines[2].Error != "" {
		t.Errorf("%+v", lines)
	}
}

// What has no end is not read to it.
func TestDecodeReadsNoMoreThanItSays(t *testing.T) {
	for _, size := range []int{mega, mega + 1} {
		raw, err := readAll(bytes.NewReader(make([]byte, size)), mega)
		if tooLarge := err != nil && err.Error() == "it is larger than 1 MB"; tooLarge != (size > mega) || !tooLarge && (err != nil || len(raw) != size) {
			t.Errorf("%d bytes: %d, %v", size, len(raw), err)
		}
	}
}

const mega = 1 << 20
