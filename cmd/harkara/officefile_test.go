package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"harkara/internal/demo"
	"harkara/internal/officejson"
)

// An office file with faults is refused with all of them, one made from an office that is
// in force no more too, and nothing of it comes into force.
func TestOfficeFileIsRefused(t *testing.T) {
	o := running(t)
	before, err := o.Ledger.Office(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	changed := demo.Sample(3600)
	changed.Name.En = "Another Secretariat"
	var printed bytes.Buffer
	if err := officejson.Write(&printed, changed); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "office.json")
	for _, c := range []struct {
		name, old, new string
		says           []string
	}{
		{"misspelt keys", `"policy": {`, `"polices": {}, "policy": {"transitt": 1, `, []string{path + `:4:3: found the key "polices"`, path + `:4:29: policy: found the key "transitt"`, "2 things in it are wrong"}},
		{"another revision", `"name": {`, `"revision": 987654, "name": {`, []string{"revision 987654"}},
		{"two offices", "", printed.String(), []string{"found {, expected the end of the file", "1 thing in it is wrong"}},
	} {
		text := strings.Replace(printed.String(), c.old, c.new, 1)
		if text == printed.String() {
			t.Fatalf("%s: there is no %s", c.name, c.old)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out := harkara(t, "office", "--data", filepath.Join(shared.dir, "data"), path)
		for _, says := range c.says {
			if code != exitFailed || !strings.Contains(out, says) {
				t.Errorf("%s: %d, without %s\n%s", c.name, code, says, out)
			}
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
	if err := officejson.Write(&sample, demo.Sample(3600)); err != nil {
		t.Fatal(err)
	}
	anothers := strings.Replace(sample.String(), `"name": {`, `"revision": 7, "name": {`, 1)
	for text, says := range map[string]string{`{"polices":{}}`: `the key "polices"`, `{}`: `no "rooms"`, "": "the end of the file", anothers: "there is no office"} {
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

// A dry run says what would change, in the office's names, and changes nothing.
func TestOfficeFileIsOnlyLookedAt(t *testing.T) {
	o := running(t)
	before, err := o.Ledger.Office(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	changed := bare(demo.Sample(3600))
	changed.Rooms[0].Name.En = "Diary hall"
	var printed bytes.Buffer
	if err := officejson.Write(&printed, changed); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "office.json")
	if err := os.WriteFile(path, printed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out := harkara(t, "office", "--data", filepath.Join(shared.dir, "data"), path, "--dry-run")
	for _, says := range []string{"changed room a-101 (Diary hall): name", "would be in force: 40 rooms", "warning: posts/"} {
		if code != exitOK || !strings.Contains(out, says) {
			t.Errorf("%d, without %s\n%s", code, says, out)
		}
	}
	if now, err := o.Ledger.Office(t.Context(), time.Now()); err != nil || now.Revision != before.Revision {
		t.Errorf("revision %d is in force, was %d, %v", now.Revision, before.Revision, err)
	}
}
