package decode

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// cover is a row of a manifest: a picture and what is on it.
type cover struct {
	file, text, format, grade string
	picture                   *Gray
}

// coversDir is where the development pictures lie: HARKARA_COVERS, or beside the
// checkout.
func coversDir(t testing.TB) string {
	dir := os.Getenv("HARKARA_COVERS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "covers")
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.csv")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no cover pictures: %v", err)
		}
		t.Skipf("no cover pictures (set HARKARA_COVERS): %v", err)
	}
	return dir
}

var (
	coversOnce sync.Once
	coverSet   []cover
)

func covers(t testing.TB) []cover {
	dir := coversDir(t)
	coversOnce.Do(func() { coverSet = loadCovers(t, dir) })
	return coverSet
}

func loadCovers(t testing.TB, dir string) []cover {
	manifest, err := os.Open(filepath.Join(dir, "manifest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	rows, err := csv.NewReader(manifest).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var set []cover
	for _, row := range rows[1:] {
		f, err := os.Open(filepath.Join(dir, row[0]))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := Load(t.Context(), f)
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", row[0], err)
		}
		set = append(set, cover{row[0], row[1], row[2], row[3], picture})
	}
	return set
}

// tried is how a set was read.
type tried struct{ read, positives, linear, linears int }

// try reads every cover of a set and fails on any valid label that is not there.
func try(t *testing.T, set []cover, opt Options) (n tried) {
	reader := New()
	for _, c := range set {
		result := reader.Decode(c.picture, opt)
		read, linear := false, false
		for _, s := range result.Symbols {
			if s.Text == c.text {
				read = true
				linear = linear || s.Format != QR
			} else if IsLabel(s.Text) {
				t.Errorf("%s: misread as %s %s", c.file, s.Format, s.Text)
			}
		}
		if c.text == "" {
			continue
		}
		n.positives++
		if read {
			n.read++
		} else {
			t.Logf("%s: not read (%s, %s)", c.file, c.format, c.grade)
		}
		if strings.Contains(c.format, "CODE_128") || c.format == "CODE_39" {
			n.linears++
			if linear {
				n.linear++
			} else if opt.All {
				t.Logf("%s: bars not read", c.file)
			}
		}
	}
	return n
}

func TestCovers(t *testing.T) {
	set := covers(t)
	for _, tt := range []struct {
		name         string
		opt          Options
		least, lines int
	}{
		{"quick", Options{Effort: Quick, Raw: true}, 136, 0},
		{"full", Options{Effort: Full, Raw: true}, 139, 0},
		{"all", Options{Effort: Full, Raw: true, All: true}, 139, 94},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.opt.All && racing {
				t.Skip("takes minutes under the race detector; make test runs it without")
			}
			if racing { // ten times slower
				tt.opt.Budget = time.Minute
			}
			n := try(t, set, tt.opt)
			t.Logf("read %d of %d, bars %d of %d", n.read, n.positives, n.linear, n.linears)
			if n.read < tt.least || n.linear < tt.lines {
				t.Errorf("want at least %d, bars %d", tt.least, tt.lines)
			}
		})
	}
}
