package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"harkara/internal/label"
	"harkara/scanner/decode"
	"harkara/scanner/tiff"
)

// Limits of what lies in a watched folder.
const (
	maxPixels    = 40_000_000
	maxPicture   = 96 << 20        // bytes
	settledFor   = 2 * time.Second // a file that did not change for so long is whole, where nobody says so
	lookEvery    = 5 * time.Second
	doneFolder   = "done"
	failedFolder = "failed"
)

// Folder is where a document scanner puts its pictures. A picture is looked at when
// it was closed or moved in, and then moved to done or failed.
type Folder struct {
	Device
	Path string
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

func (f *Folder) attend(ctx context.Context, closed *watching, hear Hear) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	known := map[string]fs.FileInfo{}
	for {
		// What was there before, and what another machine writes, which tells nobody.
		if err := f.settled(ctx, known, hear); err != nil {
			return err
		}
		for looked := false; !looked; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case name, more := <-closed.names:
				if !more {
					return fmt.Errorf("watch folder: %w", closed.err)
				}
				if err := f.take(ctx, name, hear); err != nil {
					return err
				}
			case <-tick.C:
				looked = true
			}
		}
	}
}

// settled takes files that have not changed since they were last looked at.
func (f *Folder) settled(ctx context.Context, known map[string]fs.FileInfo, hear Hear) error {
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
		before, seen := known[e.Name()]
		known[e.Name()] = info
		if !seen || before.Size() != info.Size() || !before.ModTime().Equal(info.ModTime()) {
			continue // it may still be written
		}
		if err := f.take(ctx, e.Name(), hear); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for name := range known {
		if !here[name] {
			delete(known, name)
		}
	}
	return nil
}

// hidden reports whether a name says that its file is not for us, or not yet.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains([]string{".part", ".tmp", ".crdownload"}, strings.ToLower(filepath.Ext(name)))
}

// take reads one file and moves it away. An error is the folder's, not the file's.
func (f *Folder) take(ctx context.Context, name string, hear Hear) error {
	path := filepath.Join(f.Path, name)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() || hidden(name) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at picture: %w", err)
	}
	reads, err := f.read(ctx, path, info)
	if err != nil {
		return err
	}
	if ctx.Err() != nil { // what was not looked at to its end stays
		return ctx.Err()
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

// read returns what a file's pages show. Where none shows a code the file's problem
// is told once.
func (f *Folder) read(ctx context.Context, path string, info fs.FileInfo) (reads []Read, err error) {
	if info.Size() > maxPicture {
		return []Read{{Problem: tooLarge}}, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	problem := ""
	n := 0
	for page, bad := range pages(raw) {
		n++
		var code label.Code
		var method string
		if bad == "" {
			code, method, bad = ReadPage(ctx, page)
		}
		switch {
		case bad == "":
			reads = append(reads, Read{ID: pageID(info, raw, n), Text: string(code), Method: method})
		case problem == "" || bad == tooMany:
			problem = bad
		}
	}
	if len(reads) == 0 || problem == tooMany {
		if problem == "" {
			problem = notImage
		}
		reads = append(reads, Read{Problem: problem})
	}
	return reads, nil
}

// pageID is the same whenever the same page of the same file is read.
func pageID(info fs.FileInfo, raw []byte, page int) string {
	name := fmt.Sprintf("%s\n%d\n%d\n", info.Name(), info.ModTime().UnixNano(), page)
	return uuid.NewSHA1(uuid.NameSpaceURL, append([]byte(name), raw...)).String()
}

// readPage returns the one code that a page shows: a file's where there is one,
// else a card's or a badge's.
func ReadPage(ctx context.Context, raw []byte) (code label.Code, method, problem string) {
	size, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err == nil && size.Height > 0 && size.Width > maxPixels/size.Height {
		return "", "", tooLarge
	}
	g, err := tiff.Load(ctx, bytes.NewReader(raw))
	switch {
	case errors.Is(err, decode.ErrTooLarge) || err == nil && g.W > maxPixels/g.H:
		return "", "", tooLarge
	case errors.Is(err, tiff.ErrKind):
		return "", "", unreadableTIFF
	case err != nil:
		return "", "", notImage
	}
	code, err = decode.All(ctx, g).Code()
	switch {
	case errors.Is(err, decode.ErrTooMany):
		return "", "", tooMany
	case err != nil:
		return "", "", noCode
	}
	return code, byImage, ""
}
