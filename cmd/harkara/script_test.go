package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/web"
	"harkara/workflows"
)

// scripts runs a folder of scripts with this test binary as their harkara. Their
// command exits: exits CODE PROGRAM ARGUMENTS...
func scripts(t *testing.T, folder string, vars map[string]string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	params := testscript.Params{
		Dir: filepath.Join("testdata", folder),
		Setup: func(env *testscript.Env) error {
			bin := filepath.Join(env.WorkDir, ".bin")
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv(asProgram, "1")
			env.Setenv("HARKARA_TEST_NOSYNC", "1")
			for name, value := range vars {
				env.Setenv(name, value)
			}
			return errors.Join(os.Mkdir(bin, 0o755), os.Symlink(exe, filepath.Join(bin, "harkara")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	}
	t.Run("scripts", func(t *testing.T) { testscript.Run(t, params) }) // they run at once; this waits for all
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENTS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// What the command line says and how it ends where no office is needed.
func TestCommandLine(t *testing.T) { scripts(t, "script", nil) }

// What it says to a running office.
func TestCommandLineOfARunningOffice(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.served(web.Config{})
	vars := map[string]string{"HARKARA_SERVER": base}
	for name, station := range map[string]custody.StationID{"ROOM102": in("a-102"), "ROOM104": in("a-104")} {
		token, err := h.o.Ledger.Enrol(t.Context(), station)
		if err != nil {
			t.Fatal(err)
		}
		vars[name] = token
	}
	vars["ADMIN"] = administers(t, h.o)
	taken := h.open("script/taken")
	vars["TAKEN"] = string(taken)
	sample := demo.Sample(3600)
	vars["HOLD"], vars["REASON"] = string(sample.Holds[0].Code), string(sample.Reasons[0].Code)
	vars["UNKNOWN"] = string(label.New(label.File, 4242))
	blank, err := h.o.Ledger.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	vars["BLANK"] = string(blank)
	scripts(t, "running", vars)
	for _, code := range []label.Code{taken, blank} {
		h.do(newCommand(custody.Close, code, ""))
	}
	verified(t, h.o)
}

// A whole office by the command line alone: shown, verified, rolled over, its lost
// token replaced.
func TestCommandLineOfAnOffice(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, "remove test data:", err)
		}
	})
	scripts(t, "office", map[string]string{"DATA": filepath.Join(dir, "data")})
}
