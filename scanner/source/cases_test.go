package source

import (
	"os"
	"path/filepath"
	"testing"

	"harkara/scanner/decode"
)

// JPEG as cameras and scanners really send it is read, from a camera as from a folder.
func TestDamagedStreams(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "cases", "jpeg")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no cases: %v", err)
		}
		t.Skipf("no cases: %v", err)
	}
	const want = "16980329642303"
	files, _ := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if len(files) < 3 {
		t.Fatalf("only %d cases", len(files))
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if code, _, problem := ReadPage(t.Context(), raw); code != want {
			t.Errorf("%s in a folder: %q %s", filepath.Base(name), code, problem)
		}
		g, err := loadFrame(t.Context(), raw)
		if err != nil {
			t.Errorf("%s from a camera: %v", filepath.Base(name), err)
		} else if r := decode.New().Decode(g, decode.Options{}); len(r.Symbols) == 0 || r.Symbols[0].Text != want {
			t.Errorf("%s from a camera: %+v", filepath.Base(name), r)
		}
	}
}
