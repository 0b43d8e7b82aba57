package bench

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"

	"harkara/internal/label"
)

// A row counts what was read, what was read for another, and what was read where there
// is nothing.
func TestDecodeTable(t *testing.T) {
	dir := t.TempDir()
	here, other := string(label.New(label.File, 17)), string(label.New(label.File, 18))
	manifest := "file,expected,format,grade\n"
	for i, p := range []struct{ shown, expected string }{{here, here}, {other, here}, {"", here}, {here, ""}, {"", ""}} {
		img := image.NewGray(image.Rect(0, 0, 640, 480))
		draw.Draw(img, img.Rect, image.NewUniform(color.Gray{Y: 220}), image.Point{}, draw.Src)
		if p.shown != "" {
			code, err := code128.Encode(p.shown)
			if err != nil {
				t.Fatal(err)
			}
			scaled, err := barcode.Scale(code, 2*code.Bounds().Dx(), 80)
			if err != nil {
				t.Fatal(err)
			}
			draw.Draw(img, scaled.Bounds().Add(image.Pt(100, 100)), scaled, image.Point{}, draw.Src)
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%d.png", i)
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		manifest += fmt.Sprintf("%s,%s,CODE_128,easy\n", name, p.expected)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.csv"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (Decode{Dir: dir, Out: &out}).Run(); err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{"harkara quick", "harkara full", "harkara full, all", "gozxing"} {
		row := ""
		for line := range strings.Lines(out.String()) {
			if rest, ok := strings.CutPrefix(line, fmt.Sprintf("%-18s %-10s", way, everyGrade)); ok {
				row = strings.Join(strings.Fields(rest), " ")
			}
		}
		if want := "1/3 1/3 1/3 1/2 "; !strings.HasPrefix(row, want) { // read, bars, misread, false
			t.Errorf("%s: %q, want %q\n%s", way, row, want, out.String())
		}
	}
}
