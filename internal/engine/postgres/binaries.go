package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNoBinaries means that this machine has no PostgreSQL server; the message
// says what to install.
var ErrNoBinaries = errors.New("no PostgreSQL server on this machine: install one, on Debian and Ubuntu with `apt-get install postgresql`, or name its folder")

// needed are the programs of the server that are run.
var needed = []string{"initdb", "postgres"}

// FindBinaries returns the folder of the server's programs: the given one, else
// what pg_config names, else Debian's newest, else the PATH's.
func FindBinaries(explicit string) (string, error) {
	if explicit != "" {
		if !complete(explicit) {
			return "", fmt.Errorf("no %s in %s", strings.Join(needed, " and "), explicit)
		}
		return explicit, nil
	}
	var dirs []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, func(a, b string) int { return major(b) - major(a) })
	dirs = append(dirs, debian...)
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, dir := range dirs {
		if complete(dir) {
			return dir, nil
		}
	}
	return "", ErrNoBinaries
}

func complete(dir string) bool {
	return !slices.ContainsFunc(needed, func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err != nil || info.Mode()&0o111 == 0
	})
}

// major is the version in a path such as /usr/lib/postgresql/15/bin.
func major(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}
