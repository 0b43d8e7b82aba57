package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// What is cut short has not done its work and says so; what runs until it is
// interrupted has.
func TestInterrupted(t *testing.T) {
	running(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	register := filepath.Join(dir, "register.csv")
	if err := os.WriteFile(register, []byte("number,subject,department,desk\n1,one,fin,fin-ri\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	for _, c := range []struct {
		code int
		args []string
	}{
		{exitFailed, []string{"verify", "--data", filepath.Join(shared.dir, "data")}},
		{exitFailed, []string{"status", "10000000007746"}},
		{exitFailed, []string{"covers", "--from", register, "-o", filepath.Join(dir, "covers.pdf")}},
		{exitFailed, []string{"reprint", "10000000007746", "--reason", "torn", "-o", filepath.Join(dir, "covers.pdf")}},
		{exitOK, []string{"serve", "--data", data, "--addr", "127.0.0.1:0"}},
		{exitOK, []string{"demo", "--data", data, "--addr", "127.0.0.1:0"}},
	} {
		var out, says bytes.Buffer
		code := run(ctx, c.args, strings.NewReader(""), &out, &says)
		if code != c.code || (code != exitOK) != strings.Contains(says.String(), "harkara: ") {
			t.Errorf("%v: %d\n%s%s", c.args, code, out.String(), says.String())
		}
	}
}

// A mistaken folder is not made an office: only serve and an office's own file begin one.
func TestNoOfficeInTheFolder(t *testing.T) {
	holidays := filepath.Join(t.TempDir(), "holidays.csv")
	if err := os.WriteFile(holidays, []byte("from,name_en\n2027-03-23,Pakistan Day\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cases := map[string][]string{
		"verify": {}, "rebuild": {}, "rollover": {"10000000007746"}, "office": {},
		"station token": {"st-a-103"}, "station again": {"restored"}, "person add": {"x"}, "person reset": {"x"}, "person grant": {"x"}, "person end": {"x"}, "person token": {"x"}, "person list": {}, "holidays list": {}, "holidays import": {holidays}, "backup": {"--same-disk", t.TempDir()},
	}
	for name, args := range cases {
		data := filepath.Join(t.TempDir(), "office", "data")
		code, out := cli(t, "", append(append(strings.Fields(name), "--data", data), args...)...)
		if want := "there is no office in " + data; code != exitFailed || !strings.Contains(out, want) {
			t.Errorf("%s: exit code %d, want %q: %s", name, code, want, out)
		}
		if _, err := os.Stat(filepath.Dir(data)); err == nil {
			t.Errorf("%s made %s", name, data)
		}
	}
	if (Location{DatabaseURL: "postgres://ledger/harkara"}).config(nil).Existing {
		t.Error("a folder is asked for where the ledger is elsewhere")
	}
	parser, err := newParser(&commands{}, os.Stdout, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(false) {
		name := strings.TrimPrefix(command.FullPath(), "harkara ")
		needs := slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == "data" })
		if _, tried := cases[name]; needs && !tried && !lasts(name) && name != "restore" && !strings.HasPrefix(name, "bench ") { // which found one
			t.Errorf("%s takes a data folder and is not tried", name)
		}
	}
}
