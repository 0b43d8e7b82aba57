package postgres

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// makeFolder makes the cluster's folder and its missing parents, such that the
// server's user can reach its data.
func (c *Cluster) makeFolder() error {
	mode := c.account.folderMode()
	if err := os.MkdirAll(c.cfg.Dir, mode); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.Chmod(c.cfg.Dir, mode); err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	return c.account.reaches(c.cfg.Dir)
}

// ErrNoCluster means that the folder holds no cluster, or is not there.
var ErrNoCluster = errors.New("no cluster")

// There reports whether a folder holds a cluster, as far as it can be looked at.
func There(dir string) bool {
	c := Cluster{cfg: Config{Dir: dir}}
	return !c.missing()
}

// missing is false where the cluster cannot be looked at: what opens it says why.
func (c *Cluster) missing() bool {
	_, err := os.Stat(c.versionFile())
	return errors.Is(err, fs.ErrNotExist)
}

// ErrLocked means that another program holds the folder; Visit goes beside it.
var ErrLocked = errors.New("in use by another harkara")

// takeLock returns the locked file; closing it, or the program's death, unlocks.
func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(path) // may be empty: the holder is only named to help
		return nil, errors.Join(fmt.Errorf("%w, process %s: stop that one first, or choose another folder", ErrLocked, bytes.TrimSpace(holder)), f.Close())
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("sign lock: %w", err), f.Close())
	}
	return f, nil
}

// longestSocket is the longest path of a Unix socket on Linux, without its NUL
// (unix(7)).
const longestSocket = 107

// makeSocketFolder finds a folder for the socket whose path fits, private to the
// server's user.
func (c *Cluster) makeSocketFolder() error {
	c.socket = c.socketFolder()
	if err := os.Mkdir(c.socket, 0o700); err == nil {
		return c.account.own(c.socket)
	} else if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make socket folder: %w", err)
	}
	// In a shared temporary folder somebody else may have been first.
	info, err := os.Lstat(c.socket)
	if err != nil {
		return fmt.Errorf("look at socket folder: %w", err)
	}
	if owner := int(info.Sys().(*syscall.Stat_t).Uid); !info.IsDir() || owner != c.account.uid || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("socket folder %s is not a folder of user %s alone: remove it", c.socket, c.account.name)
	}
	return nil
}

func (c *Cluster) socketFolder() string {
	folder := filepath.Join(c.cfg.Dir, "run")
	if len(filepath.Join(folder, ".s.PGSQL."+port)) > longestSocket {
		return c.shortFolder()
	}
	return folder
}

// shortFolder is the same at every start, so that a surviving server is found.
func (c *Cluster) shortFolder() string {
	sum := sha256.Sum256([]byte(c.cfg.Dir))
	return filepath.Join(os.TempDir(), fmt.Sprintf("harkara-%x", sum[:8]))
}

func (c *Cluster) passwordFile() string { return filepath.Join(c.cfg.Dir, "pgpass") }

var roles = []string{Admin, Owner, App, Temporal}

// loadPasswords reads pgpass, or writes a fresh one before there is a cluster.
func (c *Cluster) loadPasswords() error {
	path := c.passwordFile()
	var err error
	c.passwords, err = readPasswords(path)
	switch {
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		return err
	case c.version() != "":
		return fmt.Errorf("%s is missing: without its passwords the cluster is closed; restore the file from a backup", path)
	}
	c.passwords = map[string]string{}
	var text strings.Builder
	for _, role := range roles {
		c.passwords[role] = rand.Text()
		fmt.Fprintf(&text, "*:*:*:%s:%s\n", role, c.passwords[role])
	}
	if err := ReplaceFile(path, text.String()); err != nil {
		return fmt.Errorf("write passwords: %w", err)
	}
	return nil
}

// readPasswords returns every role's password; fs.ErrNotExist.
func readPasswords(path string) (map[string]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read passwords: %w", err)
	}
	passwords := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		if f := strings.Split(lines.Text(), ":"); len(f) == 5 {
			passwords[f[3]] = f[4]
		}
	}
	for _, role := range roles {
		if passwords[role] == "" {
			return nil, fmt.Errorf("%s has no password of role %s", path, role)
		}
	}
	return passwords, nil
}

// ReplaceFile puts a file of mode 0600 in place as a whole, and on the disk
// before it returns.
func ReplaceFile(path, text string) (err error) {
	aside := path + ".new"
	f, err := os.OpenFile(aside, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return rename(aside, path)
}

// rename is on the disk when it returns.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// syncFolder has the names in a folder on the disk when it returns.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
