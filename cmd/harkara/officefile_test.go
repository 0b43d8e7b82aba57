package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"harkara/internal/demo"
)

// An office file with a key that is none, or made from an office that is in force no
// more, is refused, and nothing of it comes into force.
func TestOfficeFileIsRefused(t *testing.T) {
	o := running(t)
	before, err := o.Ledger.Office(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	changed := demo.Sample(3600)
	changed.Name.En = "Another Secretariat"
	var printed bytes.Buffer
	if err := printOffice(&printed, changed); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "office.json")
	for _, c := range []struct{ name, old, new, says string }{
		{"a misspelt key", `"policy": {`, `"polices": {}, "policy": {`, `unknown field "polices"`},
		{"a misspelt key of a thing in it", `"transit":`, `"transitt": 1, "transit":`, `unknown field "transitt"`},
		{"another revision", `"revision": 0`, `"revision": 987654`, "revision 987654"},
		{"two offices", "", printed.String(), "more follows"},
	} {
		text := strings.Replace(printed.String(), c.old, c.new, 1)
		if text == printed.String() {
			t.Fatalf("%s: there is no %s", c.name, c.old)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out := harkara(t, "office", "--data", filepath.Join(shared.dir, "data"), path); code != exitFailed || !strings.Contains(out, c.says) {
			t.Errorf("%s: %d\n%s", c.name, code, out)
		}
	}
	if now, err := o.Ledger.Office(t.Context(), time.Now()); err != nil || now.Revision != before.Revision {
		t.Errorf("revision %d is in force, was %d, %v", now.Revision, before.Revision, err)
	}
}

// A file that is wrong, or was made from another office, begins none.
func TestWrongOfficeFileMakesNoFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.json")
	var sample bytes.Buffer
	if err := printOffice(&sample, demo.Sample(3600)); err != nil {
		t.Fatal(err)
	}
	anothers := strings.Replace(sample.String(), `"revision": 0`, `"revision": 7`, 1)
	for text, says := range map[string]string{`{"polices":{}}`: "unknown field", `{}`: "", "": "EOF", anothers: "there is no office"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		data := filepath.Join(t.TempDir(), "data")
		if code, out := cli(t, "", "office", "--data", data, path); code != exitFailed || !strings.Contains(out, says) {
			t.Errorf("%.40q: %d\n%s", text, code, out)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%.40q made a folder", text)
		}
	}
}
