package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A lost answer of the office does not waste the code, and the machine then works.
func TestEnrol(t *testing.T) {
	o := newOffice(t)
	o.codes["1234 5678 9012"], o.deaf = true, 1
	at, _ := o.serve(t, "")
	data := filepath.Join(t.TempDir(), "new")
	var out bytes.Buffer
	enrol := func(code string) int {
		out.Reset()
		return run(t.Context(), []string{"enrol", "--data", data, "--server", "http://" + at, code}, nil, &out, &out)
	}
	if code := run(t.Context(), []string{"run", "--data", data, "--addr", "127.0.0.1:0"}, nil, &out, &out); code != exitFailed || !strings.Contains(out.String(), "station enrol") {
		t.Error(code, out.String())
	}
	if code := enrol("0000 0000 0000"); code != exitFailed || !strings.Contains(out.String(), "one-time code") {
		t.Error(code, out.String())
	}
	if code := enrol("1234 5678 9012"); code != exitFailed {
		t.Error(code, out.String())
	}
	if code := enrol("1234 5678 9012"); code != exitOK || !strings.Contains(out.String(), "station st-7") {
		t.Fatal(code, out.String())
	}
	for _, name := range []string{identityFile} {
		if info, err := os.Stat(filepath.Join(data, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info, err)
		}
	}
	if _, err := os.Stat(filepath.Join(data, pendingFile)); err == nil {
		t.Error("the token lies about")
	}
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if line := s.read(file(1)); !strings.HasPrefix(line, "up ") {
		t.Error(line)
	}
}

// A one-time code may come where nobody sees it, and the token from a file of its own;
// that others can read one is told.
func TestSecretsOfFiles(t *testing.T) {
	o := newOffice(t)
	o.codes["1234 5678 9012"] = true
	at, _ := o.serve(t, "")
	data := filepath.Join(t.TempDir(), "new")
	var out bytes.Buffer
	if code := run(t.Context(), []string{"enrol", "--data", data, "--server", "http://" + at, "-"}, strings.NewReader("1234 5678 9012\r\n"), &out, &out); code != exitOK {
		t.Fatal(code, &out)
	}
	id, open, err := loadIdentity(data, "")
	if err != nil || len(open) != 0 {
		t.Fatal(open, err)
	}
	file, path := filepath.Join(t.TempDir(), "token"), filepath.Join(data, identityFile)
	if err := os.WriteFile(file, []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if other, open, err := loadIdentity(data, file); err != nil || other.Token != "another" || other.Station != id.Station || len(open) != 0 {
		t.Error(other.Token, open, err)
	}
	for _, f := range []string{file, path} {
		if err := os.Chmod(f, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, open, err := loadIdentity(data, file); err != nil || len(open) != 2 {
		t.Errorf("%v can be read by others, it says %v, %v", []string{file, path}, open, err)
	}
	if _, _, err := loadIdentity(data, file+".gone"); err == nil {
		t.Error("a token file that is not there is taken for none")
	}
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if code := s.stop(); code != exitOK || !strings.Contains(s.log.String(), "others can read this station's token") {
		t.Error(code, s.log)
	}
}
