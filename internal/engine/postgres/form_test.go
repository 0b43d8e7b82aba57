package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// folder is a cluster as far as one can be looked at, with a form unless it is empty.
func folder(t *testing.T, form string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pg")
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if form == "" {
		return dir
	}
	if err := os.WriteFile(filepath.Join(data, formFile), []byte(form), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tree is everything that a look at a folder shows.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var text strings.Builder
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		fmt.Fprintln(&text, path, info.Mode(), info.Size(), info.ModTime().Format(time.RFC3339Nano))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// A folder of another program is refused in words, by whoever starts and by whoever
// visits, before anything in it is changed.
func TestAnotherFormIsRefused(t *testing.T) {
	want := Form{Number: 3, Shards: 64}
	cases := []struct {
		name, form, says string
		other            bool
	}{
		{"of before forms", "", "an earlier harkara, which gave it no form", true},
		{"earlier", "form 2\nshards 64\n", "an earlier harkara, in form 2 where this one has 3", true},
		{"newer", "form 4\nshards 64\n", "a newer harkara, in form 4 where this one has 3", true},
		{"newer, and goes on otherwise", "form 40\nepoch 9\n", "a newer harkara, in form 40", true},
		{"other shards", "form 3\nshards 4\n", "a harkara of 4 history shards where this one has 64", true},
		{"cut short", "form 3\n", "damaged: put it back", false},
		{"more than a form", want.String() + "x", "damaged: put it back", false},
		{"not a form", "something\n", "damaged: put it back", false},
		{"zeros", "\x00\x00\x00\x00", "damaged: put it back", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{Dir: folder(t, c.form), Form: want}
			before := tree(t, cfg.Dir)
			_, started := Start(t.Context(), cfg)
			_, visited := Visit(cfg)
			for what, err := range map[string]error{"start": started, "visit": visited} {
				if !strings.Contains(errText(err), c.says) || !strings.Contains(errText(err), cfg.Dir) || errors.Is(err, ErrForm) != c.other {
					t.Errorf("%s: %v, want %q", what, err, c.says)
				}
			}
			if after := tree(t, cfg.Dir); after != before {
				t.Errorf("refusing changed the folder:\n%s\nwas\n%s", after, before)
			}
		})
	}
}

// Only what a program would have founded passes, whatever lies there.
func TestOnlyOneFormPasses(t *testing.T) {
	dir := folder(t, "form 0\n")
	number := rapid.IntRange(0, 3)
	rapid.Check(t, func(r *rapid.T) {
		want := Form{Number: number.Draw(r, "number"), Shards: number.Draw(r, "shards")}
		text := rapid.OneOf(
			rapid.Just(want.String()),
			rapid.Custom(func(r *rapid.T) string {
				return Form{Number: number.Draw(r, "other number"), Shards: number.Draw(r, "other shards")}.String()
			}),
			rapid.String(),
		).Draw(r, "text")
		if err := os.WriteFile(filepath.Join(dir, "data", formFile), []byte(text), 0o600); err != nil {
			r.Fatal(err)
		}
		c := Cluster{cfg: Config{Dir: dir, Form: want}}
		if err := c.checkForm(); (err == nil) != (text == want.String()) {
			r.Errorf("%q where %q is wanted: %v", text, want, err)
		}
	})
}

// What cannot be read is not taken for an earlier program's, nor for nothing.
func TestUnreadableFormIsSaid(t *testing.T) {
	dir := folder(t, "")
	if err := os.Mkdir(filepath.Join(dir, "data", formFile), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{Dir: dir})
	if !strings.Contains(errText(err), "read form") || errors.Is(err, ErrForm) {
		t.Errorf("%v, want what could not be read", err)
	}
}

// A founding that is cut anywhere is completed by the next start: before the cluster
// has its name it is made anew, and from then on it has its form.
func TestHalfFoundedFolderIsCompleted(t *testing.T) {
	binaries, err := FindBinaries("")
	if err != nil {
		binaries = "skipped by testConfig"
	}
	// Each fails in the place of one of PostgreSQL's programs.
	cases := []struct{ name, program, script string }{
		{"initdb refused", "initdb", `exit 1`},
		{"initdb killed halfway", "initdb", `while [ "$1" != -D ]; do shift; done; echo 15 >"$2/PG_VERSION"; kill -9 $$`},
		{"initdb done but reported failed", "initdb", binaries + `/initdb "$@"; exit 1`},
		{"postgres refused", "postgres", `exit 1`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg := testConfig(t, "pg")
			cfg.Form = Form{Number: 3, Shards: 64}
			cfg.Binaries = filepath.Join(filepath.Dir(cfg.Dir), "bin")
			if err := os.Mkdir(cfg.Binaries, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, name := range needed {
				script := "exec " + binaries + "/" + name + ` "$@"`
				if name == c.program {
					script = c.script
				}
				if err := os.WriteFile(filepath.Join(cfg.Binaries, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Start(t.Context(), cfg); err == nil {
				t.Fatal("a start that failed passes for one that succeeded")
			}
			if formed, err := os.ReadFile(filepath.Join(cfg.Dir, "data", formFile)); There(cfg.Dir) && string(formed) != cfg.Form.String() {
				t.Errorf("a cluster has its name and the form %q: %v", formed, err)
			}
			cfg.Binaries = ""
			completed := start(t, cfg)
			must(t, completed.URL(Ledger, App), `SELECT 1`)
		})
	}
}

// A cluster that was put back from the server's own backup has the form with it.
func TestBackupsCarryTheForm(t *testing.T) {
	cfg := testConfig(t, "pg")
	cfg.Form = Form{Number: 3, Shards: 64}
	c := start(t, cfg)
	if _, err := os.Stat(filepath.Join(c.binaries, "pg_basebackup")); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	again := cfg
	again.Dir = filepath.Join(filepath.Dir(cfg.Dir), "restored")
	if err := errors.Join(os.Mkdir(again.Dir, 0o711), c.account.own(again.Dir)); err != nil {
		t.Fatal(err)
	}
	backup := c.command(t.Context(), "pg_basebackup", "-h", c.socket, "-p", port, "-U", Admin, "-D", filepath.Join(again.Dir, "data"), "--checkpoint", "fast")
	backup.Env = append(backup.Env, "PGPASSWORD="+c.passwords[Admin])
	if out, err := backup.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	passwords, err := os.ReadFile(c.passwordFile())
	if err == nil {
		err = os.WriteFile(filepath.Join(again.Dir, "pgpass"), passwords, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	later := again
	later.Form.Number++
	if _, err := Start(t.Context(), later); !errors.Is(err, ErrForm) {
		t.Errorf("a later program on a copy: %v", err)
	}
	must(t, start(t, again).URL(Ledger, App), `SELECT 1`)
}
