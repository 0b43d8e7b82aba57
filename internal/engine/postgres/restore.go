package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrHalfRestored means that a restore into a folder did not end, and that there is no
// cluster in it.
var ErrHalfRestored = errors.New("a restore did not end: run it again, or remove what it left")

// restoring is where a cluster is restored until it is whole.
func (c *Cluster) restoring() string { return c.cfg.Dir + ".restoring" }

// checkRestored refuses to begin a cluster where one is half restored.
func (c *Cluster) checkRestored() error {
	if _, err := os.Lstat(c.restoring()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrHalfRestored, c.restoring())
}

// Copied is a copy of a cluster with what opens it.
type Copied struct {
	Data      string // as Copy made it
	Passwords string // the file that lay beside the cluster
	Bytes     int64  // about
}

// CopyPasswords copies the file that opens a copy of the cluster.
func (c *Cluster) CopyPasswords(to string) error {
	text, err := os.ReadFile(c.passwordFile())
	if err == nil {
		err = ReplaceFile(to, string(text))
	}
	if err != nil {
		return fmt.Errorf("copy passwords: %w", err)
	}
	return nil
}

// Restore makes a cluster in cfg.Dir, which is not there yet, of a copy. It verifies
// what it has copied, starts it, and lets settle say what is different from now on; the
// rename at its end is the commit point. Interrupted, it begins anew when it is called
// again. Errors: ErrForm, ErrLocked, ErrNoBinaries, fs.ErrExist.
func Restore(ctx context.Context, cfg Config, from Copied, settle func(context.Context, *Cluster) error, progress func(done, of int)) (err error) {
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return fmt.Errorf("find folder of cluster: %w", err)
	}
	c := Cluster{cfg: cfg}
	if _, err := os.Lstat(cfg.Dir); err == nil {
		return fmt.Errorf("restore into %s: %w", cfg.Dir, fs.ErrExist)
	}
	if c.account, err = serverAccount(); err != nil {
		return err
	}
	parent := filepath.Dir(cfg.Dir)
	if err := os.MkdirAll(parent, c.account.folderMode()); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	alone, err := takeLock(c.restoring() + ".lock")
	if err != nil {
		return fmt.Errorf("restore into %s: %w", cfg.Dir, err)
	}
	defer func() { err = errors.Join(err, os.Remove(alone.Name()), alone.Close()) }()
	aside := cfg
	aside.Dir, aside.Existing = c.restoring(), true
	if err := os.RemoveAll(aside.Dir); err != nil {
		return fmt.Errorf("clear half-restored cluster: %w", err)
	}
	if err := c.bring(ctx, from, progress); err != nil {
		return fmt.Errorf("restore into %s: %w", cfg.Dir, err)
	}
	restored, err := Start(ctx, aside)
	if err != nil {
		return err
	}
	if err := errors.Join(settle(ctx, restored), restored.Close()); err != nil {
		return fmt.Errorf("restore into %s: %w", cfg.Dir, err)
	}
	for _, name := range []string{"lock", "run"} { // made again at each start
		if err := os.RemoveAll(filepath.Join(aside.Dir, name)); err != nil {
			return fmt.Errorf("restore into %s: %w", cfg.Dir, err)
		}
	}
	if err := rename(aside.Dir, cfg.Dir); err != nil {
		return fmt.Errorf("keep restored cluster: %w", err)
	}
	return nil
}

// bring copies a copy aside and verifies what has arrived.
func (c *Cluster) bring(ctx context.Context, from Copied, progress func(done, of int)) error {
	dir := c.restoring()
	if err := os.Mkdir(dir, c.account.folderMode()); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := c.account.reaches(dir); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	var done int64
	folders := []string{dir}
	err := filepath.WalkDir(from.Data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		within, err := filepath.Rel(from.Data, path)
		if err != nil {
			return err
		}
		to := filepath.Join(data, within)
		if entry.IsDir() {
			folders = append(folders, to)
		}
		n, err := c.bringOne(path, to, entry)
		done += n
		if progress != nil {
			progress(int(done>>10), int(max(done, from.Bytes)>>10))
		}
		return err
	})
	for _, folder := range folders {
		if err == nil && !c.cfg.NoSync {
			err = syncFolder(folder)
		}
	}
	if err != nil {
		return err
	}
	made := Cluster{cfg: Config{Dir: dir}}
	binaries, err := findBinaries(c.cfg.Binaries, made.version())
	if err != nil {
		return err
	}
	if err := verify(ctx, binaries, data); err != nil {
		return err
	}
	text, err := os.ReadFile(from.Passwords)
	if err != nil {
		return fmt.Errorf("read passwords: %w", err)
	}
	return ReplaceFile(filepath.Join(dir, "pgpass"), string(text))
}

// bringOne copies a file or makes a folder, for the server's user alone.
func (c *Cluster) bringOne(path, to string, entry fs.DirEntry) (n int64, err error) {
	switch {
	case entry.IsDir():
		err = os.Mkdir(to, 0o700)
	case entry.Type().IsRegular():
		n, err = copyFile(path, to, !c.cfg.NoSync)
	default:
		return 0, fmt.Errorf("%s is neither file nor folder", path)
	}
	if err != nil {
		return n, err
	}
	return n, c.account.own(to)
}

func copyFile(path, to string, sync bool) (n int64, err error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(out, in)
	if err == nil && sync {
		err = out.Sync()
	}
	return n, errors.Join(err, out.Close())
}
