package paper

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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
	for _, dpi := range []int{100, 203, 300} {
		for _, size := range Sizes {
			for name, subject := range map[string]string{"english": english, "urdu": urdu, "none": ""} {
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
	if err != nil {
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
