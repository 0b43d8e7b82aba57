package source

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
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
func heardFrom(t *testing.T, n int, run func(context.Context, Hear) error) (reads []Read) {
	t.Helper()
	ctx, cancel := contextOf(t)
	defer cancel()
	heard, done := make(chan Read, 99), make(chan error, 1)
	go func() { done <- run(ctx, func(r Read) error { heard <- r; return nil }) }()
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
	got := heardFrom(t, 2, func(ctx context.Context, hear Hear) error {
		return f.Run(ctx, func(r Read) error { defer first(); return hear(r) })
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
		err := f.take("one.jpg", func(r Read) error { ids = append(ids, r.ID); return kept })
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

// leaves is a TIFF of several pages of 8-bit grey, each its own directory.
func leaves(order binary.AppendByteOrder, pages ...*image.Gray) []byte {
	raw := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		raw = []byte("MM\x00*")
	}
	raw = order.AppendUint32(raw, 8)
	for i, page := range pages {
		size := page.Rect.Size()
		entries := []struct{ tag, value uint32 }{
			{256, uint32(size.X)}, {257, uint32(size.Y)}, {258, 8}, {259, 1}, {262, 1}, {273, 0}, {277, 1}, {278, uint32(size.Y)}, {279, uint32(len(page.Pix))},
		}
		pixels := uint32(len(raw) + 2 + 12*len(entries) + 4)
		entries[5].value = pixels
		raw = order.AppendUint16(raw, uint16(len(entries)))
		for _, e := range entries {
			raw = order.AppendUint16(order.AppendUint16(raw, uint16(e.tag)), 4)
			raw = order.AppendUint32(order.AppendUint32(raw, 1), e.value)
		}
		next := pixels + uint32(len(page.Pix))
		if i == len(pages)-1 {
			next = 0
		}
		raw = append(order.AppendUint32(raw, next), page.Pix...)
	}
	return raw
}

// readFile is what a folder hears of a file.
func readFile(t *testing.T, name string, raw []byte) (texts []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	reads, err := (&Folder{}).read(path, info)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reads {
		texts = append(texts, r.Text+r.Problem)
	}
	return texts
}

// Every page of a TIFF is read, in order; directories that lead in a ring end.
func TestPagesOfATIFF(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		raw := leaves(order, picture(t, code), picture(t), picture(t, other))
		if got := readFile(t, "scan.tif", raw); !slices.Equal(got, []string{code, other}) {
			t.Errorf("%v: %v", order, got)
		}
		n := 0
		ring := leaves(order, image.NewGray(image.Rect(0, 0, 1, 1)))
		order.(binary.ByteOrder).PutUint32(ring[len(ring)-5:], 8)
		for range pages(ring) {
			n++
		}
		if n != 1 {
			t.Errorf("%d pages in a ring", n)
		}
	}
}

// sheets is a PDF of images: dictionary entries and stream of each.
func sheets(images ...[2]string) []byte {
	raw := "%PDF-1.5\n1 0 obj <</Type /Catalog>> endobj\n2 0 obj <</Length 9>> stream\nq 1 Do Q\n\nendstream endobj\n"
	for i, img := range images {
		raw += fmt.Sprintf("%d 0 obj\n<</Type /XObject /Subtype /Image /Width 640 /Height 480 /Length %d %s>>\nstream\r\n%s\nendstream\nendobj\n", i+3, len(img[1]), img[0], img[1])
	}
	return []byte(raw + "%%EOF\n")
}

func deflated(raw []byte) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(raw)
	_ = z.Close()
	return out.String()
}

