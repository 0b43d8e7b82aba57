package officejson

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"harkara/internal/custody"
)

// The example of docs/office.md is an office without a fault that uses every key that there
// is, and the page explains each.
func TestExampleOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/office.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(page), "```json\n")
	example, rest, ok := strings.Cut(after, "```\n")
	if !ok {
		t.Fatal("the page has no example")
	}
	o, notes := Read([]byte(example))
	if len(notes) > 0 {
		t.Error(inFile(notes))
	}
	if len(o.Desks) == 0 {
		t.Error(o)
	}
	for key := range keysOf(reflect.TypeFor[custody.Office]()) {
		if !strings.Contains(example, `"`+key+`":`) && key != "revision" {
			t.Errorf("the example has no %q", key)
		}
		if !strings.Contains(rest, "`"+key+"`") {
			t.Errorf("%q is not explained", key)
		}
	}
}

func keysOf(t reflect.Type) map[string]bool {
	keys := map[string]bool{}
	if _, ok := specials[t]; ok {
		return keys
	}
	switch t.Kind() {
	case reflect.Slice:
		return keysOf(t.Elem())
	case reflect.Struct:
		for _, f := range fieldsOf(t) {
			keys[f.key] = true
			for k := range keysOf(t.Field(f.index).Type) {
				keys[k] = true
			}
		}
	}
	return keys
}
