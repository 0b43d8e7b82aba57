package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"
)

func TestHouse(t *testing.T) {
	list := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	list.Dir = "../.."
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal("list packages: ", err)
	}
	packages := map[string]pkg{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath    string
			Imports, Deps []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = pkg{imports: p.Imports, deps: p.Deps}
	}
	if len(packages) < 4 {
		t.Fatalf("only %d packages found", len(packages))
	}
	for _, v := range violations(packages) {
		t.Error(v)
	}
}

func TestTopLevel(t *testing.T) {
	tracked := exec.Command("git", "ls-tree", "--name-only", "HEAD")
	tracked.Dir = "../.."
	out, err := tracked.Output()
	if err != nil {
		t.Skip("not a git checkout: ", err)
	}
	for _, name := range bytes.Fields(out) {
		if !slices.Contains(top, string(name)) {
			t.Errorf("%s lies at the top level", name)
		}
	}
}

// The checks can fail: each breach on a made-up house is named.
func TestViolationsAreNamed(t *testing.T) {
	got := violations(map[string]pkg{
		"harkara/internal/label":   {imports: []string{"errors"}},
		"harkara/internal/custody": {imports: []string{"harkara/internal/label", "harkara/internal/ledger"}},
		"harkara/internal/extra":   {},
		"harkara/internal/ledger":  {imports: []string{"harkara/internal/engine/postgres/pgtest"}},
		"harkara/web":              {imports: []string{"harkara/web/lang"}, deps: []string{"go.temporal.io/sdk/client"}},
		"harkara/internal/demo":    {imports: []string{"harkara/web", "harkara/cmd/harkara"}},
		"harkara/cmd/station":      {imports: []string{"harkara/scanner/spool"}, deps: []string{"github.com/jackc/pgx/v5"}},
	})
	want := []string{
		"cmd/station reaches github.com/jackc/pgx/v5: never github.com/jackc/pgx/",
		"internal/custody imports internal/ledger: not in its row",
		"internal/demo imports cmd/harkara: not in its row",
		"internal/extra: not in the table of packages",
		"internal/ledger imports internal/engine/postgres/pgtest: for test files only",
		"web reaches go.temporal.io/sdk/client: never go.temporal.io/",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
