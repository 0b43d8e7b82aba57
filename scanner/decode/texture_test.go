package decode

import (
	"flag"
	"fmt"
	"image"
	"image/draw"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"

	"harkara/internal/label"
)

// printed is a cover of A6 at so many dots an inch, as share of light: a QR of 21 mm and
// bars of 66 mm in ink of 0.08 on paper of 0.8.
func printed(t testing.TB, text string, dpi float64, only Format) (shade func(x, y int) float64, w, h int) {
	t.Helper()
	dots := func(mm float64) int { return int(math.Round(mm / 25.4 * dpi)) }
	square, err := qr.Encode(text, qr.H, qr.Numeric)
	if err != nil {
		t.Fatal(err)
	}
	module := dots(1)
	scaled, err := barcode.Scale(square, module*square.Bounds().Dx(), module*square.Bounds().Dx())
	if err != nil {
		t.Fatal(err)
	}
	bars, err := code128.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	narrow := dots(0.75)
	lines, err := barcode.Scale(bars, narrow*bars.Bounds().Dx(), dots(16))
	if err != nil {
		t.Fatal(err)
	}
	w, h = dots(148), dots(105)
	page := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	if only != Code128 {
		draw.Draw(page, scaled.Bounds().Add(image.Pt(w-dots(30), dots(8))), scaled, image.Point{}, draw.Src)
	}
	if only != QR {
		draw.Draw(page, lines.Bounds().Add(image.Pt(w-dots(10)-lines.Bounds().Dx(), dots(75))), lines, image.Point{}, draw.Src)
	}
	for i := range 12 { // lines of print
		y := dots(12 + 5*float64(i))
		for x := dots(8); x < dots(70); x++ {
			if x/dots(0.6)*7919%5 < 2 {
				for d := range dots(2) {
					page.Pix[(y+d)*page.Stride+x] = 0
				}
			}
		}
	}
	return func(x, y int) float64 {
		if x < 0 || y < 0 || x >= w || y >= h || page.Pix[y*page.Stride+x] > 127 {
			return 0.8
		}
		return 0.08
	}, w, h
}

// texture is what lies over a cover or what it is printed with: the light of a pixel
// where the cover itself has so much.
type texture struct {
	name  string
	dpi   float64
	light func(x, y int, v float64) float64
}

func textures() []texture {
	var all []texture
	for _, dpi := range []float64{300, 600} {
		for _, pitch := range []int{6, 8, 10, 14, 19, 24, 30} {
			for _, thick := range []int{1, 2, pitch / 4} {
				all = append(all, texture{fmt.Sprintf("grid of %d with lines of %d at %.0f", pitch, thick, dpi), dpi, func(x, y int, v float64) float64 {
					if x%pitch < thick || y%pitch < thick {
						return v * 0.45
					}
					return v
				}})
			}
		}
		for _, ruling := range []float64{45, 60, 85, 100, 133} {
			for _, angle := range []float64{0, 15, 45, 75} {
				period := dpi / ruling
				sin, cos := math.Sincos(angle * math.Pi / 180)
				all = append(all, texture{fmt.Sprintf("halftone of %.0f lines turned by %.0f at %.0f", ruling, angle, dpi), dpi, func(x, y int, v float64) float64 {
					u, w := float64(x)*cos+float64(y)*sin, float64(y)*cos-float64(x)*sin
					cell := (2 + math.Cos(2*math.Pi*u/period) + math.Cos(2*math.Pi*w/period)) / 4
					if v > cell {
						return 1
					}
					return 0
				}})
			}
		}
		for _, pitch := range []float64{3.3, 4.7, 6.1, 9.4} { // a screen's stripes as a camera's pixels meet them
			all = append(all, texture{fmt.Sprintf("stripes of %.1f at %.0f", pitch, dpi), dpi, func(x, y int, v float64) float64 {
				return v * (0.55 + 0.45*math.Cos(2*math.Pi*(float64(x)+0.05*float64(y))/pitch))
			}}, texture{fmt.Sprintf("a screen's dots of %.1f at %.0f", pitch, dpi), dpi, func(x, y int, v float64) float64 {
				return v * (0.4 + 0.35*math.Cos(2*math.Pi*float64(x)/pitch) + 0.25*math.Cos(2*math.Pi*float64(y)/pitch*1.01))
			}})
		}
	}
	return all
}

// over is the cover with the texture.
func (x texture) over(t testing.TB, text string, only Format) *Gray {
	shade, w, h := printed(t, text, x.dpi, only)
	g := newGray(w, h)
	for i := range g.Pix {
		g.Pix[i] = byte(255 * min(1, max(0, x.light(i%w, i/w, shade(i%w, i/w)))))
	}
	return g.reduced()
}

var everyTexture = flag.Bool("textures", false, "look at covers behind every texture, not only some")

// A code is found behind or in whatever fine texture, quickly unless the texture is too
// faint to show and there are only bars.
func TestCodesBehindFineTexture(t *testing.T) {
	text := string(label.New(label.File, 40_718_265_933))
	reader := New()
	for i, x := range textures() {
		if !*everyTexture && i%9 != 0 {
			continue
		}
		for _, only := range []Format{"", QR, Code128} {
			g := x.over(t, text, only)
			for _, effort := range []Effort{Quick, Full} {
				budget := 4 * quickBudget // what shares the processor makes the same work dearer
				if effort == Full {
					budget = 4 * fullBudget
				}
				r := reader.Decode(g, Options{Effort: effort, Budget: budget})
				if faint := effort == Quick && only == Code128 && reader.density < grainy; len(r.Symbols) == 0 && !faint || len(r.Symbols) > 0 && r.Symbols[0].Text != text {
					t.Errorf("%s, %s effort, only %q: %+v", x.name, effort, only, r)
				}
			}
		}
	}
}

// pictures are covers behind a grid and in a halftone, of which nothing was read.
func TestPicturesOfCases(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "cases")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no cases: %v", err)
		}
		t.Skipf("no cases: %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "pictures", "*.*"))
	streams, _ := filepath.Glob(filepath.Join(dir, "jpeg", "*.*"))
	if files = append(files, streams...); len(files) < 5 {
		t.Fatalf("only %d cases", len(files))
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		g, err := Load(t.Context(), f)
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, effort := range []Effort{Quick, Full} {
			if r := New().Decode(g, Options{Effort: effort}); len(r.Symbols) != 1 || r.Symbols[0].Text != "16980329642303" {
				t.Errorf("%s, %s: %+v", filepath.Base(name), effort, r)
			}
		}
		if code, err := All(t.Context(), g).Code(); err != nil || code != "16980329642303" {
			t.Errorf("%s: %s %v", filepath.Base(name), code, err)
		}
	}
}
