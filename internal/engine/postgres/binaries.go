package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNoBinaries means that no fitting PostgreSQL server was found; the message
// around it says what to install.
var ErrNoBinaries = errors.New("no PostgreSQL server")

// needed are the server's programs that are run.
var needed = []string{"initdb", "postgres"}

// FindBinaries returns the folder of the server's programs: the given one, else
// what pg_config names, else Debian's newest, else the PATH's.
func FindBinaries(explicit string) (string, error) { return findBinaries(explicit, "") }

// findBinaries takes the first folder that has the programs and, where a cluster
// of some major version exists, is of that version: newer ones refuse its data.
func findBinaries(explicit, version string) (string, error) {
	if explicit != "" {
		if !complete(explicit) {
			return "", fmt.Errorf("%w in %s: looked for %s", ErrNoBinaries, explicit, strings.Join(needed, " and "))
		}
		return explicit, nil
	}
	for _, dir := range candidates() {
		if complete(dir) && (version == "" || version == versionOf(dir)) {
			return dir, nil
		}
	}
	if version != "" {
		return "", fmt.Errorf("%w of version %s, which made this cluster: install it (`apt-get install postgresql-%s`) or name the folder of its programs", ErrNoBinaries, version, version)
	}
	return "", fmt.Errorf("%w on this machine: install one (Debian and Ubuntu: `apt-get install postgresql`) or name the folder of its programs", ErrNoBinaries)
}

func candidates() []string {
	var dirs []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // fails on a bad pattern only
	slices.SortFunc(debian, func(a, b string) int { return cmp.Compare(debianVersion(b), debianVersion(a)) })
	dirs = append(dirs, debian...)
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	return dirs
}

func complete(dir string) bool {
	return !slices.ContainsFunc(needed, func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err != nil || info.Mode()&0o111 == 0
	})
}

// debianVersion is the 15 of /usr/lib/postgresql/15/bin; 0 where there is none.
func debianVersion(dir string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	if err != nil {
		return 0
	}
	return n
}

// versionOf asks the server for its major version; empty where it cannot tell.
func versionOf(dir string) string {
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return ""
	}
	// postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
	if words := strings.Fields(string(out)); len(words) >= 3 {
		major, _, _ := strings.Cut(words[2], ".")
		return major
	}
	return ""
}

func (c *Cluster) versionFile() string { return filepath.Join(c.data(), "PG_VERSION") }

// version is the major version that made the cluster; empty where there is none.
func (c *Cluster) version() string {
	b, err := os.ReadFile(c.versionFile())
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
