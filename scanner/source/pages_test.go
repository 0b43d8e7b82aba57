package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"harkara/scanner/decode"
	"harkara/scanner/pdf"
)

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
	for _, r := range (&Folder{}).read(t.Context(), info, raw) {
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
		for range pages(t.Context(), ring) {
			n++
		}
		if n != 1 {
			t.Errorf("%d pages in a ring", n)
		}
	}
}

// sheets is a PDF of pages that are each a JPEG of 640 by 480.
func sheets(photos ...[]byte) []byte {
	kids, objects := "", ""
	for i, jpg := range photos {
		n := 3*i + 3
		kids += fmt.Sprintf("%d 0 R ", n)
		objects += fmt.Sprintf("%d 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 640 480]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>\nendobj\n", n, n+1, n+2)
		objects += fmt.Sprintf("%d 0 obj\n<</Length 28>>\nstream\n640 0 0 480 0 0 cm /I Do    \nendstream\nendobj\n", n+1)
		objects += fmt.Sprintf("%d 0 obj\n<</Subtype/Image/Width 640/Height 480/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/DCTDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n", n+2, len(jpg), jpg)
	}
	return fmt.Appendf(nil, "%%PDF-1.4\n%s1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count %d/Kids[%s]>>\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%%%EOF\n", objects, len(photos), kids)
}

// Pages of a PDF are read in order, and what keeps one from it is told behind them.
func TestPagesOfAPDF(t *testing.T) {
	one, none, two := photo(t, picture(t, code)), photo(t, picture(t)), photo(t, picture(t, other))
	both := photo(t, picture(t, code, other))
	raw := sheets(one, none, two, one)
	for name, c := range map[string]struct {
		raw  []byte
		want []string
	}{
		"backs between":       {raw, []string{code, other, code}},
		"nothing but a back":  {sheets(none), []string{noCode}},
		"two files on a page": {sheets(one, both, two), []string{code, other, tooMany}},
		"no pages":            {sheets(), []string{unreadable}},
		"cut short":           {raw[:bytes.Index(raw, two)+9], []string{code}},
		"a mark":              {[]byte("%PDF-1.4\n"), []string{unreadable}},
	} {
		if got := readFile(t, "scan.pdf", c.raw); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for err, want := range map[error]string{nil: "", pdf.ErrLocked: locked, pdf.ErrPages: tooLong, pdf.ErrPage: unreadable, pdf.ErrWork: unreadable} {
		if got := pdfProblem(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

// A page that is damaged is told behind those that are not.
func TestADamagedPageOfATIFF(t *testing.T) {
	raw := leaves(binary.LittleEndian, picture(t, code), picture(t, other))
	raw[8+2+12*3+8] = 99 // the first's compression
	if got := readFile(t, "scan.tif", raw); !slices.Equal(got, []string{other, unreadableTIFF}) {
		t.Error(got)
	}
}

// A page that cannot be read is told for what it is; scanner/tiff tests those that can.
func TestTIFFOfAnotherKind(t *testing.T) {
	raw := leaves(binary.LittleEndian, picture(t, code))
	for tag, value := range map[int]byte{3: 99, 4: 5} { // compression, photometric interpretation
		raw := slices.Clone(raw)
		raw[8+2+12*tag+8] = value
		if got := readFile(t, "scan.tif", raw); !slices.Equal(got, []string{unreadableTIFF}) {
			t.Errorf("%d: %v", tag, got)
		}
	}
}

func TestJPEGPageOfATIFF(t *testing.T) {
	page := photo(t, picture(t, code))
	raw := leaves(binary.LittleEndian, &image.Gray{Pix: page, Stride: 640, Rect: image.Rect(0, 0, 640, 480)})
	raw[8+2+12*3+8] = 7 // its one strip is a JPEG
	if got := readFile(t, "scan.tif", raw); !slices.Equal(got, []string{code}) {
		t.Error(got)
	}
}

func FuzzPages(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00"))
	f.Add([]byte("MM\x00*"))
	f.Add([]byte("%PDF-1.4 stream\n\xff\xd8\xff\xe0 endstream stream endstream stream"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_ = whole(raw)
		n := 0
		for page, problem := range pages(t.Context(), raw) {
			if n++; n > decode.MostPages+1 || (problem == "") != (page != nil) {
				t.Fatal(n, problem)
			}
			if n == 3 {
				return // each may unpack to forty megapixels
			}
		}
	})
}
