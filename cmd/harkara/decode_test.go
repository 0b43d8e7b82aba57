package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/code39"
	"github.com/boombuler/barcode/qr"

	"harkara/internal/label"
	"harkara/scanner/decode"
)

// picture draws codes one under the other, black on white.
func picture(t *testing.T, codes ...barcode.Barcode) *image.Paletted {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 640, 120+160*len(codes)), color.Palette{color.White, color.Black})
	for i, code := range codes {
		w, h := 2*code.Bounds().Dx(), 80
		if code.Metadata().Dimensions == 2 {
			w, h = 5*code.Bounds().Dx(), 5*code.Bounds().Dy()
		}
		scaled, err := barcode.Scale(code, w, h)
		if err != nil {
			t.Fatal(err)
		}
		draw.Draw(img, image.Rect(0, 0, w, h).Add(image.Pt(80, 60+160*i)), scaled, image.Point{}, draw.Src)
	}
	return img
}

func encoded(t *testing.T, code barcode.Barcode, err error) barcode.Barcode {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func qrOf(t *testing.T, text string) barcode.Barcode {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	return encoded(t, code, err)
}

func barsOf(t *testing.T, text string) barcode.Barcode {
	code, err := code128.Encode(text)
	return encoded(t, code, err)
}

// written writes a file beside the others of a test.
func written(t *testing.T, dir, name string, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeTIFF writes pages as uncompressed grey strips (TIFF 6.0, section 4): the picture,
// its directory, and so on.
func writeTIFF(w io.Writer, pages ...image.Image) error {
	return writePackedTIFF(w, 1, func(page *image.Gray) []byte { return page.Pix }, pages...)
}

func writePackedTIFF(w io.Writer, compression int, pack func(*image.Gray) []byte, pages ...image.Image) error {
	b := binary.LittleEndian.AppendUint32([]byte("II*\x00"), 0)
	link := 4 // where the offset of the next directory belongs
	for _, page := range pages {
		size, strip := page.Bounds().Size(), len(b)
		grey := image.NewGray(image.Rectangle{Max: size})
		draw.Draw(grey, grey.Rect, page, page.Bounds().Min, draw.Src)
		b = append(b, pack(grey)...)
		packed := len(b) - strip
		binary.LittleEndian.PutUint32(b[link:], uint32(len(b)))
		fields := [][2]int{{256, size.X}, {257, size.Y}, {258, 8}, {259, compression}, {262, 1}, {273, strip}, {277, 1}, {278, size.Y}, {279, packed}}
		b = binary.LittleEndian.AppendUint16(b, uint16(len(fields)))
		for _, f := range fields {
			b = binary.LittleEndian.AppendUint16(b, uint16(f[0]))
			b = binary.LittleEndian.AppendUint16(b, 4) // a long
			b = binary.LittleEndian.AppendUint32(b, 1)
			b = binary.LittleEndian.AppendUint32(b, uint32(f[1]))
		}
		link = len(b)
		b = append(b, 0, 0, 0, 0)
	}
	_, err := w.Write(b)
	return err
}

// bitsOf packs bits, the lowest first.
type bitsOf struct {
	b []byte
	n int
}

func (p *bitsOf) put(v, n int) {
	for i := range n {
		if p.n%8 == 0 {
			p.b = append(p.b, 0)
		}
		p.b[p.n/8] |= byte(v>>i&1) << (p.n % 8)
		p.n++
	}
}

// writeWebP writes a black and white picture as a lossless WebP: no transforms, no
// cache, prefix codes of one bit a colour (RFC 9649, section 3).
func writeWebP(w io.Writer, img *image.Paletted) error {
	var p bitsOf
	p.put(0x2f, 8)
	p.put(img.Rect.Dx()-1, 14)
	p.put(img.Rect.Dy()-1, 14)
	p.put(0, 1+3)   // opaque, version 0
	p.put(0, 1+1+1) // transforms, cache, meta codes
	for range 3 {   // green, red, blue: 0 and 255
		p.put(0b11, 2) // simple, two symbols
		p.put(1, 1)    // the first in eight bits
		p.put(0, 8)
		p.put(255, 8)
	}
	for _, symbol := range []int{255, 0} { // alpha, distance: one symbol, no bits
		p.put(0b01, 2)
		p.put(1, 1)
		p.put(symbol, 8)
	}
	for _, black := range img.Pix {
		p.put(0b111*int(1-black), 3)
	}
	if len(p.b)%2 == 1 {
		p.b = append(p.b, 0)
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(12+len(p.b)))
	out = append(out, "WEBPVP8L"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(p.b)))
	_, err := w.Write(append(out, p.b...))
	return err
}

// writePictures writes a PDF of a page with each picture.
func writePictures(w io.Writer, pages ...image.Image) error {
	pdf := fpdf.New("P", "mm", "A4", "")
	for i, page := range pages {
		var b bytes.Buffer
		if err := png.Encode(&b, page); err != nil {
			return err
		}
		name, opt := string(rune('a'+i)), fpdf.ImageOptions{ImageType: "PNG"}
		pdf.AddPage()
		pdf.RegisterImageOptionsReader(name, opt, &b)
		pdf.ImageOptions(name, 20, 20, 160, 0, false, opt, 0, "")
	}
	return pdf.Output(w)
}

// decodeLines runs harkara decode --json and returns its lines.
func decodeLines(t *testing.T, want int, args ...string) (lines []decodedPicture) {
	t.Helper()
	code, out := cli(t, "", append([]string{"decode", "--json", "--budget=30s"}, args...)...)
	if code != want {
		t.Errorf("decode %q: exit code %d, want %d: %s", args, code, want, out)
	}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var p decodedPicture
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, p)
	}
	return lines
}

