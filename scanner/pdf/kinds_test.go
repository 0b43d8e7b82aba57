package pdf

import (
	"bytes"
	"compress/lzw"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"harkara/internal/label"
)

var regexpLength = regexp.MustCompile(`/Length \d+>>`)

var code, other = string(label.New(label.File, 4722)), string(label.New(label.File, 4723))

const (
	wide, high = 408, 304
	gray8      = "/ColorSpace/DeviceGray/BitsPerComponent 8"
)

// cover is a page with a QR code on it.
func cover(t testing.TB, text string) *image.Gray {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, wide, high))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	symbol, err := qr.Encode(text, qr.H, qr.Numeric)
	if err == nil {
		symbol, err = barcode.Scale(symbol, 210, 210)
	}
	if err != nil {
		t.Fatal(err)
	}
	draw.Draw(page, image.Rect(40, 50, 250, 260), symbol, image.Point{}, draw.Src)
	return page
}

// stream is an object with data.
func stream(dict string, data []byte) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

func img(dict string, w, h int, data []byte) string {
	return stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d%s", w, h, dict), data)
}

const place = "q 408 0 0 304 0 0 cm /I Do Q"

// one are the objects of a document of one page that shows object 5.
func one(page, content, resources string, more ...string) []string {
	return append([]string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 408 304]/Contents 4 0 R/Resources<<" + resources + ">>" + page + ">>",
		stream("", []byte(content)),
	}, more...)
}

func showing(images ...string) []string {
	return one("", place, "/XObject<</I 5 0 R>>", images...)
}

// written is a document of the objects 1, 2, and so on.
func written(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	fmt.Fprintf(&b, "%strailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", table, len(objects)+1, b.Len())
	return b.Bytes()
}

func deflated(raw []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(raw) // memory takes it
	_ = z.Close()
	return b.Bytes()
}

// bits packs the page's shades in so many bits, rows ending at bytes.
func bits(page *image.Gray, n int) (out []byte) {
	for y := range page.Rect.Dy() {
		var v, have uint
		for _, p := range page.Pix[y*page.Stride:][:page.Rect.Dx()] {
			v, have = v<<n|uint(p)>>(8-n), have+uint(n)
			if have == 8 {
				out, v, have = append(out, byte(v)), 0, 0
			}
		}
		if have > 0 {
			out = append(out, byte(v<<(8-have)))
		}
	}
	return out
}

// each puts for every shade the bytes that f makes of it.
func each(page *image.Gray, f func(v byte) []byte) (out []byte) {
	for _, v := range page.Pix {
		out = append(out, f(v)...)
	}
	return out
}

