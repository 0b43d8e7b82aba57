package secret

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrittenForItsOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "administrator.token")
	if err := os.WriteFile(path, []byte("an older one"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"ABCDEF", "GHIJKL"} {
		if err := Write(path, token); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if got, open, err := Read(path); got != token || open || err != nil {
			t.Errorf("%q, open %v, %v", got, open, err)
		}
	}
	if list, err := os.ReadDir(dir); len(list) != 1 || err != nil {
		t.Errorf("it leaves %v, %v", list, err)
	}
	if err := Write(filepath.Join(dir, "nowhere", "x"), "ABC"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	for _, tt := range []struct {
		text string
		mode os.FileMode
		want string
		open bool
		err  error
	}{
		{"ABC", 0o600, "ABC", false, nil},
		{" \r\nABC \r\n\n", 0o400, "ABC", false, nil},
		{"ABC\n", 0o640, "ABC", true, nil},
		{"ABC\n", 0o604, "ABC", true, nil},
		{"", 0o600, "", false, ErrNone},
		{" \n", 0o600, "", false, ErrNone},
		{"ABC\nDEF", 0o600, "", false, ErrNone},
		{"AB\x00C", 0o600, "", false, ErrNone},
		{"ٹوکن", 0o600, "", false, ErrNone},
		{strings.Repeat("A", longest+1), 0o600, "", false, ErrNone},
	} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(tt.text), tt.mode); err != nil {
			t.Fatal(err)
		}
		if got, open, err := Read(path); got != tt.want || open != tt.open || !errors.Is(err, tt.err) {
			t.Errorf("%q: %q, open %v, %v", tt.text, got, open, err)
		}
	}
	if _, _, err := Read(path + ".gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
