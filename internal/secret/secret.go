// Package secret keeps tokens in files: unlike a command line, which everybody on a
// machine can list, and a log, which is kept and passed on, a file has one reader.
package secret

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// longest is more than any token has, in bytes.
const longest = 4096

// ErrNone is of a file that holds no token.
var ErrNone = errors.New("it is no file of one token")

// Read returns the token of a file, without the white space around it. open says that
// others than the owner can read the file too. ErrNone.
func Read(path string) (token string, open bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", false, fmt.Errorf("read token: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", false, fmt.Errorf("read token %s: %w", path, err)
	}
	raw, err := io.ReadAll(io.LimitReader(f, longest+1))
	if err != nil {
		return "", false, fmt.Errorf("read token %s: %w", path, err)
	}
	token = strings.TrimSpace(string(raw))
	if token == "" || len(raw) > longest || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", false, fmt.Errorf("read token %s: %w", path, ErrNone)
	}
	return token, Open(info), nil
}

// Open reports whether others than its owner can read a file.
func Open(info os.FileInfo) bool { return info.Mode().IsRegular() && info.Mode().Perm()&0o044 != 0 }

// Write puts a token into a file, whole and on the disk, for its owner alone; an older
// one is replaced.
func Write(path, token string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return fmt.Errorf("write token: %w", err)
	}
	_, err = f.WriteString(token + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write token: %w", err), os.Remove(f.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write token: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("write token: %w", err)
	}
	return nil
}
