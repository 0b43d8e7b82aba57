package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// house walks the files of the house that end in one of some ways.
func house(t *testing.T, visit func(name, path string), ends ...string) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel("../..", path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "artefacts" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return filepath.SkipDir
		case slices.Contains(ends, filepath.Ext(path)) && !strings.HasSuffix(path, "_test.go"):
			visit(filepath.ToSlash(name), path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestKindsAreListedOnce(t *testing.T) {
	at := token.NewFileSet()
	parsed := map[string]*ast.File{}
	house(t, func(name, path string) {
		f, err := parser.ParseFile(at, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed[name] = f
	}, ".go")
	kinds, files := map[string]string{}, 0
	for name, f := range parsed {
		if filepath.Dir(name) != registry {
			continue
		}
		own := kindConstants(f)
		if len(own) > 1 {
			t.Errorf("%s has several kinds: %v", name, own)
		}
		files += len(own)
		maps.Copy(kinds, own)
	}
	if len(kinds) < 15 || files != len(kinds) {
		t.Fatalf("%d files have %d kinds", files, len(kinds))
	}
	for name, f := range parsed {
		if name == gestures {
			continue
		}
		for _, found := range listsOfKinds(at, f, kinds, filepath.Dir(name) == registry) {
			t.Error(found)
		}
	}
	house(t, func(name, path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found := kindsIn(string(text), kinds); len(found) > 1 {
			t.Errorf("%s names %v", name, found)
		}
	}, ".js", ".html")
}

// The checks can fail: each way to list kinds is named, and to use one is none.
func TestListsOfKindsAreNamed(t *testing.T) {
	const source = `package web
import "harkara/internal/custody"
var acts = []custody.CommandKind{custody.Close, custody.Mark}
var words = map[custody.CommandKind]string{custody.Close: "a", custody.Mark: "b"}
var one = custody.Command{Kind: custody.Close, Reason: "b"}
var do = []func(){func() { use(custody.Close) }, func() { use(custody.Mark) }}
func f(k custody.CommandKind) bool {
	switch k {
	case custody.Close:
		use(custody.Mark)
	}
	switch k {
	case custody.Close, custody.Reason:
	case custody.Mark:
	}
	return k == custody.Close || k == custody.Mark
}`
	at := token.NewFileSet()
	f, err := parser.ParseFile(at, "a.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{"Close": "close", "Mark": "mark"}
	got := listsOfKinds(at, f, kinds, false)
	want := []string{"a.go:3: a list of kinds: Close, Mark", "a.go:4: a list of kinds: Close, Mark", "a.go:12: a switch of kinds: Close, Mark", "a.go:16: a condition of kinds: Close, Mark"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for text, want := range map[string]int{
		`<form action="/files/{{.Code}}/close"><form action="/files/{{.Code}}/mark">`: 2,
		`<form action="/files/{{.Code}}/{{.Kind}}">`:                                  0,
		`if (c.kind === "mark") return; give({ id, kind: "close" });`:                 2,
		`give({ id, kind: "close", says: "mark" })`:                                   1,
	} {
		if got := kindsIn(text, kinds); len(got) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
