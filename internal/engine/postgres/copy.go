package postgres

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stalled is how long a copy may not grow before it is given up: an office goes before
// its backup, and whatever the server writes meanwhile is kept for that.
const stalled = 15 * time.Minute

// ErrStalled means that a copy did not grow for that long.
var ErrStalled = errors.New("nothing more was copied for too long")

// Copy makes a physical copy of a running cluster, its own or one that it visits, in a
// new folder, and verifies it: everything that was committed when it was called. progress
// is told how many kilobytes of about so many are copied. What a failed or interrupted Copy
// leaves is no copy.
func (c *Cluster) Copy(ctx context.Context, to string, progress func(done, of int)) error {
	binaries, err := findBinaries(c.cfg.Binaries, c.version())
	if err != nil {
		return err
	}
	args := []string{
		"-D", to, "-h", c.socket, "-p", port, "-U", Admin, "--no-password", "--label", "harkara", "--progress",
		"--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256",
	}
	if c.cfg.NoSync {
		args = append(args, "--no-sync")
	}
	t := tool{path: filepath.Join(binaries, "pg_basebackup"), passwords: c.passwordFile(), progress: progress}
	if err := t.run(ctx, args...); err != nil {
		return fmt.Errorf("copy cluster: %w", err)
	}
	return verify(ctx, binaries, to)
}

// verify compares a copy with its list of files and their digests, and reads the
// write-ahead log that it needs.
func verify(ctx context.Context, binaries, copied string) error {
	if err := (tool{path: filepath.Join(binaries, "pg_verifybackup")}).run(ctx, "--quiet", copied); err != nil {
		return fmt.Errorf("verify copy: %w", err)
	}
	return nil
}

// Size is about how many bytes a copy has.
func (c *Cluster) Size() (bytes int64, err error) {
	const log = 64 << 20 // of the write-ahead log; what is there is mostly room for more
	bytes = log
	err = filepath.WalkDir(c.data(), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // dropped meanwhile
			return nil
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "pg_wal":
			return fs.SkipDir
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure cluster: %w", err)
	}
	return bytes, nil
}

// tool is a program of PostgreSQL's that the caller's user runs. It dies with this one,
// so that nobody writes on when nobody knows of it.
type tool struct {
	path      string
	passwords string             // file of them
	progress  func(done, of int) // nil: nobody asks
}

func (t tool) run(ctx context.Context, args ...string) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cmd := exec.CommandContext(ctx, t.path, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC", "PGPASSFILE=" + t.passwords}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // its children too
	said, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		// The kernel sends Pdeathsig when the thread that forked ends.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			ended <- err
			return
		}
		words := t.listen(said, func() { stop(ErrStalled) })
		err := cmd.Wait()
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		if err != nil && words != "" {
			err = fmt.Errorf("%w: %s", err, words)
		}
		if err != nil && strings.Contains(words, noRoom) {
			err = fmt.Errorf("%w: %w", syscall.ENOSPC, err)
		}
		ended <- err
	}()
	if err := <-ended; err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(t.path), err)
	}
	return nil
}

// noRoom is how PostgreSQL's programs say ENOSPC.
const noRoom = "No space left on device"

// 23456/34567 kB (67%), 0/1 tablespace
var copiedOf = regexp.MustCompile(`^\s*(\d+)/(\d+) kB `)

// listen hands progress on and returns the last other words; give is called where
// there is none for too long.
func (t tool) listen(said io.Reader, give func()) string {
	watch := time.AfterFunc(stalled, give)
	defer watch.Stop()
	var words []string
	last := -1
	lines := bufio.NewScanner(said)
	lines.Split(splitLines)
	for lines.Scan() {
		m := copiedOf.FindStringSubmatch(lines.Text())
		if m == nil {
			if text := strings.TrimSpace(lines.Text()); text != "" {
				words = append(words, text)
				words = words[max(0, len(words)-3):]
			}
			continue
		}
		done, _ := strconv.Atoi(m[1]) // digits
		of, _ := strconv.Atoi(m[2])
		if done > last {
			last = done
			watch.Reset(stalled)
		}
		if t.progress != nil {
			t.progress(done, max(done, of))
		}
	}
	_, _ = io.Copy(io.Discard, said) // a line too long
	return strings.Join(words, " | ")
}

// splitLines ends a line at CR too, as progress does on a terminal.
func splitLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
