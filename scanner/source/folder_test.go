package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"harkara/internal/label"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	f := &Folder{Path: dir}
	put := func(name string, raw []byte) {
		t.Helper()
		hiddenName := filepath.Join(dir, "."+name+".part")
		if err := os.WriteFile(hiddenName, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(hiddenName, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	huge := drawing(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(huge[16:], 8000) // pixels that its header declares
	binary.BigEndian.PutUint32(huge[20:], 5001)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	two := new(bytes.Buffer)
	if err := tiff.Encode(two, picture(t, other), nil); err != nil {
		t.Fatal(err)
	}
	card := string(label.Onward)
	put("before.jpg", photo(t, picture(t, code))) // there before the watch: taken at the second look

	for _, step := range []struct {
		name string
		raw  []byte
		want Read
		in   string
	}{
		{"one.jpg", photo(t, picture(t, code)), Read{Text: code, Method: byImage}, doneFolder},
		{"card.jpg", photo(t, picture(t, card)), Read{Text: card, Method: byImage}, doneFolder},
		{"cover and card.png", drawing(t, picture(t, card, code)), Read{Text: code, Method: byImage}, doneFolder},
		{"page.tif", two.Bytes(), Read{Text: other, Method: byImage}, doneFolder},
		{"scan.pdf", slices.Concat([]byte("%PDF-1.4\n5 0 obj <</Filter /DCTDecode>> stream\r\n"), photo(t, picture(t, code)), []byte("\nendstream endobj")), Read{Text: code, Method: byImage}, doneFolder},
		{"none.jpg", photo(t, picture(t)), Read{Problem: noCode}, failedFolder},
		{"two.png", drawing(t, picture(t, code, other)), Read{Problem: tooMany}, failedFolder},
		{"huge.png", huge, Read{Problem: tooLarge}, failedFolder},
		{"letter.txt", []byte("Dear sir"), Read{Problem: notImage}, failedFolder},
		{"empty.jpg", nil, Read{Problem: notImage}, failedFolder},
	} {
		t.Run(step.name, func(t *testing.T) {
			ctx, cancel := contextOf(t)
			heard, done, there := make(chan Read, 9), make(chan error, 1), make(chan struct{}, 1)
			f.Tell = func(string, error) { there <- struct{}{} }
			go func() { done <- f.Run(ctx, func(r Read) error { heard <- r; return nil }) }()
			<-there
			put(step.name, step.raw)
			got := <-heard
			id := got.ID
			if got.ID = ""; got != step.want || (id == "") != (got.Problem != "") {
				t.Errorf("%+v, want %+v", got, step.want)
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, step.in, step.name)); err != nil {
				t.Error(err)
			}
		})
	}
	first, err := filepath.Glob(filepath.Join(dir, "before.jpg"))
	if err != nil || len(first) != 1 {
		t.Error("taken before it was known to be whole")
	}
	known := map[string]os.FileInfo{}
	var late []Read
	for range 2 {
		if err := f.settled(t.Context(), known, func(r Read) error { late = append(late, r); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(late) != 1 || late[0].Text != code {
		t.Error(late)
	}
}

// A picture whose code could not be kept, for the disk is full, stays where it is and is
// read again, under the same id.
func TestFolderThatIsNotHeard(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{doneFolder, failedFolder} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "one.jpg"), photo(t, picture(t, code)), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &Folder{Path: dir}
	full := errors.New("disk full")
	var ids []string
	for _, kept := range []error{full, full, nil} {
		err := f.take(t.Context(), "one.jpg", func(r Read) error { ids = append(ids, r.ID); return kept })
		if !errors.Is(err, kept) {
			t.Fatal(err)
		}
		_, there := os.Stat(filepath.Join(dir, "one.jpg"))
		if (there == nil) != (kept != nil) {
			t.Errorf("kept: %v, the picture: %v", kept, there)
		}
	}
	if len(ids) != 3 || ids[0] == "" || ids[0] != ids[1] || ids[1] != ids[2] {
		t.Error(ids)
	}
}

// What gave no code is in the log once, with its name and why.
func TestFailedPictureIsLogged(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, failedFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "page 7.tif"), leaves(binary.BigEndian, picture(t), picture(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	f := &Folder{Path: dir, Device: Device{Name: "folder", Log: slog.New(slog.NewTextHandler(&log, nil))}}
	for range 2 { // the second time it is gone
		if err := f.take(t.Context(), "page 7.tif", func(Read) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `level=WARN`) || !strings.Contains(got, `file="page 7.tif" problem=no_code`) {
		t.Errorf("%q", got)
	}
}

// The same page of the same file has the same id, so a crash before it was moved
// makes no second scan; another page or file has another.
func TestPageIDs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.jpg")
	if err := os.WriteFile(path, photo(t, picture(t, code)), 0o600); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for range 2 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		reads, err := (&Folder{}).read(t.Context(), path, info)
		if err != nil || len(reads) != 1 || len(reads[0].ID) != 36 {
			t.Fatal(reads, err)
		}
		ids[reads[0].ID] = true
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	ids[pageID(info, []byte("another"), 1)], ids[pageID(info, []byte("another"), 2)] = true, true
	if len(ids) != 3 {
		t.Error(ids)
	}
}

func TestFolderThatIsTakenAwayIsLost(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "scans")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextOf(t)
	told, done := make(chan error, 9), make(chan error, 1)
	f := &Folder{Path: dir, Device: Device{Tell: func(_ string, lost error) { told <- lost }}}
	go func() { done <- f.Run(ctx, func(Read) error { return nil }) }()
	if lost := <-told; lost != nil {
		t.Fatal(lost)
	}
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	if lost := <-told; lost == nil {
		t.Error("not lost")
	}
	cancel()
	<-done
}
