package main

import (
	"io"
	"reflect"
	"strings"
	"testing"
)

// The compose file says nothing that this program does not understand: commands
// parse, and every HARKARA_ variable is one of its settings.
func TestComposeFileFitsTheProgram(t *testing.T) {
	file := composed(t)
	known := variables(reflect.TypeFor[commands]())
	roles := map[string]int{}
	for name, s := range file.Services {
		if !strings.HasPrefix(s.Image, "harkara") {
			continue
		}
		var c commands
		parser, err := newParser(&c, io.Discard, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		parser.Exit = func(int) { t.Errorf("%s: the program would exit", name) }
		if _, err := parser.Parse(s.Command); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, r := range c.Serve.Role {
			roles[r]++
		}
		for variable := range s.Environment {
			if !known[variable] {
				t.Errorf("%s: no setting %s", name, variable)
			}
		}
	}
	for _, r := range []string{"web", "worker", "dispatch"} {
		if roles[r] != 2 {
			t.Errorf("%d services with role %s, want 2", roles[r], r)
		}
	}
}

// variables collects the env tags of a command line's struct.
func variables(of reflect.Type) map[string]bool {
	found := map[string]bool{}
	for i := range of.NumField() {
		f := of.Field(i)
		if env := f.Tag.Get("env"); env != "" {
			found[env] = true
		}
		if f.Type.Kind() == reflect.Struct {
			for name := range variables(f.Type) {
				found[name] = true
			}
		}
	}
	return found
}