// Pages as document scanners pack them into PDFs.
func TestPagesOfAPDF(t *testing.T) {
	page := picture(t, code)
	bits, colour, predicted := make([]byte, 80*480), make([]byte, 0, 3*640*480), []byte{}
	for y := range 480 {
		row := page.Pix[y*page.Stride : y*page.Stride+640]
		predicted = append(predicted, 1) // Sub: what it is more than its left neighbour
		left := byte(0)
		for x, grey := range row {
			bits[y*80+x/8] |= grey >> 7 << (7 - x%8)
			colour = append(colour, grey, grey, grey)
			predicted = append(predicted, grey-left)
			left = grey
		}
	}
	grey, two := string(page.Pix), picture(t, other)
	const flate = "/Filter /FlateDecode /ColorSpace /DeviceGray "
	for name, c := range map[string]struct {
		raw  []byte
		want []string
	}{
		"JPEG":              {sheets([2]string{"/Filter /DCTDecode", string(photo(t, page))}), []string{code}},
		"JPEG in Flate":     {sheets([2]string{"/Filter [/FlateDecode /DCTDecode]", deflated(photo(t, page))}), []string{code}},
		"grey":              {sheets([2]string{flate + "/BitsPerComponent 8", deflated(page.Pix)}), []string{code}},
		"grey, not packed":  {sheets([2]string{"/BitsPerComponent 8", grey}), []string{code}},
		"RGB":               {sheets([2]string{"/Filter [/FlateDecode] /ColorSpace 7 0 R /BitsPerComponent 8", deflated(colour)}), []string{code}},
		"bilevel":           {sheets([2]string{flate + "/BitsPerComponent 1", deflated(bits)}), []string{code}},
		"a mask":            {sheets([2]string{"/Filter /FlateDecode /ImageMask true", deflated(bits)}), []string{code}},
		"predicted":         {sheets([2]string{flate + "/BitsPerComponent 8 /DecodeParms <</Predictor 15 /Colors 1 /Columns 640>>", deflated(predicted)}), []string{code}},
		"length elsewhere":  {bytes.Replace(sheets([2]string{flate + "/BitsPerComponent 8", deflated(page.Pix)}), []byte("480 /Length "), []byte("480 /Length 9 0 R /Was "), 1), []string{code}},
		"two pages":         {sheets([2]string{flate + "/BitsPerComponent 8", deflated(page.Pix)}, [2]string{"/Filter /DCTDecode", string(photo(t, two))}), []string{code, other}},
		"one of two":        {sheets([2]string{"/Filter /JBIG2Decode", "xx"}, [2]string{"/Filter /DCTDecode", string(photo(t, two))}), []string{other}},
		"JBIG2":             {sheets([2]string{"/Filter /JBIG2Decode", "xx"}), []string{unreadable}},
		"JPEG 2000":         {sheets([2]string{"/Filter /JPXDecode", "xx"}), []string{unreadable}},
		"a palette":         {sheets([2]string{"/Filter /FlateDecode /BitsPerComponent 8 /ColorSpace [/Indexed /DeviceRGB 255 9 0 R]", deflated(page.Pix)}), []string{unreadable}},
		"CMYK":              {sheets([2]string{"/Filter /FlateDecode /BitsPerComponent 8 /ColorSpace /DeviceCMYK", deflated(bytes.Repeat(page.Pix, 4))}), []string{unreadable}},
		"encrypted":         {sheets([2]string{flate + "/BitsPerComponent 8", "rubbish that is no Flate"}), []string{unreadable}},
		"cut short":         {sheets([2]string{flate + "/BitsPerComponent 8", deflated(page.Pix[:100])}), []string{unreadable}},
		"text only":         {sheets(), []string{unreadable}},
		"too large":         {bytes.Replace(sheets([2]string{flate + "/BitsPerComponent 8", deflated(page.Pix)}), []byte("/Width 640"), []byte("/Width 640000"), 1), []string{tooLarge}},
		"white":             {sheets([2]string{flate + "/BitsPerComponent 8", deflated(picture(t).Pix)}), []string{noCode}},
		"size left out":     {bytes.Replace(sheets([2]string{flate + "/BitsPerComponent 8", deflated(page.Pix)}), []byte("/Width 640"), nil, 1), []string{unreadable}},
		"fax two-dimension": {sheets([2]string{"/Filter /CCITTFaxDecode /DecodeParms <</K 4>>", "xx"}), []string{unreadable}},
	} {
		if got := readFile(t, "scan.pdf", c.raw); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A page of fax, packed by libtiff (tiffcp -c g4 and -c g3:1d) from picture(t, code).
func TestFaxPage(t *testing.T) {
	for file, k := range map[string]int{"g4.fax": -1, "g3.fax": 0} {
		packed, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		entries := fmt.Sprintf("/Filter /CCITTFaxDecode /BitsPerComponent 1 /DecodeParms <</K %d /Columns 640 /Rows 480>>", k)
		if got := readFile(t, "fax.pdf", sheets([2]string{entries, string(packed)})); !slices.Equal(got, []string{code}) {
			t.Errorf("%s: %v", file, got)
		}
		if got := readFile(t, "fax.pdf", sheets([2]string{entries, string(packed[:len(packed)/4])})); !slices.Equal(got, []string{unreadable}) {
			t.Errorf("%s cut short: %v", file, got)
		}
	}
}

func FuzzPages(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00"))
	f.Add([]byte("MM\x00*"))
	f.Add([]byte("%PDF-1.4 stream\n\xff\xd8\xff\xe0 endstream stream endstream stream"))
	f.Add(sheets([2]string{"/Filter /FlateDecode /BitsPerComponent 1", deflated(make([]byte, 80*480))}))
	f.Add(sheets([2]string{"/Filter /CCITTFaxDecode /DecodeParms <</K -1>>", "\x00\x10\x01"}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n := 0
		for page, problem := range pages(raw) {
			if n++; n > decode.MostPages || (problem == "") != (page != nil) || len(page) > max(len(raw), 5*maxPixels) {
				t.Fatal(n, problem, len(page))
			}
			if n == 3 {
				return // each may unpack to forty megapixels
			}
		}
	})
}
