package paper

import (
	"image"
	"os/exec"
	"strconv"
	"testing"

	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
	"pgregory.net/rapid"

	"harkara/internal/label"
)

func anyCode(t *rapid.T) label.Code {
	return label.New(rapid.SampledFrom(label.Kinds[:]).Draw(t, "kind"), rapid.Uint64Range(0, 99_999_999_999).Draw(t, "serial"))
}

// Another encoder draws the same bars: 14 digits have one shortest form in set C.
func TestBarsAgreeWithAnotherEncoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := anyCode(t)
		row, err := barRow(code)
		if err != nil {
			t.Fatal(err)
		}
		other, err := code128.Encode(string(code))
		if err != nil {
			t.Fatal(err)
		}
		if w := other.Bounds().Dx(); w != barModules {
			t.Fatalf("the other encoder needs %d modules, ours %d", w, barModules)
		}
		for x := range row {
			if r, _, _, _ := other.At(x, 0).RGBA(); row[x] != (r == 0) {
				t.Fatalf("%s: module %d differs", code, x)
			}
		}
	})
}

// Another encoder chooses version 1 too; masks may differ, so ours is read back,
// and must say version 1, level H.
func TestQRIsVersion1LevelH(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := anyCode(t)
		other, err := qr.Encode(string(code), qr.H, qr.Numeric)
		if err != nil {
			t.Fatal(err)
		}
		if w := other.Bounds().Dx(); w != qrModules {
			t.Fatalf("the other encoder needs %d modules, ours %d", w, qrModules)
		}
		matrix, err := qrMatrix(code)
		if err != nil {
			t.Fatal(err)
		}
		bits, err := gozxing.NewSquareBitMatrix(qrModules)
		if err != nil {
			t.Fatal(err)
		}
		for y := range matrix {
			for x, dark := range matrix[y] {
				if dark {
					bits.Set(x, y)
				}
			}
		}
		result, err := decoder.NewDecoder().Decode(bits, nil)
		if err != nil {
			t.Fatal(err)
		}
		if result.GetText() != string(code) || result.GetECLevel() != "H" {
			t.Fatalf("read %q at level %s, want %s at H", result.GetText(), result.GetECLevel(), code)
		}
	})
}

// A corner of 7 x 7 modules is torn off: level H corrects 8 of 26 words.
func TestQRSurvivesATear(t *testing.T) {
	d, err := sample("").Draw(machine(t), Label, 203)
	if err != nil {
		t.Fatal(err)
	}
	img := d.Image()
	module := d.module(1)
	size := (qrModules + 2*qrQuiet) * module
	corner := image.Rect(d.Width-d.dots(4)-size, d.dots(4), d.Width-d.dots(4), d.dots(4)+size)
	for y := corner.Max.Y - 7*module; y < corner.Max.Y; y++ {
		for x := corner.Max.X - 7*module; x < corner.Max.X; x++ {
			img.Pix[img.PixOffset(x, y)] = 0xff
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img.SubImage(corner))
	if err != nil {
		t.Fatal(err)
	}
	matrix, err := bits.GetBlackMatrix()
	if err != nil {
		t.Fatal(err)
	}
	found, err := detector.NewDetector(matrix).Detect(nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := decoder.NewDecoder().Decode(found.GetBits(), nil)
	if err != nil || result.GetText() != string(sample("").Code) {
		t.Fatalf("read %v, %v", result, err)
	}
}

// On paper every bar and space is a whole number of modules, and every module the
// same whole number of dots, as somebody else's renderer prints the PDF.
func TestPrintedBarsAreWholeModules(t *testing.T) {
	pdftoppm, err := exec.LookPath("pdftoppm")
	if err != nil {
		lacking(t, "no pdftoppm: install Debian's package poppler-utils")
	}
	fonts := machine(t)
	cover := sample("")
	row, err := barRow(cover.Code)
	if err != nil {
		t.Fatal(err)
	}
	for _, dpi := range []int{203, 300, 600} {
		t.Run(strconv.Itoa(dpi), func(t *testing.T) {
			d, err := cover.Draw(fonts, Label, dpi)
			if err != nil {
				t.Fatal(err)
			}
			module := d.module(coverLayouts[0].bar)
			img := rasterise(t, pdftoppm, d)
			y := d.Height - d.dots(20) // through the bars, right of the QR
			start, end := d.Width/3, d.Width-1
			for !dark(img, start, y) {
				start++
			}
			for !dark(img, end, y) {
				end--
			}
			if got := end + 1 - start; got != barModules*module {
				t.Fatalf("the bars are %d dots wide, want %d modules of %d", got, barModules, module)
			}
			for x := start; x <= end; x++ {
				if dark(img, x, y) != row[(x-start)/module] {
					t.Fatalf("dot %d of module %d is wrong", (x-start)%module, (x-start)/module)
				}
			}
			for x := start - barQuiet*module; x < start; x++ {
				if dark(img, x, y) {
					t.Fatalf("the quiet zone is printed on at dot %d", x)
				}
			}
		})
	}
}

func dark(img image.Image, x, y int) bool {
	r, _, _, _ := img.At(x, y).RGBA()
	return r < 0x8000
}
