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
	"time"

	"golang.org/x/image/tiff"

	"harkara/internal/label"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	f := &Folder{Path: dir, patience: hasty}
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
		{"scan.pdf", sheets(photo(t, picture(t, code))), Read{Text: code, Method: byImage}, doneFolder},
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
}

// hasty is a patience for tests: what is put there is put whole.
var hasty = patience{whole: 1, torn: 2}

// take has a folder take one file that has rested.
func take(t *testing.T, f *Folder, name string, hear Hear) error {
	t.Helper()
	pictures := newResting(hasty)
	info, err := os.Stat(filepath.Join(f.Path, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(time.Hour)
	pictures.rested(info, long.Add(-2*time.Hour))
	if !pictures.rested(info, long) {
		t.Fatal("it never rests")
	}
	return f.take(t.Context(), info, pictures, hear)
}

// A scanner that closes its file and opens it again while it grows is waited for: what
// was there before, what comes in halves, and what another machine writes.
func TestResting(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "page.jpg")
	raw := photo(t, picture(t, code))
	half := raw[:len(raw)/2]
	start := time.Now()
	write := func(b []byte, at time.Duration) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, start, start.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	pictures := newResting(patience{})
	for _, step := range []struct {
		at     time.Duration
		does   string // written, or closed, then looked at
		raw    []byte
		rested bool
		torn   bool // and read, though torn
	}{
		{0, "written", half, false, false},
		{1900 * time.Millisecond, "", half, false, false},
		{2000 * time.Millisecond, "", half, true, false}, // it is torn: more may come
		{5 * time.Second, "", half, false, false},
		{6 * time.Second, "closed", half, false, false},
		{8 * time.Second, "", half, true, false},
		{15900 * time.Millisecond, "", half, false, false},
		{16 * time.Second, "", half, true, true}, // no more will
		{17 * time.Second, "written", raw, false, false},
		{18900 * time.Millisecond, "", raw, false, false},
		{19 * time.Second, "", raw, true, false},
	} {
		now := start.Add(step.at)
		switch step.does {
		case "written":
			write(step.raw, step.at)
		case "closed":
			pictures.touch("page.jpg", now)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := pictures.rested(info, now); got != step.rested {
			t.Errorf("at %v: rested %v", step.at, got)
		}
		if step.rested && !whole(step.raw) {
			if got := pictures.tornRested("page.jpg", now); got != step.torn {
				t.Errorf("at %v: %v for a torn one", step.at, got)
			}
		}
		if next := pictures.next(now); next > usual.torn || !step.rested && next == 0 {
			t.Errorf("at %v: looks again in %v", step.at, next)
		}
	}
	if pictures.keep(nil); len(pictures.pictures) > 0 {
		t.Error("what is gone is kept in mind")
	}
}

// What comes in halves makes one scan of the whole, and nothing in failed.
func TestFolderOfHalves(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := contextOf(t)
	defer cancel()
	heard, done, there := make(chan Read, 9), make(chan error, 1), make(chan struct{}, 1)
	f := &Folder{Path: dir, patience: patience{whole: 1, torn: time.Hour}}
	f.Tell = func(string, error) { there <- struct{}{} }
	go func() { done <- f.Run(ctx, func(r Read) error { heard <- r; return nil }) }()
	<-there
	raws := [][]byte{photo(t, picture(t, code)), drawing(t, picture(t, code)), sheets(photo(t, picture(t, code))), leaves(binary.BigEndian, picture(t, code))}
	for i, name := range []string{"a.jpg", "b.png", "c.pdf", "d.tif"} {
		raw := raws[i]
		for _, part := range [][]byte{raw[:len(raw)/3], raw[len(raw)/3 : len(raw)*2/3], raw[len(raw)*2/3:]} {
			file, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := file.Write(part); err != nil {
				t.Fatal(err)
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if got := <-heard; got.Text != code {
			t.Errorf("%s: %+v", name, got)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if failed, err := os.ReadDir(filepath.Join(dir, failedFolder)); err != nil || len(failed) > 0 || len(heard) > 0 {
		t.Errorf("%v, %v, %d more", failed, err, len(heard))
	}
}

// A file that is written to while it is read is not moved away.
func TestFolderDoesNotTakeWhatChanges(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "one.jpg")
	if err := os.WriteFile(path, photo(t, picture(t, code)), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, before.ModTime(), before.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	f := &Folder{Path: dir}
	pictures := newResting(hasty)
	pictures.rested(before, time.Now())
	if err := f.take(t.Context(), before, pictures, func(r Read) error { t.Error(r); return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestWhole(t *testing.T) {
	page := picture(t, code)
	for name, raw := range map[string][]byte{"JPEG": photo(t, page), "PNG": drawing(t, page), "PDF": sheets(photo(t, page)), "TIFF": leaves(binary.LittleEndian, page, page)} {
		if !whole(raw) || !whole(append(slices.Clone(raw), make([]byte, 100)...)) {
			t.Errorf("%s: a whole one is torn", name)
		}
		for _, n := range []int{0, 10, len(raw) / 3, len(raw) / 2, len(raw) - 100} {
			if whole(raw[:n]) {
				t.Errorf("%s: %d of %d bytes are whole", name, n, len(raw))
			}
		}
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
		err := take(t, f, "one.jpg", func(r Read) error { ids = append(ids, r.ID); return kept })
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
		if err := take(t, f, "page 7.tif", func(Read) error { return nil }); err != nil {
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
	path, raw := filepath.Join(dir, "a.jpg"), photo(t, picture(t, code))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for range 2 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		reads := (&Folder{}).read(t.Context(), info, raw)
		if len(reads) != 1 || len(reads[0].ID) != 36 {
			t.Fatal(reads)
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
