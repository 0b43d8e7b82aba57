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

// Kinds, their conditions, cards and answers are listed in one place each.
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
	kinds := vocabulary{what: "kinds", pkg: "custody", names: map[string]string{}}
	brought := vocabulary{what: "conditions", names: map[string]string{}, texts: true}
	given := vocabulary{what: "answers", pkg: "gesture", names: map[string]string{}}
	printed := vocabulary{what: "cards", pkg: "label", names: cards(parsed[gestures])}
	files := 0
	for name, f := range parsed {
		switch filepath.Dir(name) {
		case registry:
			own := constants(f, "CommandKind")
			if len(own) > 1 {
				t.Errorf("%s has several kinds: %v", name, own)
			}
			files += len(own)
			maps.Copy(kinds.names, own)
			maps.Copy(brought.names, conditions(f))
		case filepath.Dir(answers):
			maps.Copy(given.names, constants(f, "Feedback"))
		}
	}
	if len(kinds.names) < 15 || files != len(kinds.names) {
		t.Fatalf("%d files have %d kinds", files, len(kinds.names))
	}
	if len(brought.names) < 6 || len(given.names) < 5 || len(printed.names) < 10 {
		t.Fatalf("conditions %v, answers %v, cards %v", brought.names, given.names, printed.names)
	}
	for name, f := range parsed {
		for _, v := range []vocabulary{kinds, brought, given, printed} {
			if name == gestures || name == answers && v.what == given.what || filepath.Dir(name) == registry && v.what == brought.what {
				continue
			}
			for _, found := range listsOf(at, f, v) {
				t.Error(found)
			}
		}
	}
	delete(given.names, "File") // a file is no card, and its word is a kind's
	house(t, func(name, path string) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found := namedIn(string(raw), kinds.names, kindForms); len(found) > 1 && name != gestures {
			t.Errorf("%s names %v", name, found)
		}
		if found := namedIn(string(raw), given.names, answerForms); len(found) > 1 && name != reducer && filepath.Ext(name) == ".js" {
			t.Errorf("%s names the answers %v", name, found)
		}
	}, ".go", ".js", ".html")
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
	got := listsOf(at, f, vocabulary{what: "kinds", pkg: "custody", names: kinds})
	want := []string{"a.go:3: a list of kinds: Close, Mark", "a.go:4: a list of kinds: Close, Mark", "a.go:12: a switch of kinds: Close, Mark", "a.go:16: a condition of kinds: Close, Mark"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	const names = `package web
var numbers = []struct{ name string }{{"on_hold"}, {"laid_by"}}
var one = f("on_hold", "laid_by")`
	if f, err = parser.ParseFile(at, "b.go", names, parser.SkipObjectResolution); err != nil {
		t.Fatal(err)
	}
	got = listsOf(at, f, vocabulary{what: "conditions", names: map[string]string{"on_hold": "on_hold", "laid_by": "laid_by"}, texts: true})
	if want := []string{"b.go:2: a list of conditions: laid_by, on_hold"}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if wrong := namedIn(`["bad_code", "not_in_use"].includes(says)`, map[string]string{"BadCode": "bad_code", "NotInUse": "not_in_use"}, answerForms); len(wrong) != 2 {
		t.Errorf("answers: %q", wrong)
	}
	for text, want := range map[string]int{
		`<form action="/files/{{.Code}}/close"><form action="/files/{{.Code}}/mark">`: 2,
		`<form action="/files/{{.Code}}/{{.Kind}}">`:                                  0,
		`if (c.kind === "mark") return; give({ id, kind: "close" });`:                 2,
		`give({ id, kind: "close", says: "mark" })`:                                   1,
	} {
		if got := namedIn(text, kinds, kindForms); len(got) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
