package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"harkara/internal/label"
	"harkara/scanner/decode"
)

// Limits of what lies in a watched folder.
const (
	maxPixels    = 40_000_000
	maxPicture   = 96 << 20 // bytes
	lookEvery    = 5 * time.Second
	doneFolder   = "done"
	failedFolder = "failed"
)

// Folder is where a document scanner puts its pictures. A picture is looked at when
// it has rested, and then moved to done or failed.
type Folder struct {
	Device
	Path string

	patience // how long a picture rests; zero: usual
}

// Run looks at pictures until ctx ends.
func (f *Folder) Run(ctx context.Context, hear Hear) error {
	return f.keep(ctx, func(ctx context.Context, ready func()) error {
		for _, name := range []string{doneFolder, failedFolder} {
			if err := os.MkdirAll(filepath.Join(f.Path, name), 0o750); err != nil {
				return fmt.Errorf("watch folder: %w", err)
			}
		}
		closed, err := watch(f.Path)
		if err != nil {
			return fmt.Errorf("watch folder %s: %w", f.Path, err)
		}
		defer closed.close()
		ready()
		return f.attend(ctx, closed, hear)
	})
}

// attend looks when a picture that was closed or moved in has rested, and now and then
// for what was there before and what another machine writes, which tells nobody.
func (f *Folder) attend(ctx context.Context, closed *watching, hear Hear) error {
	pictures := newResting(f.patience)
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case name, more := <-closed.names:
			if !more {
				return fmt.Errorf("watch folder: %w", closed.err)
			}
			pictures.touch(name, time.Now())
		case <-look.C:
			if err := f.look(ctx, pictures, hear); err != nil {
				return err
			}
		}
		look.Reset(min(pictures.next(time.Now()), lookEvery))
	}
}

// look takes the pictures that have rested.
func (f *Folder) look(ctx context.Context, pictures *resting, hear Hear) error {
	entries, err := os.ReadDir(f.Path)
	if err != nil {
		return fmt.Errorf("read folder: %w", err)
	}
	here := map[string]bool{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || hidden(e.Name()) {
			continue // gone, or none of ours
		}
		here[e.Name()] = true
		if !pictures.rested(info, time.Now()) {
			continue // it may still be written
		}
		if err := f.take(ctx, info, pictures, hear); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	pictures.keep(here)
	return nil
}

// hidden reports whether a name says that its file is not for us, or not yet.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains([]string{".part", ".tmp", ".crdownload"}, strings.ToLower(filepath.Ext(name)))
}

// take reads one file and moves it away, unless it is torn and may still be written, or
// was written to meanwhile. An error is the folder's, not the file's.
func (f *Folder) take(ctx context.Context, info fs.FileInfo, pictures *resting, hear Hear) error {
	name := info.Name()
	path := filepath.Join(f.Path, name)
	reads := []Read{{Problem: tooLarge}}
	if info.Size() <= maxPicture {
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read picture: %w", err)
		}
		if !whole(raw) && !pictures.tornRested(name, time.Now()) {
			return nil
		}
		reads = f.read(ctx, info, raw)
	}
	if ctx.Err() != nil { // what was not looked at to its end stays
		return ctx.Err()
	}
	if after, err := os.Lstat(path); err != nil || !same(info, after) {
		return nil // gone, or written to: it rests anew
	}
	where := failedFolder
	for _, r := range reads {
		if r.Problem == "" {
			where = doneFolder
		} else if f.Log != nil {
			f.Log.Warn("a picture gives no code", "source", f.Name, "file", name, "problem", r.Problem)
		}
		if err := hear(r); err != nil { // before it is moved: read again, it has the same id
			return fmt.Errorf("picture %s stays: %w", name, err)
		}
	}
	return f.move(path, name, where)
}

func (f *Folder) move(path, name, where string) error {
	target := filepath.Join(f.Path, where, name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
			break
		}
		ext := filepath.Ext(name)
		target = filepath.Join(f.Path, where, fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext))
	}
	if err := os.Rename(path, target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("move picture: %w", err)
	}
	return nil
}

// read returns what a file's pages show, in order, and behind it each problem that a
// page had. That a page shows no code, as its back does, is none where another shows one.
func (f *Folder) read(ctx context.Context, info fs.FileInfo, raw []byte) (reads []Read) {
	var problems []string
	n := 0
	for page, bad := range pages(ctx, raw) {
		n++
		var code label.Code
		if bad == "" {
			code, bad = readPage(ctx, page)
		}
		switch {
		case bad == "":
			reads = append(reads, Read{ID: pageID(info, raw, n), Text: string(code), Method: byImage})
		case !slices.Contains(problems, bad):
			problems = append(problems, bad)
		}
	}
	if n == 0 {
		problems = []string{notImage}
	}
	none := len(reads) == 0
	for _, problem := range problems {
		if problem != noCode || none && len(problems) == 1 {
			reads = append(reads, Read{Problem: problem})
		}
	}
	return reads
}

// pageID is the same whenever the same page of the same file is read.
func pageID(info fs.FileInfo, raw []byte, page int) string {
	name := fmt.Sprintf("%s\n%d\n%d\n", info.Name(), info.ModTime().UnixNano(), page)
	return uuid.NewSHA1(uuid.NameSpaceURL, append([]byte(name), raw...)).String()
}

// ReadPage returns the one code that a picture shows: a file's where there is one,
// else a card's or a badge's.
func ReadPage(ctx context.Context, raw []byte) (code label.Code, method, problem string) {
	g, problem := load(ctx, raw)
	if problem != "" {
		return "", "", problem
	}
	code, problem = readPage(ctx, g)
	return code, byImage, problem
}

func readPage(ctx context.Context, g *decode.Gray) (code label.Code, problem string) {
	code, err := decode.All(ctx, g).Code()
	switch {
	case errors.Is(err, decode.ErrTooMany):
		return "", tooMany
	case err != nil:
		return "", noCode
	}
	return code, ""
}
