package decode

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/code39"
	"github.com/boombuler/barcode/qr"

	"harkara/internal/label"
)

// patch is a symbol somewhere on a frame.
type patch struct {
	format Format
	text   string
	x, y   int
	height int // of bars; 0: 60
}

// frameOf draws symbols, made by another encoder, on a light desk.
func frameOf(t testing.TB, patches ...patch) *Gray {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 640, 480))
	draw.Draw(img, img.Rect, image.NewUniform(color.Gray{Y: 205}), image.Point{}, draw.Src)
	for _, p := range patches {
		var b barcode.Barcode
		var err error
		w, h := 0, p.height
		switch p.format {
		case QR:
			mode := qr.Numeric
			if strings.Trim(p.text, "0123456789") != "" {
				mode = qr.Unicode
			}
			b, err = qr.Encode(p.text, qr.H, mode)
			if err == nil {
				w = 4 * b.Bounds().Dx()
				h = w
			}
		case Code128:
			b, err = code128.Encode(p.text)
		case Code39:
			b, err = code39.Encode(p.text, false, false)
		}
		if err == nil && w == 0 {
			w = 2 * b.Bounds().Dx()
			if h == 0 {
				h = 60
			}
		}
		if err == nil {
			b, err = barcode.Scale(b, w, h)
		}
		if err != nil {
			t.Fatal(err)
		}
		at := image.Rect(p.x, p.y, p.x+w, p.y+h)
		draw.Draw(img, at.Inset(-24), image.White, image.Point{}, draw.Src)
		draw.Draw(img, at, b, b.Bounds().Min, draw.Src)
	}
	return FromImage(img)
}

func TestViewer(t *testing.T) {
	a, b := string(label.New(label.File, 40_718_265_933)), string(label.New(label.File, 52_000_017_919))
	desk := string(label.New(label.Desk, 9_000_017))
	const old = "FIN-2019-012"
	qrA, qrB := patch{format: QR, text: a, x: 60, y: 60}, patch{format: QR, text: b, x: 300, y: 200}
	barsA := patch{format: Code128, text: a, x: 60, y: 300}
	type look struct {
		at    int // ms
		frame *Gray
		state Sight
		code  string
	}
	empty := frameOf(t)
	for _, tt := range []struct {
		name  string
		looks []look
	}{
		{"a QR is accepted at once, and held", []look{
			{0, empty, Nothing, ""}, {33, frameOf(t, qrA), Accepted, a}, {66, frameOf(t, qrA), Held, a}, {5000, frameOf(t, qrA), Held, a},
		}},
		{"away for less than two seconds is not away", []look{
			{0, frameOf(t, qrA), Accepted, a}, {500, empty, Nothing, ""}, {2000, frameOf(t, qrA), Held, a},
		}},
		{"away for longer is another scan", []look{
			{0, frameOf(t, qrA), Accepted, a}, {500, empty, Nothing, ""}, {1500, empty, Nothing, ""}, {2501, frameOf(t, qrA), Accepted, a},
		}},
		{"a network that stood still takes nothing away", []look{
			{0, frameOf(t, qrA), Accepted, a},
			{5000, frameOf(t, qrA, patch{format: Code128, text: "X-12", x: 60, y: 330}), Held, a},
			{5033, empty, Nothing, ""},
			{12_000, frameOf(t, qrA), Held, a},
			{13_000, empty, Nothing, ""},
			{14_000, empty, Nothing, ""},
			{14_100, frameOf(t, qrA), Accepted, a},
		}},
		{"another file is accepted at once, the first stays held", []look{
			{0, frameOf(t, qrA), Accepted, a}, {300, frameOf(t, qrB), Accepted, b}, {600, frameOf(t, qrA), Held, a},
		}},
		{"two files at once are refused", []look{
			{0, frameOf(t, qrA, qrB), TwoFiles, ""}, {300, frameOf(t, qrB), Accepted, b},
		}},
		{"a file beside a card is refused", []look{
			{0, frameOf(t, qrA, patch{format: QR, text: desk, x: 300, y: 200}), TwoFiles, ""},
		}},
		{"QR and bars of one cover agree", []look{{0, frameOf(t, qrA, barsA), Accepted, a}}},
		{"bars alone, many lines", []look{{0, frameOf(t, barsA), Accepted, a}, {33, frameOf(t, barsA), Held, a}}},
		{"a second file beside the one held is refused", []look{
			{0, frameOf(t, qrA), Accepted, a},
			{33, frameOf(t, qrA, qrB), TwoFiles, ""},
			{66, frameOf(t, qrA, qrB), TwoFiles, ""},
			{99, frameOf(t, qrA, patch{format: QR, text: b, x: 60, y: 330}), TwoFiles, ""},
			{132, frameOf(t, qrA, patch{format: QR, text: b, x: 480, y: 300}), TwoFiles, ""},
			{165, frameOf(t, qrA, patch{format: Code128, text: b, x: 300, y: 330}), TwoFiles, ""},
			{198, frameOf(t, barsA, qrB), TwoFiles, ""},
			{231, frameOf(t, barsA, patch{format: Code128, text: b, x: 60, y: 100}), TwoFiles, ""},
			{264, frameOf(t, qrB), Accepted, b},
		}},
		{"a file held through a refusal is not scanned again", []look{
			{0, frameOf(t, qrA), Accepted, a},
			{1000, frameOf(t, qrA, qrB), TwoFiles, ""},
			{2500, frameOf(t, qrA, qrB), TwoFiles, ""},
			{4000, frameOf(t, qrA, qrB), TwoFiles, ""},
			{4500, frameOf(t, qrA), Held, a},
		}},
		{"somebody else's label, that no old cover could carry", []look{
			{0, frameOf(t, patch{format: Code128, text: "8961234567890", x: 60, y: 300}), Foreign, ""},
		}},
		{"an old cover", []look{
			{0, frameOf(t, patch{format: Code128, text: old, x: 60, y: 300}), Accepted, old},
			{99, frameOf(t, patch{format: Code128, text: old, x: 70, y: 290}), Held, old},
		}},
		{"an old cover in small letters has one code", []look{{0, frameOf(t, patch{format: QR, text: "fin 2019-012", x: 60, y: 60}), Accepted, "FIN2019-012"}}},
		{"an old cover in Code 39", []look{
			{0, frameOf(t, patch{format: Code39, text: old, x: 60, y: 300}), Unsure, old},
			{66, frameOf(t, patch{format: Code39, text: old, x: 60, y: 300}), Unsure, old},
			{99, frameOf(t, patch{format: Code39, text: old, x: 70, y: 290}), Accepted, old},
		}},
		{"two old covers", []look{{0, frameOf(t, patch{format: Code128, text: old, x: 60, y: 300}, patch{format: Code128, text: "FIN-2019-013", x: 60, y: 100}), TwoFiles, ""}}},
		{"a new cover beside what is left of the old one", []look{{0, frameOf(t, qrA, patch{format: Code128, text: old, x: 60, y: 300}), Accepted, a}}},
		{"nothing", []look{{0, empty, Nothing, ""}, {33, &Gray{}, Nothing, ""}, {66, &Gray{Pix: []byte{0}, Stride: 1, W: 1, H: 1}, Nothing, ""}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := NewViewer()
			v.Patience = time.Minute // counts must not hang on a busy machine
			for i, l := range tt.looks {
				got := v.Look(l.frame, time.Duration(l.at)*time.Millisecond)
				if got.State != l.state || string(got.Code) != l.code {
					t.Errorf("look %d: %s %s (%+v), want %s %s", i+1, got.State, got.Code, got, l.state, l.code)
				}
			}
		})
	}
}

