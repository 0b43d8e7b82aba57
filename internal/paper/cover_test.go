package paper

import (
	"bytes"
	"encoding/xml"
	"image"
	stdraw "image/draw"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/multi/qrcode"
	"github.com/makiuchi-d/gozxing/oned"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	english = "Grant of ex-post facto sanction for repair of the boundary wall of Government Girls High School, Killi Ismail, Quetta"
	urdu    = "گورنمنٹ گرلز ہائی سکول کلی اسماعیل کوئٹہ کی چاردیواری کی مرمت کے لیے فنڈز کی منظوری"
	mixed   = "محکمہ خزانہ کی چٹھی No. FD(R-I)2-5/2013 مورخہ 12 مارچ 2026 بابت Supplementary Grant برائے سال 2025-26"
)

// machine returns the machine's fonts; tests that need Urdu are skipped without,
// except where CI demands them.
func machine(t testing.TB) *Fonts {
	t.Helper()
	fonts, err := MachineFonts()
	if err != nil {
		t.Fatal(err)
	}
	if !fonts.Urdu() {
		lacking(t, ErrFont.Error())
	}
	return fonts
}

func lacking(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

func sample(subject string) Cover {
	return Cover{
		Code: label.New(label.File, 4738291102), Number: "No.S.O-(O&M) 2(5)/2013-S&GAD", Subject: subject,
		Department: custody.Name{En: "Services and General Administration", Ur: "سروسز و جنرل ایڈمنسٹریشن"},
		Opened:     time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
	}
}

// read returns what gozxing reads in an image: the texts of all QR codes, and of
// the Code 128.
func read(t *testing.T, img image.Image) (qr []string, bars string) {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	found, err := qrcode.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
	if err != nil {
		t.Errorf("read QR: %v", err)
	}
	for _, r := range found {
		qr = append(qr, r.GetText())
	}
	result, err := oned.NewCode128Reader().Decode(bitmap, hints)
	if err != nil {
		t.Errorf("read Code 128: %v", err)
		return qr, ""
	}
	return qr, result.GetText()
}

func checkRead(t *testing.T, img image.Image, want label.Code) {
	t.Helper()
	qr, bars := read(t, img)
	if len(qr) != 2 || qr[0] != string(want) || qr[1] != string(want) {
		t.Errorf("read QR codes %q, want %s twice", qr, want)
	}
	if bars != string(want) {
		t.Errorf("read Code 128 %q, want %s", bars, want)
	}
}

func TestCoversAreReadBack(t *testing.T) {
	fonts := machine(t)
	for dpi, subjects := range map[int]map[string]string{
		100: {"english": english, "urdu": urdu, "none": ""},
		203: {"english": english, "urdu": urdu, "none": ""},
		300: {"mixed": mixed},
	} {
		for _, size := range Sizes {
			for name, subject := range subjects {
				t.Run(name+" "+string(size)+" "+strconv.Itoa(dpi), func(t *testing.T) {
					cover := sample(subject)
					d, err := cover.Draw(fonts, size, dpi)
					if err != nil {
						t.Fatal(err)
					}
					var b bytes.Buffer
					if err := d.WritePNG(&b); err != nil {
						t.Fatal(err)
					}
					img, err := png.Decode(&b)
					if err != nil {
						t.Fatal(err)
					}
					checkRead(t, img, cover.Code)
				})
			}
		}
	}
}

// The PDF is read by somebody else's renderer, at printers' resolutions.
func TestPDFIsReadBack(t *testing.T) {
	pdftoppm, err := exec.LookPath("pdftoppm")
	if err != nil {
		lacking(t, "no pdftoppm: install Debian's package poppler-utils")
	}
	fonts := machine(t)
	for _, dpi := range []int{203, 300} {
		for _, size := range Sizes {
			t.Run(string(size)+" "+strconv.Itoa(dpi), func(t *testing.T) {
				d, err := sample(mixed).Draw(fonts, size, dpi)
				if err != nil {
					t.Fatal(err)
				}
				checkRead(t, rasterise(t, pdftoppm, d), sample("").Code)
			})
		}
	}
}

// renderer is the path of poppler's pdftoppm.
func renderer(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("pdftoppm")
	if err != nil {
		lacking(t, "no pdftoppm: install Debian's package poppler-utils")
	}
	return path
}

// rasterise renders a drawing's PDF at its own resolution.
func rasterise(t *testing.T, pdftoppm string, d *Drawing) image.Image {
	t.Helper()
	dir := t.TempDir()
	var b bytes.Buffer
	if err := WritePDF(&b, d); err != nil {
		t.Fatal(err)
	}
	pdf := filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(pdf, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), pdftoppm, "-r", strconv.Itoa(d.DPI), "-gray", "-png", "-singlefile", pdf, filepath.Join(dir, "page")).CombinedOutput()
	if err != nil || len(out) > 0 { // it reports a broken document and carries on
		t.Fatalf("pdftoppm: %v: %s", err, out)
	}
	file, err := os.ReadFile(filepath.Join(dir, "page.png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

var svgRect = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v(\d+)h-\d+z`)

// The SVG's rectangles painted again carry the codes; the file number cannot break
// out of its text.
func TestSVGIsReadBack(t *testing.T) {
	cover := sample(mixed)
	cover.Number = `</title><script>"1"&`
	d, err := cover.Draw(machine(t), Label, 203)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := d.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, d.Width, d.Height))
	stdraw.Draw(img, img.Rect, image.White, image.Point{}, stdraw.Src)
	for _, m := range svgRect.FindAllStringSubmatch(b.String(), -1) {
		var v [4]int
		for i := range v {
			if v[i], err = strconv.Atoi(m[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		stdraw.Draw(img, image.Rect(v[0], v[1], v[0]+v[2], v[1]+v[3]), image.Black, image.Point{}, stdraw.Src)
	}
	checkRead(t, img, cover.Code)

	letters, defined := 0, map[string]bool{}
	for x := xml.NewDecoder(&b); ; {
		token, err := x.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, attr := range element.Attr {
			switch {
			case element.Name.Local == "script":
				t.Fatal("the file number became a script")
			case attr.Name.Local == "id":
				defined[attr.Value] = true
			case attr.Name.Local == "href":
				if letters++; !defined[strings.TrimPrefix(attr.Value, "#")] {
					t.Errorf("outline %s is used and not defined", attr.Value)
				}
			}
		}
	}
	if letters != len(d.glyphs) || len(defined) >= letters {
		t.Errorf("%d letters of %d outlines, want %d letters", letters, len(defined), len(d.glyphs))
	}
}

// Drawing from several goroutines gives what one gives.
func TestFontsAreShared(t *testing.T) {
	fonts := machine(t)
	render := func(subject string) []byte {
		d, err := sample(subject).Draw(fonts, Label, 100)
		if err != nil {
			t.Error(err)
			return nil
		}
		return d.Image().Pix
	}
	subjects := []string{english, urdu, mixed}
	var want [][]byte
	for _, subject := range subjects {
		want = append(want, render(subject))
	}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			if !bytes.Equal(render(subjects[i%3]), want[i%3]) {
				t.Errorf("subject %d differs", i%3)
			}
		})
	}
	wg.Wait()
}

func TestDrawRefuses(t *testing.T) {
	fonts := machine(t)
	for name, draw := range map[string]func() (*Drawing, error){
		"a code that is none":     func() (*Drawing, error) { return Cover{Code: "10473829110299"}.Draw(fonts, Label, 300) },
		"no code":                 func() (*Drawing, error) { return Cover{}.Draw(fonts, Label, 300) },
		"an unknown size":         func() (*Drawing, error) { return sample("").Draw(fonts, "a3", 300) },
		"a resolution too coarse": func() (*Drawing, error) { return sample("").Draw(fonts, Label, 10) },
		"a resolution too fine":   func() (*Drawing, error) { return sample("").Draw(fonts, Label, 100_000) },
	} {
		if d, err := draw(); err == nil || d != nil {
			t.Errorf("%s: drawn, error %v", name, err)
		} else if !strings.Contains(err.Error(), "cover") {
			t.Errorf("%s: error %q does not say what was drawn", name, err)
		}
	}
}

func BenchmarkImage(b *testing.B) {
	machine(b)
	cover := sample(urdu)
	for b.Loop() {
		if _, err := cover.Image(150); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFindFonts(b *testing.B) {
	for b.Loop() {
		if _, err := FindFonts(FontFolders()...); err != nil {
			b.Fatal(err)
		}
	}
}
