package source

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"harkara/scanner/decode"
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
	reads, err := (&Folder{}).read(t.Context(), path, info)
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

// A page that x/image/tiff does not read is told for what it is; scanner/tiff tests those
// that it does.
func TestTIFFOfAnotherKind(t *testing.T) {
	raw := leaves(binary.LittleEndian, picture(t, code))
	for tag, value := range map[int]byte{3: 8, 4: 5} { // compression, photometric interpretation
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