// What a lone Code 128 or Code 39 needs: equal reads alone prove nothing.
func TestViewerBelieves(t *testing.T) {
	text := string(label.New(label.File, 40_718_265_933))
	at := func(x, y float64) [4]Point { return [4]Point{{x, y}, {x + 200, y}, {x + 200, y + 60}, {x, y + 60}} }
	bars := func(f Format, lines int, margin float64, corners [4]Point) Symbol {
		return Symbol{Text: text, Format: f, Lines: lines, Margin: margin, Corners: corners}
	}
	here, aside, below := at(60, 300), at(63, 300), at(60, 320)
	turned := here
	turned[2].X, turned[3].X = turned[2].X+3, turned[3].X+3 // other lines of slanted bars
	for _, tt := range []struct {
		name          string
		before, now   Symbol
		after         time.Duration
		first, second bool
	}{
		{"margin and lines", bars(Code128, 3, 0.2, here), bars(Code128, 3, 0.2, here), 33, true, true},
		{"margin, then displaced", bars(Code128, 1, 0.2, here), bars(Code128, 1, 0.2, aside), 33, false, true},
		{"margin, then displaced too late", bars(Code128, 1, 0.2, here), bars(Code128, 1, 0.2, aside), 1500, false, false},
		{"margin, along the bars", bars(Code128, 1, 0.2, here), bars(Code128, 1, 0.2, below), 33, false, false},
		{"margin, other lines of slanted bars", bars(Code128, 1, 0.2, here), bars(Code128, 1, 0.2, turned), 33, false, false},
		{"margin, equal reads", bars(Code128, 1, 0.2, here), bars(Code128, 1, 0.2, here), 33, false, false},
		{"lines and displaced, no margin", bars(Code128, 7, 0.05, here), bars(Code128, 7, 0.05, aside), 33, false, false},
		{"Code 39 has no margin", bars(Code39, 3, 0, here), bars(Code39, 3, 0, aside), 33, false, true},
		{"Code 39, few lines", bars(Code39, 2, 0, here), bars(Code39, 2, 0, aside), 33, false, false},
		{"Code 39, still", bars(Code39, 7, 0, here), bars(Code39, 7, 0, here), 33, false, false},
	} {
		v := NewViewer()
		if got := v.believed(tt.before, 0); got != tt.first {
			t.Errorf("%s: first believed: %t", tt.name, got)
		}
		if got := v.believed(tt.now, tt.after*time.Millisecond); got != tt.second {
			t.Errorf("%s: then believed: %t", tt.name, got)
		}
	}
}

// noisy is a frame of a still camera: the same but for the noise.
func noisy(g *Gray, random *rand.Rand, deviation float64) *Gray {
	out := newGray(g.W, g.H)
	for y := range g.H {
		for x, v := range g.row(y) {
			out.Pix[y*out.Stride+x] = uint8(max(0, min(255, float64(v)+random.NormFloat64()*deviation)))
		}
	}
	return out
}

// A still Code 39 does not pass for displaced, however much noise moves what is read.
func TestNoiseIsNoDisplacement(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	frame := frameOf(t, patch{format: Code39, text: "FIN-2019-012", x: 60, y: 300})
	for _, deviation := range []float64{6, 12, 24} {
		v, unsure := NewViewer(), 0
		v.Patience = time.Minute
		for i := range 20 {
			switch got := v.Look(noisy(frame, random, deviation), time.Duration(i)*33*time.Millisecond); got.State {
			case Unsure:
				unsure++
			case Nothing:
			default:
				t.Errorf("noise of %.0f levels, frame %d: %s", deviation, i+1, got.State)
			}
		}
		if unsure == 0 {
			t.Errorf("noise of %.0f levels: never read", deviation)
		}
	}
}
