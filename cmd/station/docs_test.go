package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every setting is in the page of docs, and the page names no other.
func TestSettingsAreDocumented(t *testing.T) {
	raw, err := os.ReadFile("../../docs/station.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	var visit func(reflect.Type)
	visit = func(of reflect.Type) {
		for i := range of.NumField() {
			f := of.Field(i)
			if f.Type.Kind() == reflect.Struct {
				visit(f.Type)
				continue
			}
			name := f.Tag.Get("env")
			if known[name] = true; name == "" || f.Tag.Get("help") == "" || !strings.Contains(string(raw), "`"+name+"`") {
				t.Errorf("%s (%s) is not documented", f.Name, name)
			}
		}
	}
	visit(reflect.TypeFor[Settings]())
	for _, word := range strings.FieldsFunc(string(raw), func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') }) {
		if strings.HasPrefix(word, "HARKARA_STATION_") && !known[word] {
			t.Errorf("the page names %s", word)
		}
	}
}