func photo(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func in85(raw []byte) []byte {
	var b bytes.Buffer
	w := ascii85.NewEncoder(&b)
	_, _ = w.Write(raw) // memory takes it
	_ = w.Close()
	return append(b.Bytes(), "~>"...)
}

// runs packs bytes as RunLengthDecode and PackBits unpack them.
func runs(raw []byte) (out []byte) {
	for len(raw) > 0 {
		n := 1
		for n < min(128, len(raw)) && raw[n] == raw[0] {
			n++
		}
		if n > 1 {
			out, raw = append(out, byte(257-n), raw[0]), raw[n:]
		} else {
			out, raw = append(out, 0, raw[0]), raw[1:]
		}
	}
	return append(out, 128)
}

// differences are what a predictor leaves: of the byte before, with a PNG's filter byte
// before each row or without.
func differences(page *image.Gray, png bool) (out []byte) {
	for y := range page.Rect.Dy() {
		if png {
			out = append(out, 1)
		}
		last := byte(0)
		for _, v := range page.Pix[y*page.Stride:][:page.Rect.Dx()] {
			out, last = append(out, v-last), v
		}
	}
	return out
}

// inStreams is a document whose objects and table stand in streams (7.5.7, 7.5.8), but for
// those that are streams.
func inStreams(objects []string, streams ...string) []byte {
	var heads, bodies string
	for i, o := range objects {
		heads += fmt.Sprintf("%d %d ", i+1, len(bodies))
		bodies += o + " "
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	table := []byte{0, 0, 0, 0, 0, 0}
	entry := func(kind byte, at int, i int) {
		table = append(binary.BigEndian.AppendUint32(append(table, kind), uint32(at)), byte(i))
	}
	n := len(objects)
	for i := range objects {
		entry(2, n+len(streams)+1, i)
	}
	streams = append(streams, stream(fmt.Sprintf("/Type/ObjStm/N %d/First %d/Filter/FlateDecode", n, len(heads)), deflated([]byte(heads+bodies))))
	for _, s := range streams {
		n++
		entry(1, b.Len(), 0)
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, s)
	}
	at := b.Len()
	entry(1, at, 0)
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", n+1, stream(fmt.Sprintf("/Type/XRef/W[1 4 1]/Root 1 0 R/Size %d/Filter/FlateDecode", n+2), deflated(table)), at)
	return b.Bytes()
}

// protected is a document that is encrypted, and opens with the password.
func protected(t testing.TB, page *image.Gray, password string) []byte {
	t.Helper()
	pdf, opt := fpdf.New("P", "mm", "A4", ""), fpdf.ImageOptions{ImageType: "JPEG"}
	pdf.SetProtection(fpdf.CnProtectPrint, password, "owner")
	pdf.AddPage()
	pdf.RegisterImageOptionsReader("a", opt, bytes.NewReader(photo(t, page)))
	pdf.ImageOptions("a", 20, 20, 160, 0, false, opt, 0, "")
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// kinds are documents of one page with the code, as scanners and those who mend, join
// and guard their files write them.
func kinds(t testing.TB) map[string][]byte {
	page := cover(t, code)
	pix, jpg := page.Pix, photo(t, page)
	flate := func(dict string, data []byte) []byte {
		return written(showing(img("/Filter/FlateDecode"+dict, wide, high, deflated(data))))
	}
	plain := written(showing(img(gray8, wide, high, pix)))
	dct := written(showing(img(gray8+"/Filter/DCTDecode", wide, high, jpg)))
	inverted := each(page, func(v byte) []byte { return []byte{^v} })
	colour := image.NewYCbCr(page.Rect, image.YCbCrSubsampleRatio420)
	copy(colour.Y, pix)
	for i := range colour.Cb {
		colour.Cb[i], colour.Cr[i] = 128, 128
	}
	var packed bytes.Buffer
	z := lzw.NewWriter(&packed, lzw.MSB, 8)
	_, _ = z.Write(pix) // memory takes it
	_ = z.Close()

	shades := make([]byte, 256) // the lighter the lower
	for i := range shades {
		shades[i] = byte(255 - i)
	}
	strips, stripNames, stripPlaces, tiles, tileNames, tilePlaces := []string{}, "", "", []string{}, "", ""
	for y := 0; y < high; y += 16 {
		stripNames += fmt.Sprintf("/S%d %d 0 R", y, 5+len(strips))
		stripPlaces += fmt.Sprintf("q 408 0 0 16 0 %d cm /S%d Do Q ", high-16-y, y)
		strips = append(strips, img(gray8+"/Filter/DCTDecode", wide, 16, photo(t, page.SubImage(image.Rect(0, y, wide, y+16)))))
	}
	for y := 0; y < high; y += 76 {
		for x := 0; x < wide; x += 102 {
			part := image.NewGray(image.Rect(0, 0, 102, 76))
			draw.Draw(part, part.Rect, page, image.Pt(x, y), draw.Src)
			name := fmt.Sprintf("T%dx%d", x, y)
			tileNames += fmt.Sprintf("/%s %d 0 R", name, 5+len(tiles))
			tilePlaces += fmt.Sprintf("q 102 0 0 76 %d %d cm /%s Do Q ", x, high-76-y, name)
			tiles = append(tiles, img(gray8+"/Filter/FlateDecode", 102, 76, deflated(part.Pix)))
		}
	}
	broken := func(old, new string) []byte { return bytes.Replace(plain, []byte(old), []byte(new), 1) }
	table := bytes.LastIndex(plain, []byte("xref\n0"))
	later := bytes.NewBuffer(written(showing(img(gray8, wide, high, cover(t, other).Pix))))
	before := bytes.LastIndex(later.Bytes(), []byte("\nxref\n0")) + 1
	at := later.Len()
	fmt.Fprintf(later, "5 0 obj\n%s\nendobj\n", img(gray8, wide, high, pix))
	fmt.Fprintf(later, "xref\n5 1\n%010d 00000 n \ntrailer\n<</Root 1 0 R/Size 6/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", at, before, later.Len())

	return map[string][]byte{
		"uncompressed":                    plain,
		"a newline before":                append([]byte("\n"), dct...),
		"a printer's commands before":     append([]byte("\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n"), dct...),
		"a byte order mark before":        append([]byte("\ufeff"), dct...),
		"a mail before":                   append(bytes.Repeat([]byte("From: scanner\r\n"), 60), dct...),
		"no mark":                         dct[len("%PDF-1.5\n"):],
		"another mark":                    append([]byte("%!PS-Adobe-3.0 PDF-1.4\n"), dct[len("%PDF-1.5\n"):]...),
		"rubbish behind":                  append(slices.Clone(dct), bytes.Repeat([]byte{0, 0xff}, 4000)...),
		"no table":                        plain[:table],
		"a wrong place of the table":      broken("startxref\n", "startxref\n9"),
		"wrong places":                    append(append(slices.Clone(plain[:20]), "% more\n"...), plain[20:]...),
		"lines end with returns":          written(showing(strings.ReplaceAll(img(gray8+"/Filter/ASCIIHexDecode", wide, high, []byte(hex.EncodeToString(pix)+">")), "\n", "\r\n"))),
		"objects in streams":              inStreams(showing()[:3], stream("", []byte(place)), img(gray8, wide, high, pix)),
		"changed later":                   later.Bytes(),
		"cut before the table":            dct[:bytes.Index(dct, []byte("xref\n0"))],
		"cut within the picture":          dct[:bytes.Index(dct, jpg)+len(jpg)*9/10],
		"the list of pages is lost":       bytes.Replace(bytes.Replace(dct, []byte("<</Type/Catalog/Pages 2 0 R>>"), nil, 1), []byte("<</Type/Pages/Kids[3 0 R]/Count 1>>"), nil, 1),
		"JPEG":                            dct,
		"JPEG of colours":                 written(showing(img("/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", wide, high, photo(t, colour)))),
		"JPEG in ASCII85":                 written(showing(img(gray8+"/Filter[/ASCII85Decode/DCTDecode]", wide, high, in85(jpg)))),
		"JPEG in Flate":                   written(showing(img(gray8+"/Filter[/FlateDecode/DCTDecode]", wide, high, deflated(jpg)))),
		"JPEG of another size than said":  written(showing(img(gray8+"/Filter/DCTDecode", wide, high+40, jpg))),
		"JPEG that is cut":                written(showing(img(gray8+"/Filter/DCTDecode", wide, high, jpg[:len(jpg)*95/100]))),
		"strips":                          written(one("", stripPlaces, "/XObject<<"+stripNames+">>", strips...)),
		"tiles":                           written(one("", tilePlaces, "/XObject<<"+tileNames+">>", tiles...)),
		"1 bit":                           flate("/ColorSpace/DeviceGray/BitsPerComponent 1", bits(page, 1)),
		"2 bits":                          flate("/ColorSpace/DeviceGray/BitsPerComponent 2", bits(page, 2)),
		"4 bits":                          flate("/ColorSpace/DeviceGray/BitsPerComponent 4", bits(page, 4)),
		"8 bits":                          flate(gray8, pix),
		"16 bits":                         flate("/ColorSpace/DeviceGray/BitsPerComponent 16", each(page, func(v byte) []byte { return []byte{v, v} })),
		"a byte more":                     flate(gray8, append(slices.Clone(pix), 10)),
		"a row missing":                   flate(gray8, pix[:len(pix)-wide]),
		"a torn Flate":                    written(showing(img(gray8+"/Filter/FlateDecode", wide, high, deflated(pix)[:len(deflated(pix))-9]))),
		"RGB":                             flate("/ColorSpace/DeviceRGB/BitsPerComponent 8", each(page, func(v byte) []byte { return []byte{v, v, v} })),
		"CalRGB":                          flate("/ColorSpace[/CalRGB<</WhitePoint[0.95 1 1.09]>>]/BitsPerComponent 8", each(page, func(v byte) []byte { return []byte{v, v, v} })),
		"CMYK":                            flate("/ColorSpace/DeviceCMYK/BitsPerComponent 8", each(page, func(v byte) []byte { return []byte{0, 0, 0, ^v} })),
		"a palette":                       flate("/ColorSpace[/Indexed/DeviceRGB 1<ffffff 000000>]/BitsPerComponent 1", each8(inverted)),
		"a palette of 8 bits":             written(showing(img("/ColorSpace[/Indexed/DeviceGray 255 6 0 R]/BitsPerComponent 8", wide, high, inverted), stream("", shades))),
		"a spot colour":                   flate("/ColorSpace[/Separation/Black/DeviceGray<</FunctionType 2/Domain[0 1]/C0[1]/C1[0]/N 1>>]/BitsPerComponent 8", inverted),
		"an ICC profile that is not one":  written(showing(img("/ColorSpace[/ICCBased 6 0 R]/BitsPerComponent 8", wide, high, pix), stream("/N 1/Alternate/DeviceGray", []byte("none")))),
		"inverted by Decode":              flate(gray8+"/Decode[1 0]", inverted),
		"a mask":                          flate("/ImageMask true/BitsPerComponent 1", bits(page, 1)),
		"a mask that is inverted":         flate("/ImageMask true/BitsPerComponent 1/Decode[1 0]", each8(inverted)),
		"with a soft mask":                written(showing(img(gray8+"/SMask 6 0 R", wide, high, make([]byte, wide*high)), img(gray8, wide, high, inverted))),
		"inline":                          written(one("", "q 408 0 0 304 0 0 cm BI /W 408 /H 304 /CS /G /BPC 8 /F /AHx ID "+hex.EncodeToString(pix)+"> EI Q", "")),
		"abbreviated names":               flate("/CS/G/BPC 8"+gray8, pix),
		"an abbreviated filter":           written(showing(img(gray8+"/Filter/Fl", wide, high, deflated(pix)))),
		"an escaped filter":               written(showing(img(gray8+"/Filter/Flate#44ecode", wide, high, deflated(pix)))),
		"an indirect filter":              written(showing(img(gray8+"/Filter 6 0 R", wide, high, deflated(pix)), "/FlateDecode")),
		"an indirect size":                written(showing(strings.Replace(img(gray8, wide, high, pix), "/Width 408", "/Width 6 0 R", 1), "408")),
		"an indirect length":              written(showing(strings.Replace(img(gray8, wide, high, pix), fmt.Sprintf("/Length %d", len(pix)), "/Length 6 0 R", 1), fmt.Sprint(len(pix)))),
		"a wrong length":                  written(showing(strings.Replace(img(gray8+"/Filter/FlateDecode", wide, high, deflated(pix)), "/Length ", "/Length 9", 1))),
		"a length of nothing":             written(showing(regexpLength.ReplaceAllString(img(gray8+"/Filter/ASCIIHexDecode", wide, high, []byte(hex.EncodeToString(pix)+">")), "/Length 0>>"))),
		"RunLength":                       written(showing(img(gray8+"/Filter/RunLengthDecode", wide, high, runs(pix)))),
		"LZW":                             written(showing(img(gray8+"/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>", wide, high, packed.Bytes()))),
		"ASCII85 over Flate":              written(showing(img(gray8+"/Filter[/A85/Fl]", wide, high, in85(deflated(pix))))),
		"a PNG's predictor":               flate(gray8+"/DecodeParms<</Predictor 15/Columns 408>>", differences(page, true)),
		"a TIFF's predictor":              flate(gray8+"/DecodeParms<</Predictor 2/Columns 408>>", differences(page, false)),
		"in a form":                       written(one("", "/F Do", "/XObject<</F 6 0 R>>", img(gray8, wide, high, pix), stream("/Type/XObject/Subtype/Form/BBox[0 0 408 304]/Resources<</XObject<</I 5 0 R>>>>", []byte(place)))),
		"resources of the list":           written(append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 408 304]/Resources<</XObject<</I 5 0 R>>>>>>", "<</Type/Page/Parent 2 0 R/Contents[4 0 R]>>", stream("", []byte(place))}, img(gray8, wide, high, pix))),
		"a page that is turned":           written(one("/Rotate 90", place, "/XObject<</I 5 0 R>>", img(gray8, wide, high, pix))),
		"a page that stands on its head":  written(one("/Rotate -180", place, "/XObject<</I 5 0 R>>", img(gray8, wide, high, pix))),
		"a unit of its own":               written(one("/UserUnit 10", place, "/XObject<</I 5 0 R>>", img(gray8, wide, high, pix))),
		"a page that is cropped":          written(one("/CropBox[20 20 280 280]", place, "/XObject<</I 5 0 R>>", img(gray8, wide, high, pix))),
		"a tiny page":                     written(one("/MediaBox[0 0 4.08 3.04]", "q 4.08 0 0 3.04 0 0 cm /I Do Q", "/XObject<</I 5 0 R>>", img(gray8, wide, high, pix))),
		"a huge page":                     written(one("/MediaBox[0 0 40800 30400]", "q 40800 0 0 30400 0 0 cm /I Do Q", "/XObject<</I 5 0 R>>", img(gray8, wide, high, pix))),
		"encrypted with an empty secret":  protected(t, page, ""),
		"drawn beside text and no images": vectors(t),
	}
}

// vectors is a page whose code is drawn as rectangles, among text.
func vectors(t testing.TB) []byte {
	t.Helper()
	matrix, err := qr.Encode(code, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddPage()
	pdf.SetFont("Helvetica", "", 12)
	pdf.Text(20, 20, "Finance, file 4722")
	for y := range matrix.Bounds().Dy() {
		for x := range matrix.Bounds().Dx() {
			if r, _, _, _ := matrix.At(x, y).RGBA(); r == 0 {
				pdf.Rect(30+float64(x), 30+float64(y), 1, 1, "F")
			}
		}
	}
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// each8 packs shades in one bit each.
func each8(pix []byte) []byte {
	return bits(&image.Gray{Pix: pix, Stride: wide, Rect: image.Rect(0, 0, wide, high)}, 1)
}

// One page is one picture, however it is stored.
func TestEveryKindIsRead(t *testing.T) {
	for name, raw := range kinds(t) {
		if got := read(t, raw); !Is(raw) || !slices.Equal(got, []string{code}) {
			t.Errorf("%s: %q", name, got)
			if dir := os.Getenv("HARKARA_KEEP"); dir != "" {
				_ = os.WriteFile(filepath.Join(dir, name+".pdf"), raw, 0o600)
			}
		}
	}
}
