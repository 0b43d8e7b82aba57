package source

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"golang.org/x/image/tiff"

	"harkara/internal/label"
	"harkara/scanner/decode"
)

var other = string(label.New(label.File, 4726))

// picture is a page with QR codes on it, side by side.
func picture(t testing.TB, texts ...string) *image.Gray {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, 640, 480))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	for i, text := range texts {
		symbol, err := qr.Encode(text, qr.H, qr.Numeric)
		if err != nil {
			t.Fatal(err)
		}
		if symbol, err = barcode.Scale(symbol, 210, 210); err != nil {
			t.Fatal(err)
		}
		draw.Draw(page, image.Rect(40+300*i, 120, 250+300*i, 330), symbol, image.Point{}, draw.Src)
	}
	return page
}

func photo(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func drawing(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What an eye accepts is heard; what it refuses is heard once while it is there.
func TestViewsAreHeard(t *testing.T) {
	two, nothing, unsure := decode.View{State: decode.TwoFiles}, decode.View{State: decode.Nothing}, decode.View{State: decode.Unsure}
	foreign := decode.View{State: decode.Foreign, Foreign: &decode.Symbol{Text: "8901030"}}
	var h hearing
	for i, step := range []struct {
		view decode.View
		want Read
	}{
		{nothing, Read{}},
		{decode.View{State: decode.Accepted, Code: label.Code(code), Format: decode.QR}, Read{Text: code, Method: byQR}},
		{decode.View{State: decode.Held, Code: label.Code(code)}, Read{}},
		{decode.View{State: decode.Accepted, Code: label.Code(code), Format: decode.Code128}, Read{Text: code, Method: byCode128}},
		{two, Read{Problem: tooMany}},
		{two, Read{}},
		{unsure, Read{}},
		{two, Read{}},
		{nothing, Read{}},
		{two, Read{Problem: tooMany}},
		{foreign, Read{Text: "8901030", Method: byImage}},
		{foreign, Read{}},
	} {
		if got, news := h.heard(step.view); news != (step.want != Read{}) || news && got != step.want {
			t.Errorf("step %d: %v %v, want %v", i, got, news, step.want)
		}
	}
}

// heardFrom runs a source until it has heard so much.
func heardFrom(t *testing.T, n int, run func(context.Context, func(Read)) error) (reads []Read) {
	t.Helper()
	ctx, cancel := contextOf(t)
	defer cancel()
	heard, done := make(chan Read, 99), make(chan error, 1)
	go func() { done <- run(ctx, func(r Read) { heard <- r }) }()
	for len(reads) < n {
		select {
		case r := <-heard:
			reads = append(reads, r)
		case err := <-done:
			t.Fatal("it ended: ", err, reads)
		case <-ctx.Done():
			t.Fatal("heard only ", reads)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return reads
}

func TestFilm(t *testing.T) {
	var films atomic.Int32
	heardFirst := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "kiosk" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		n := films.Add(1)
		m := multipart.NewWriter(w)
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=--"+m.Boundary())
		show := func(raw []byte) {
			part, err := m.CreatePart(textproto.MIMEHeader{"Content-Type": {"image/jpeg"}, "Content-Length": {fmt.Sprint(len(raw))}})
			if err == nil {
				_, err = part.Write(raw)
			}
			if err != nil {
				return // the camera was let go
			}
			w.(http.Flusher).Flush()
		}
		show([]byte("no picture"))
		raw, rate := photo(t, picture(t, []string{code, other}[min(n-1, 1)])), time.NewTicker(20*time.Millisecond)
		defer rate.Stop()
		breaks := heardFirst
		if n > 1 {
			breaks = nil
		}
		for {
			select {
			case <-breaks:
				return
			case <-r.Context().Done():
				return
			case <-rate.C:
			}
			show(raw)
		}
	}))
	defer server.Close()
	var mu sync.Mutex
	var told []string
	f := &Film{URL: strings.Replace(server.URL, "//", "//kiosk:secret@", 1), Device: Device{Name: "camera", Tell: func(_ string, lost error) {
		mu.Lock()
		defer mu.Unlock()
		if told = append(told, "there"); lost != nil {
			told[len(told)-1] = lost.Error()
		}
	}}}
	first := sync.OnceFunc(func() { close(heardFirst) })
	got := heardFrom(t, 2, func(ctx context.Context, hear func(Read)) error {
		return f.Run(ctx, func(r Read) { hear(r); first() })
	})
	if !slices.Equal(got, []Read{{Text: code, Method: byQR}, {Text: other, Method: byQR}}) {
		t.Error(got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) < 3 || told[0] != "there" || told[2] != "there" || strings.Contains(fmt.Sprint(told), "secret") {
		t.Errorf("%q", told)
	}
}

func TestShots(t *testing.T) {
	var shots atomic.Int32
	raw := [][]byte{photo(t, picture(t))}
	for _, text := range []string{code, other} {
		for range 8 { // as a file that lies under a camera
			raw = append(raw, photo(t, picture(t, text)))
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(raw[min(int(shots.Add(1))-1, len(raw)-1)]) // nobody listens any more
	}))
	defer server.Close()
	s := &Shots{URL: server.URL, Every: time.Millisecond}
	if got := heardFrom(t, 2, s.Run); !slices.Equal(got, []Read{{Text: code, Method: byQR}, {Text: other, Method: byQR}}) {
		t.Error(got)
	}
}

// What a camera's address holds is not told.
func TestPasswordsAreNotTold(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	for _, address := range []string{strings.Replace(server.URL, "//", "//kiosk:secret@", 1), "http://kiosk:secret@127.0.0.1:1/", "http://kiosk:secret@%zz/"} {
		if _, err := shot(t.Context(), address); err == nil || strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
}

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
			go func() { done <- f.Run(ctx, func(r Read) { heard <- r }) }()
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
		if err := f.settled(t.Context(), known, func(r Read) { late = append(late, r) }); err != nil {
			t.Fatal(err)
		}
	}
	if len(late) != 1 || late[0].Text != code {
		t.Error(late)
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
		reads, err := (&Folder{}).read(path, info)
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
	go func() { done <- f.Run(ctx, func(Read) {}) }()
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
