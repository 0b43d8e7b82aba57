package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that the server runs as: PostgreSQL refuses root.
type account struct {
	drop     bool
	uid, gid int
}

// serverAccount returns the program's own user, or for root the first of
// postgres and nobody that exists.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err != nil {
			return account{}, fmt.Errorf("read ids of user %s: %w", name, err)
		}
		return account{drop: true, uid: uid, gid: gid}, nil
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as")
}

// credential is nil where no drop is needed.
func (a account) credential() *syscall.Credential {
	if !a.drop {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// own gives a folder and all below it to the account.
func (a account) own(dir string) error {
	if !a.drop {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, a.uid, a.gid)
	})
}

// reaches checks that the account may pass through every parent of dir.
func (a account) reaches(dir string) error {
	if !a.drop {
		return nil
	}
	for p := filepath.Dir(dir); ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil {
			return fmt.Errorf("look at %s: %w", p, err)
		}
		owner := info.Sys().(*syscall.Stat_t)
		bit := fs.FileMode(0o001)
		switch {
		case int(owner.Uid) == a.uid:
			bit = 0o100
		case int(owner.Gid) == a.gid:
			bit = 0o010
		}
		if info.Mode()&bit == 0 {
			return fmt.Errorf("PostgreSQL runs as user %d, who may not pass through %s: choose another data folder or `chmod o+x %s`", a.uid, p, p)
		}
		if p == filepath.Dir(p) {
			return nil
		}
	}
}