// Every format that the help names is read.
func TestDecodeReadsEveryFormat(t *testing.T) {
	text := string(label.New(label.File, 40_718_265_933))
	img, dir := picture(t, qrOf(t, text)), t.TempDir()
	for name, write := range map[string]func(io.Writer) error{
		"a.jpg":  func(w io.Writer) error { return jpeg.Encode(w, img, nil) },
		"a.png":  func(w io.Writer) error { return png.Encode(w, img) },
		"a.gif":  func(w io.Writer) error { return gif.Encode(w, img, nil) },
		"a.webp": func(w io.Writer) error { return writeWebP(w, img) },
		"a.tiff": func(w io.Writer) error { return writeTIFF(w, img) },
		"b.tiff": func(w io.Writer) error {
			return writePackedTIFF(w, 7, func(page *image.Gray) []byte {
				var b bytes.Buffer
				_ = jpeg.Encode(&b, page, nil) // memory takes it
				return b.Bytes()
			}, img)
		},
	} {
		lines := decodeLines(t, 0, written(t, dir, name, write))
		if len(lines) != 1 || len(lines[0].Symbols) != 1 || lines[0].Symbols[0].Text != text {
			t.Errorf("%s: %+v", name, lines)
		}
	}
}

// A document's pages are told one after another, each by its number.
func TestDecodeReadsPagesInOrder(t *testing.T) {
	var texts []string
	var pages []image.Image
	for i := range uint64(3) {
		texts = append(texts, string(label.New(label.File, 17+i)))
		pages = append(pages, picture(t, qrOf(t, texts[i])))
	}
	dir := t.TempDir()
	files := []string{written(t, dir, "a.tiff", func(w io.Writer) error { return writeTIFF(w, pages...) })}
	files = append(files, written(t, dir, "a.pdf", func(w io.Writer) error { return writePictures(w, pages...) }))
	lines := decodeLines(t, 0, files...)
	if len(lines) != 3*len(files) {
		t.Fatalf("%d lines of %d pages: %+v", len(lines), 3*len(files), lines)
	}
	for i, p := range lines {
		if p.File != files[i/3] || p.Page != i%3+1 || len(p.Symbols) != 1 || p.Symbols[0].Text != texts[i%3] {
			t.Errorf("line %d: %+v", i+1, p)
		}
	}
}

// What a line says, and that raw tells every text of the formats of covers.
func TestDecodeTellsWhatItRead(t *testing.T) {
	text := string(label.New(label.File, 17))
	old, err := code39.Encode("FIN-2019", false, false)
	path := written(t, t.TempDir(), "a.png", func(w io.Writer) error {
		return png.Encode(w, picture(t, qrOf(t, "anything at all"), barsOf(t, text), encoded(t, old, err)))
	})
	lines := decodeLines(t, 0, path)
	if len(lines) != 1 || len(lines[0].Symbols) != 1 {
		t.Fatalf("only labels: %+v", lines)
	}
	p, s := lines[0], lines[0].Symbols[0]
	if p.File != path || p.Page != 0 || p.Effort != "full" || p.Milliseconds <= 0 || p.Error != "" {
		t.Errorf("line %+v", p)
	}
	if s.Text != text || s.Format != decode.Code128 {
		t.Errorf("symbol %+v", s)
	}
	if a, c := s.Corners[0], s.Corners[2]; max(a.X-80, 80-a.X, a.Y-220, 220-a.Y, c.X-304, 304-c.X, c.Y-300, 300-c.Y) > 3 {
		t.Errorf("corners %v of bars from (80, 220) to (304, 300)", s.Corners)
	}

	var texts []string
	for _, p := range decodeLines(t, 0, "--raw", path) {
		for _, s := range p.Symbols {
			texts = append(texts, string(s.Format)+" "+s.Text)
		}
	}
	slices.Sort(texts)
	if want := []string{"CODE_128 " + text, "CODE_39 FIN-2019", "QR_CODE anything at all"}; !slices.Equal(texts, want) {
		t.Errorf("raw: %q, want %q", texts, want)
	}

	for _, p := range decodeLines(t, 0, "--effort=quick", path) {
		if p.Effort != "quick" {
			t.Errorf("effort %s", p.Effort)
		}
	}
	// What is no picture does not keep others from being read.
	broken := written(t, t.TempDir(), "b.tiff", func(w io.Writer) error { _, err := io.WriteString(w, "II*\x00\xff\xff"); return err })
	if lines = decodeLines(t, 1, broken, path); len(lines) != 2 || lines[0].Error == "" || len(lines[1].Symbols) != 1 {
		t.Errorf("beside what is no picture: %+v", lines)
	}
}
